"""What could not be read: file, offset, what is wrong with it, and what that takes away."""

from __future__ import annotations

import argparse

from runspect.cli import output, scope
from runspect.counted import counted
from runspect.masking import printable


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Print the problems; exit code 0 also when there are some: they are an answer, not a failure."""
    with scope.opened(args) as workspace:
        if args.json:
            output.write_bytes(workspace.health_json())
            return 0
        problems = workspace.health()
    if not problems:
        output.write_line("No problems: everything that was found could be read.")
        return 0
    for problem in problems:
        offset = "" if problem["offset"] is None else f" at byte {problem['offset']:,}"
        output.write_line(
            f"{printable(problem['path'])}{offset}: {printable(problem['what'])}; {printable(problem['effect'])}"
        )
    output.narrate(counted(len(problems), "problem"))
    return 0
