"""Give a run another name. The name lies over the run; its files and directories stay as they are."""

from __future__ import annotations

import argparse

from runspect.cli import marking
from runspect.errors import UsageError


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    marking.add_runs(parser)
    parser.add_argument("run", metavar="RUN")
    parser.add_argument("name", nargs="?", metavar="NAME")
    parser.add_argument("--clear", action="store_true", help="go back to its own name")


def run(args: argparse.Namespace) -> int:
    """Write the name."""
    if args.clear == bool(args.name):
        raise UsageError("give a NAME or --clear")
    return marking.change(args, [args.run], lambda: {"name": args.name or None}, "renamed")
