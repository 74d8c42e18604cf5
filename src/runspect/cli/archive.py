"""Put out of sight (archive) runs; --off undoes it. Nothing on disk changes."""

from __future__ import annotations

import argparse

from runspect.cli import marking


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    marking.add_runs(parser)
    parser.add_argument("runs", nargs="*", metavar="RUN")
    parser.add_argument("--off", action="store_true", help="bring back into sight")


def run(args: argparse.Namespace) -> int:
    """Write the annotation."""
    told = "brought back" if args.off else "archived"
    return marking.change(args, args.runs, lambda: {"archive": None if args.off else True}, told)
