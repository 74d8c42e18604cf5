"""Every point of one metric, never thinned: a table, --csv, or --json {"step","time","value","segment"}."""

from __future__ import annotations

import argparse

from runspect.cli import output, scope
from runspect.model import Json


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("run", metavar="RUN", help="uid, unique prefix of one, name or path")
    parser.add_argument("metric", metavar="METRIC")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true")
    form.add_argument("--csv", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Print the series."""
    with scope.opened(args) as workspace:
        series = workspace.series(args.run, args.metric)
    if args.json:
        output.write_json(series)
        return 0
    rows = zip(series["step"], series["time"], series["value"], series["segment"], strict=True)
    if args.csv:
        output.write_line("step,time,value,segment")
        for row in rows:
            output.write_line(output.csv_line([_text(value) for value in row]))
        return 0
    output.write_line(f"{'step':>12}  {'value':>24}  time")
    for step, time, value, _segment in rows:
        output.write_line(f"{_text(step):>12}  {_text(value):>24}  {time or '-'}")
    return 0


def _text(value: Json) -> str:
    return "" if value is None else str(value)
