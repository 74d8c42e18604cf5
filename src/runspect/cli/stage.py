"""How far a run has come, and every step on the way: when, who, why, and what its gates said then.

runspect stage -C ~/exp RUN [--json]

Exit code 1: nothing was ever said of its stage.
"""

from __future__ import annotations

import argparse

from runspect.cli import output, scope
from runspect.cli.gating import history_line
from runspect.masking import printable


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("run", metavar="RUN", help="uid, unique prefix of one, name or path")
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Print the stage and its history, oldest first."""
    with scope.opened(args) as workspace:
        found = workspace.stages(scope.placed(args.run), args.show_secrets)
    if args.json:
        output.write_json({key: found[key] for key in ("uid", "name", "stage", "history")})
    else:
        output.write_line(f"{printable(found['name'])}: {found['stage']}")
        for each in found["history"]:
            output.write_line(f"  {history_line(each)}")
    return 0 if found["history"] else 1
