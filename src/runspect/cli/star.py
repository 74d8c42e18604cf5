"""Star runs; --off undoes it. Nothing on disk changes."""

from __future__ import annotations

import argparse

from runspect.cli import marking


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    marking.add_runs(parser)
    parser.add_argument("runs", nargs="*", metavar="RUN")
    parser.add_argument("--off", action="store_true", help="take the star away")


def run(args: argparse.Namespace) -> int:
    """Write the annotation."""
    told = "took the star of" if args.off else "starred"
    return marking.change(args, args.runs, lambda: {"star": None if args.off else True}, told)
