"""Set the project of runs. It lies over the one that the tool recorded; their files stay as they are.

runspect project RUN resnets
runspect project --query 'path:old/*' archive-2025
"""

from __future__ import annotations

import argparse

from runspect.cli import marking
from runspect.errors import UsageError


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    marking.add_runs(parser)
    parser.add_argument(
        "words", nargs="*", metavar="RUN PROJECT", help="runs and the project; with --query the project alone"
    )
    parser.add_argument("--clear", action="store_true", help="go back to what the tool recorded")


def run(args: argparse.Namespace) -> int:
    """Write the project.

    Raises:
        UsageError: No project, or an empty one.
    """
    if args.clear:
        return marking.change(args, args.words, lambda: {"project": None}, "took the project of")
    *runs, project = args.words or [""]
    if not project.strip():
        raise UsageError("which project? runspect project RUN… PROJECT, or --clear")
    return marking.change(args, runs, lambda: {"project": project.strip()}, "set the project of")
