"""A metric over the values of two params, as a matrix: mean, spread and how many runs.

runspect pivot -C ~/exp lr batch val/loss:min 'opt:adamw'
"""

from __future__ import annotations

import argparse
from typing import Any

from runspect.cli import output, scope
from runspect.cli.specs import objective
from runspect.cli.table import plain_table
from runspect.columns.cells import value_text
from runspect.masking import printable
from runspect.model import Json
from runspect.practice.grouping import Spread, spread_text


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("row", metavar="ROW", help="the column whose values are the rows")
    parser.add_argument("column", metavar="COLUMN", help="the column whose values are the columns")
    parser.add_argument("metric", nargs="?", metavar="METRIC", help="such as val/loss:min; without it, the main one")
    parser.add_argument("query", nargs="*", metavar="QUERY", help="the runs to look at; all without one")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true")
    form.add_argument("--csv", action="store_true", help="the means alone")
    form.add_argument("--md", action="store_true", help="a Markdown table")


def run(args: argparse.Namespace) -> int:
    """Print the matrix; exit code 1 when no run has both params."""
    with scope.opened(args) as workspace:
        metric = args.metric or objective(workspace)
        found = workspace.pivot(args.row, args.column, metric, " ".join(args.query), args.show_secrets)
    if args.json:
        output.write_json(found)
    elif args.csv:
        output.write_line(output.csv_line([args.row, *map(_text, found["columns"]["values"])]))
        for value, line in zip(found["rows"]["values"], found["cells"], strict=True):
            means = ["" if cell is None or cell["mean"] is None else str(cell["mean"]) for cell in line]
            output.write_line(output.csv_line([_text(value), *means]))
    else:
        _table(found, markdown=args.md)
    return 0 if found["cells"] else 1


def _table(found: dict[str, Any], *, markdown: bool) -> None:
    titles = [f"{found['rows']['by']} \\ {found['columns']['by']}", *map(_text, found["columns"]["values"])]
    best = tuple(found["best"] or ())
    rows = [
        [_text(value), *(_cell(cell, (at, across) == best) for across, cell in enumerate(line))]
        for at, (value, line) in enumerate(zip(found["rows"]["values"], found["cells"], strict=True))
    ]
    if markdown:
        output.write_markdown(titles, rows)
        return
    for line in plain_table(titles, rows, output.terminal_width(), frozenset(range(1, len(titles)))):
        output.write_line(line)
    better = {"down": "lower is better, ", "up": "higher is better, ", None: ""}[found["direction"]]
    output.narrate(printable(f"{found['metric']}: {better}mean ± standard deviation (runs), * the best"))


def _cell(cell: dict[str, Any] | None, is_best: bool) -> str:
    if cell is None or not cell["n"]:
        return "─"
    text, many = spread_text(Spread(**cell), cell["n"]), f" ({cell['n']})" if cell["n"] > 1 else ""
    return f"{text}{many}{' *' if is_best else ''}"


def _text(value: Json) -> str:
    return printable(value_text(value))
