"""Add tags to a run, or take them away: `runspect tag RUN baseline`, `runspect tag RUN --remove broken`.

Many runs at once: `runspect tag --query 'lr > 0.1' too-hot`.
"""

from __future__ import annotations

import argparse

from runspect.cli import marking
from runspect.errors import UsageError
from runspect.model import Json


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    marking.add_runs(parser)
    parser.add_argument("words", nargs="*", metavar="RUN TAG", help="a run and its tags; with --query tags alone")
    parser.add_argument(
        "-r", "--remove", metavar="TAG", action="append", default=[], help="take this tag away (repeatable)"
    )


def run(args: argparse.Namespace) -> int:
    """Write the tags."""
    runs, added = ([], args.words) if args.query is not None else (args.words[:1], args.words[1:])
    if not added and not args.remove:
        raise UsageError("which tag? runspect tag RUN TAG… or --remove TAG")
    keys: dict[str, Json] = {f"tag:{_clean(tag)}": True for tag in added}
    keys |= {f"tag:{_clean(tag)}": False for tag in args.remove}
    return marking.change(args, runs, lambda: keys, "tagged")


def _clean(tag: str) -> str:
    tag = tag.strip().lstrip("+")
    if not tag or any(char.isspace() or char == "," for char in tag):
        raise UsageError(f"{tag!r}: a tag is one word without spaces or commas")
    return tag
