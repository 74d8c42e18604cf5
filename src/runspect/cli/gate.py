"""Whether a run may come to a stage: each criterion of the policy's gates, with what speaks for it. Exit code 0 or 1.

runspect gate -C ~/exp RUN                        the next stage
runspect gate RUN --to production --report review.md --json

The gates are the tables [gates.NAME] of the policy, `runspect.toml`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from runspect.cli import output, scope
from runspect.cli.gating import gate_lines, heading
from runspect.errors import UsageError
from runspect.workspace.digests import digest


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("run", metavar="RUN", help="uid, unique prefix of one, name or path")
    parser.add_argument(
        "--to", default="", metavar="STAGE", help="the stage that it is to come to; the next one without"
    )
    parser.add_argument("--report", type=Path, metavar="FILE", help="the report that would be handed in")
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Print the criteria; exit code 1 when one is not met or cannot be told.

    Raises:
        UsageError: There is no such stage, or no gate leads there.
    """
    with scope.opened(args) as workspace:
        report = digest(args.report) if args.report is not None else None
        found = workspace.gate(scope.placed(args.run), args.to, report)
    gate = found["gate"]
    if gate is None:
        if found["to"] is None:
            raise UsageError(f"{found['name']} is in the last stage, {found['stage']}; --to names another one")
        raise UsageError(
            f"no gate leads {found['name']} from {found['stage']} to {found['to']}: write [gates.{found['to']}] in runspect.toml"
        )
    if args.json:
        output.write_json({key: found[key] for key in ("uid", "name", "stage")} | gate)
    else:
        output.write_line(heading(found["name"], found["stage"], gate))
        for line in gate_lines(gate, output.terminal_width()):
            output.write_line(line)
    return 0 if gate["passes"] else 1
