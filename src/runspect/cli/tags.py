"""The tags in use, and changes to one of them on all its runs at once; `runspect undo` takes such a change back.

runspect tags                            each tag with its runs
runspect tags rename OLD NEW             merge: the same, where NEW is in use already
runspect tags merge A B INTO
runspect tags delete OLD

Only tags that people gave are changed; one that a tool recorded stays, and it is said of how many runs.
"""

from __future__ import annotations

import argparse

from runspect.cli import output, scope
from runspect.cli.table import plain_table
from runspect.cli.tag import allow, checked_tag
from runspect.counted import counted
from runspect.errors import UsageError
from runspect.masking import printable
from runspect.workspace import Workspace
from runspect.workspace.tagging import Change, merge_tags

ACTIONS = {"list": (0, 0), "rename": (2, 2), "merge": (2, 99), "delete": (1, 99)}
"""Fewest and most tags behind each action."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("action", nargs="?", default="list", choices=tuple(ACTIONS))
    parser.add_argument("tags", nargs="*", metavar="TAG")
    parser.add_argument("-f", "--force", action="store_true", help="give a tag that the policy does not allow, too")
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """List or change.

    Raises:
        UsageError: Too few or too many tags.
        NotFound: No run has one of them.
    """
    fewest, most = ACTIONS[args.action]
    if not fewest <= len(args.tags) <= most:
        raise UsageError(f"runspect tags {args.action}: {'one tag or more' if most > 2 else 'OLD and NEW'} are needed")
    with scope.opened(args) as workspace:
        if args.action == "list":
            _list(workspace, as_json=args.json)
            return 0
        return _change(workspace, args)


def _change(workspace: Workspace, args: argparse.Namespace) -> int:
    olds, new = (args.tags, "") if args.action == "delete" else (args.tags[:-1], checked_tag(args.tags[-1]))
    if args.action == "rename" and any(entry["name"] == new for entry in workspace.tags()):
        raise UsageError(f"{new!r} is in use already; `runspect tags merge {olds[0]} {new}` makes one of both")

    def check(rids: list[int]) -> None:
        if not args.force:
            allow(workspace, rids, [new])

    change = merge_tags(workspace, olds, new, check if new else None)
    if args.json:
        output.write_json({"changed": change.runs, "left": change.left})
    else:
        output.narrate(printable(told(olds, new, change)))
    return 0 if change.runs else 1


def told(olds: list[str], new: str, change: Change) -> str:
    """What was done, in words."""
    what = f"{' and '.join(olds)} {f'is {new} now' if new else 'was taken away'} on {counted(change.runs)}"
    return what + (f"; {counted(change.left)} keep it, since a tool recorded it" if change.left else "")


def _list(workspace: Workspace, *, as_json: bool) -> None:
    found = workspace.tags()
    if as_json:
        output.write_json(found)
        return
    rows = [
        (printable(tag["name"]), f"{tag['runs']:,}", "" if tag["yours"] else "a tool's" if tag["tools"] else "")
        for tag in found
    ]
    for line in plain_table(("tag", "runs", ""), rows, output.terminal_width(), frozenset((1,))):
        output.write_line(line)
    if not found:
        output.narrate("no run has a tag")
