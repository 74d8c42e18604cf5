"""Bring a run back to an earlier stage; kept with who, when and why. No gate is asked.

runspect demote -C ~/exp RUN --why "it leaks the test set"
runspect demote RUN --to exploration --why "superseded"
"""

from __future__ import annotations

import argparse

from runspect.cli import output, scope
from runspect.masking import printable
from runspect.workspace.promoting import Wanted, demote


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("run", metavar="RUN", help="uid, unique prefix of one, name or path")
    parser.add_argument("--why", required=True, metavar="TEXT", help="the reason, kept with it")
    parser.add_argument("--to", default="", metavar="STAGE", help="the stage; the one before without")
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Demote.

    Raises:
        UsageError: There is no why, or no earlier stage.
    """
    with scope.opened(args) as workspace:
        done = demote(workspace, Wanted(scope.placed(args.run), args.why, args.to))
    if args.json:
        output.write_json({"name": done.name, "from": done.before, "stage": done.stage})
    else:
        output.narrate(f"{printable(done.name)}: {done.before} → {done.stage}")
    return 0
