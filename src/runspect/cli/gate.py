"""Whether a run may come to a stage: each criterion of the policy's gates, with what speaks for it. Exit code 0 or 1.

runspect gate -C ~/exp RUN                        the next stage
runspect gate RUN --to production --report review.md --json

The gates are the tables [gates.NAME] of the policy, `runspect.toml`.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from runspect.cli import output, scope
from runspect.cli.gating import gate_lines, heading
from runspect.errors import UsageError
from runspect.workspace.digests import digest
from runspect.workspace.promoting import nowhere_next


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
        raise UsageError(_why_none(found))
    if args.json:
        output.write_json({key: found[key] for key in ("uid", "name", "stage")} | gate)
    else:
        output.write_line(heading(found["name"], found["stage"], gate))
        for line in gate_lines(gate, output.terminal_width()):
            output.write_line(line)
    return 0 if gate["passes"] else 1


def _why_none(found: dict[str, Any]) -> str:
    """Why there is no gate to be asked."""
    name, now, to, stages = found["name"], found["stage"], found["to"], found["stages"]
    if to is None:
        return nowhere_next(name, now, stages)
    if now in stages and stages.index(to) <= stages.index(now):
        return f"{name} is {now} already; gates lead to later stages only"
    return f"no gate leads {name} from {now} to {to}: write [gates.{to}] in runspect.toml"
