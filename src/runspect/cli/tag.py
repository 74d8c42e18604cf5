"""Add tags to a run, or take them away.

runspect tag RUN baseline                   add one
runspect tag RUN +good -broken              add and take away
runspect tag --query 'lr > 0.1' too-hot     many runs at once
runspect tag -- -rf +-x                     behind `--` a run may begin with a dash; so may a tag behind its sign
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from runspect.cli import marking, scope
from runspect.cli.parser import Parser
from runspect.errors import UsageError
from runspect.model import Json
from runspect.workspace import Workspace


def configure(parser: Parser) -> None:
    """Declare the arguments."""
    parser.signed = True
    marking.add_runs(parser)
    parser.add_argument(
        "words", nargs="*", metavar="RUN TAG", help="a run and its tags, +TAG or TAG, -TAG; with --query tags alone"
    )
    parser.add_argument(
        "-r", "--remove", metavar="TAG", action="append", default=[], help="take this tag away (repeatable)"
    )
    parser.add_argument("-f", "--force", action="store_true", help="give a tag that the policy does not allow, too")


def run(args: argparse.Namespace) -> int:
    """Write the tags.

    Raises:
        UsageError: No tag, or one that is no word or that the policy does not allow.
    """
    runs, tags = ([], args.words) if args.query is not None else (args.words[:1], args.words[1:])
    removed = [checked_tag(tag) for tag in (*args.remove, *(tag[1:] for tag in tags if tag.startswith("-")))]
    added = [checked_tag(tag.removeprefix("+")) for tag in tags if not tag.startswith("-")]
    if not added and not removed:
        raise UsageError("which tag? runspect tag RUN TAG…, +TAG or -TAG")
    if both := [tag for tag in added if tag in removed]:
        raise UsageError(f"{both[0]!r} cannot be added and taken away at once")
    keys: dict[str, Json] = {f"tag:{tag}": True for tag in added} | {f"tag:{tag}": False for tag in removed}
    with scope.opened(args) as workspace:
        found = marking.targets(workspace, runs, args.query)
        if added and not args.force:
            allow(workspace, [target.rid for target in found], added)
        marking.write(workspace, args, found, [keys] * len(found), "tagged" if added else "untagged")
    return 0


def allow(workspace: Workspace, rids: Sequence[int], added: Sequence[str]) -> None:
    """Refuse what the policy of a run does not allow.

    Raises:
        UsageError: It does not.
    """
    from runspect.workspace.tag_rules import check_tags  # reading TOML takes a while to import

    try:
        check_tags(workspace, rids, added)
    except UsageError as error:
        raise UsageError(f"{error} (--force gives it all the same)") from error


def checked_tag(tag: str) -> str:
    """The tag, if it may be one.

    Raises:
        UsageError: It is no single word.
    """
    tag = tag.strip()
    if not tag or any(char.isspace() or char == "," for char in tag):
        raise UsageError(f"{tag!r}: a tag is one word without spaces or commas")
    return tag
