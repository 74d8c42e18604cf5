"""One read-only SQL statement on the index. Views: runs_now, cfg_now, facts_now, series_now, tags_now, ann_now."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from runspect.cli import output, scope
from runspect.cli.parser import count
from runspect.cli.table import plain_table
from runspect.masking import printable
from runspect.model import Json


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("statement", metavar="SQL")
    parser.add_argument("--limit", type=count, default=10_000, help="rows at most (default 10000)")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="a list of objects")
    form.add_argument("--csv", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Print the rows."""
    with scope.opened(args) as workspace:
        answer = workspace.sql(args.statement, args.limit, args.show_secrets)
    if args.json:
        keys = _unequal(answer.columns)
        output.write_json([dict(zip(keys, row, strict=True)) for row in answer.rows])
    elif args.csv:
        output.write_line(output.csv_line(answer.columns))
        for row in answer.rows:
            output.write_line(output.csv_line([_text(value) for value in row]))
    else:
        rows = [[printable(_text(value)) for value in row] for row in answer.rows]
        for line in plain_table([printable(column) for column in answer.columns], rows, output.terminal_width()):
            output.write_line(line)
    if answer.truncated:
        output.narrate(f"more than {args.limit:,} rows: the rest is left out (--limit)")
    return 0


def _unequal(columns: Sequence[str]) -> list[str]:
    """Names of which no two are equal, so that an object holds all values of a row: a, a_1, a_2."""
    keys: list[str] = []
    for column in columns:
        key, number = column, 0
        while key in keys:
            number += 1
            key = f"{column}_{number}"
        keys.append(key)
    return keys


def _text(value: Json) -> str:
    return "" if value is None else str(value)
