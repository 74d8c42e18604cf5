"""Bring a run to the next stage on its way into production; kept with who, when, why and what its gates said.

runspect promote -C ~/exp RUN --why "better on every fold"
runspect promote RUN --to production --why "review passed" --report review.md --model out/best.pt --name resnet

Refused, with exit code 1, when a gate is not passed; --force does it all the same, and that is kept, too. The model is the file
that --model names, else the best or last of the run's checkpoints; its size and sha256 are kept, and it gets the next number
of its name. Exit code 0: done.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from runspect.cli import output, scope
from runspect.cli.gating import gate_lines, heading
from runspect.masking import printable
from runspect.workspace.promoting import Done, Wanted, promote


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("run", metavar="RUN", help="uid, unique prefix of one, name or path")
    parser.add_argument("--why", required=True, metavar="TEXT", help="the reason, kept with it")
    parser.add_argument("--to", default="", metavar="STAGE", help="the stage; the next one without")
    parser.add_argument("--report", type=Path, metavar="FILE", help="a report; its digest is kept")
    parser.add_argument("--model", type=Path, metavar="PATH", help="the model's file or directory")
    parser.add_argument("--no-model", action="store_true", help="look for no model among the run's checkpoints")
    parser.add_argument("--name", default="", metavar="NAME", help="what the model is called; the project without")
    parser.add_argument("--force", action="store_true", help="even if a gate is not passed")
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Promote; exit code 1 when a gate refuses.

    Raises:
        UsageError: There is no why or no such stage, or a file cannot be read.
    """
    wanted = Wanted(
        scope.placed(args.run), args.why, args.to, args.report, args.model, args.no_model, args.name, args.force
    )
    with scope.opened(args) as workspace:
        done = promote(workspace, wanted)
    if args.json:
        output.write_json(as_json(done))
    else:
        _tell(done)
    return 1 if done.refused else 0


def as_json(done: Done) -> dict[str, object]:
    """What came of it."""
    return {
        "name": done.name,
        "from": done.before,
        "stage": done.before if done.refused else done.stage,
        "to": done.stage,
        "promoted": not done.refused,
        "gate": done.gate,
        "model": done.model,
        "version": done.version,
        "model_changed": done.changed,
    }


def _tell(done: Done) -> None:
    if done.gate is not None and (done.refused or not done.gate["passes"]):
        output.narrate(heading(done.name, done.before, done.gate))
        for line in gate_lines(done.gate, output.terminal_width()):
            output.narrate(line)
    if done.refused:
        output.narrate(f"refused: {printable(done.name)} stays {done.before}; --force promotes it all the same")
        return
    model = ""
    if done.model is not None and done.version is not None:
        digest = f", sha256 {str(done.model['sha256'])[:12]}" if done.model["sha256"] else ""
        model = f" as {printable(str(done.model['name']))} v{done.version}{digest}"
    gate = " (no gate leads there)" if done.gate is None else ""
    output.narrate(f"{printable(done.name)}: {done.before} → {done.stage}{model}{gate}")
    if done.changed and done.model is not None:
        path = printable(str(done.model["path"]))
        output.narrate(
            f"careful: {path} is not the file any more that it was at the stage before; --model names another one"
        )
