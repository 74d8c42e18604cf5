"""List runs: filtered by a query, sorted by any column, as a table or as JSON, CSV or Markdown.

runspect ls -C ~/exp 'val/loss:min < 0.3 and opt in [adamw, lion]' --sort val/loss:min
runspect ls -C ~/exp @ablation            the saved view of that name: its query, columns and order
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from runspect.cli import output, scope
from runspect.cli.parser import count
from runspect.cli.specs import check_columns, names_of, sort_keys
from runspect.counted import counted
from runspect.errors import UsageError
from runspect.model import Json, RunOrder, RunRow, SortKey
from runspect.workspace import Choices, Workspace

if TYPE_CHECKING:
    from runspect.columns import Column
    from runspect.roles import Cell

MAX_NAME = 60
PARAMS = 5
"""Params at most among the usual columns."""
WINDOW = 500


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("query", nargs="*", metavar="QUERY", help="words of the query language; several are one query")
    parser.add_argument(
        "-s",
        "--sort",
        action="append",
        default=[],
        metavar="COLUMN",
        help="sort by; -COLUMN for descending (repeatable, or A,-B)",
    )
    parser.add_argument(
        "--cols",
        metavar="A,B",
        help="columns of the table, instead of the usual ones; 'A, \"B, C\"' where a name needs it",
    )
    parser.add_argument("-n", dest="limit", type=count, metavar="N", help="the first N runs only")
    parser.add_argument("-a", "--archived", action="store_true", help="archived runs too")
    parser.add_argument("--fields", metavar="A,B", help="with --json: only these keys")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true")
    form.add_argument(
        "--csv", action="store_true", help="raw values: times in ISO 8601 UTC, age and took in seconds, lists as JSON"
    )
    form.add_argument("--md", action="store_true", help="a Markdown table")


def defaults(directories: Sequence[Path], query: str, sort: str, show_secrets: bool) -> argparse.Namespace:
    """The arguments of a plain `ls`, for `runspect DIR` where no screen can be drawn."""
    parser = argparse.ArgumentParser()
    configure(parser)
    args = parser.parse_args([])
    args.directories = [str(directory) for directory in directories]
    args.query = [query] if query else []
    args.sort = [sort] if sort else []
    args.show_secrets = show_secrets
    return args


def run(args: argparse.Namespace) -> int:
    """Print the runs."""
    query = " ".join(args.query)
    with scope.opened(args) as workspace:
        _view(workspace, args)
        sort = sort_keys(workspace, args.sort)
        check_columns(workspace, [level.column for level in sort])
        if args.fields and not args.json:
            raise UsageError("--fields goes with --json; a table takes --cols")
        if args.json:
            _json(workspace, query, sort, args)
            return 0
        order = workspace.order(query, sort, archived=args.archived)
        if not order.total and not (args.csv or args.md):
            _nothing(workspace)
        else:
            _table(workspace, order, query, args)
        if order.total and not order.rids:
            _why(workspace, query, args)
    return 0


def _why(workspace: Workspace, query: str, args: argparse.Namespace) -> None:
    """Say why nothing matched."""
    if place := _directory(query):
        output.narrate(f"{place} was looked for in names and paths; the runs of a directory: runspect ls -C {place}")
        return
    from runspect.masking import printable
    from runspect.workspace.hints import hints

    for line in hints(workspace, query, archived=args.archived):
        output.narrate(printable(line))


def _view(workspace: Workspace, args: argparse.Namespace) -> None:
    """What a saved view in front of the query says, where the command line does not."""
    first = args.query[0].partition(" ")[0] if args.query else ""
    if not first.startswith("@"):
        return
    view = workspace.views().named(first[1:]).view
    if not args.sort:
        from runspect.columns.listed import quoted

        args.sort = [quoted(spec) for spec in view.sort]
    args.cols = args.cols or list(view.columns)
    args.archived = args.archived or view.archived


def _json(workspace: Workspace, query: str, sort: Sequence[SortKey], args: argparse.Namespace) -> None:
    fields = args.fields.split(",") if args.fields else None
    shown = {"fields": fields, "archived": args.archived, "show_secrets": args.show_secrets, "limit": args.limit}
    output.write_bytes(workspace.runs_json(query, sort, **shown))


def _nothing(workspace: Workspace) -> None:
    output.narrate(nothing_found(workspace.scope, workspace.seen()))


def nothing_found(directories: Sequence[str], seen: dict[str, int]) -> str:
    """What to tell about a directory without runs: what was looked for, and what is there instead."""
    where = ", ".join(directories) or "all known directories"
    kinds = (
        ", ".join(f"{count:,} {kind or 'without a suffix'}" for kind, count in list(seen.items())[:6])
        or "no files, or none that tells metrics"
    )
    return (
        f"no runs in {where}\n"
        "looked for: files of TensorBoard, W&B, MLflow, Lightning, Hugging Face, Hydra and the other readers of "
        "'runspect doctor', and metrics in JSONL, CSV, TSV, JSON or a console log\n"
        f"saw instead: {kinds}"
    )


def _table(workspace: Workspace, order: RunOrder, query: str, args: argparse.Namespace) -> None:
    # Imported late: `ls --json` needs none of it.
    from runspect import columns
    from runspect.cli.table import plain_table
    from runspect.columns import cells
    from runspect.text_width import cut

    choices = workspace.choices(query)
    # a column that was asked for is no mistake because none of the runs that matched has it
    names = names_of(workspace.choices() if args.cols and query else choices)
    if isinstance(args.cols, str):
        args.cols = list(columns.listed(args.cols, names))
    specs = args.cols or _usual(choices, not (args.csv or args.md))
    chosen = [columns.meant(spec, names) for spec in specs]
    rids = order.rids if args.limit is None else order.rids[: args.limit]
    rows: list[RunRow] = []
    for start in range(0, len(rids), WINDOW):
        rows += workspace.window(rids[start : start + WINDOW], cells.asked(specs), show_secrets=args.show_secrets)
    now = time.time()
    if args.csv:
        output.write_line(output.csv_line(specs))
        for row in rows:
            told = [columns.record(column, value, now) for column, value in zip(chosen, row.values, strict=False)]
            output.write_line(output.csv_line(["" if value is None else _plain(value) for value in told]))
        return
    texts = [[each.text for each in _cells(row, chosen, now, args, ascii_only=not _utf8())] for row in rows]
    titles = [columns.header(column, choices.directions) for column in chosen]
    if args.md:
        output.write_markdown(titles, texts)
        return
    texts = [[cut(text, MAX_NAME) for text in row] for row in texts]
    right = frozenset(i for i, column in enumerate(chosen) if column.align == "right")
    for line in plain_table(titles, texts, output.terminal_width(), right):
        output.write_line(line)
    shown = "" if len(rids) == len(order.rids) else f", {len(rids):,} shown"
    output.narrate(f"{len(order.rids):,} of {counted(order.total)}, {order.live:,} live{shown}")


def _cells(
    row: RunRow, shown: Sequence[Column], now: float, args: argparse.Namespace, *, ascii_only: bool
) -> Iterator[Cell]:
    """What stands in a row; a time up to the last write, where no end was recorded, has a `~`."""
    from runspect.columns import cells

    is_live, is_rough = row.state == "running", cells.ends_unknown(row, len(shown))
    for column, value in zip(shown, row.values, strict=False):
        told = cells.cell(column, value, now, live=is_live, ascii_only=ascii_only, show_secrets=args.show_secrets)
        yield cells.rough(told) if column.spec == "took" and is_rough else told


def _directory(query: str) -> str:
    """The query, where it is the path of a directory: a slip of who comes from another `ls`."""
    is_path = "/" in query or query in (".", "..")
    return query if is_path and os.path.isdir(os.path.expanduser(query)) else ""  # noqa: PTH111, PTH112 - takes any text


def _usual(choices: Choices, sparkline: bool) -> list[str]:
    from runspect import columns

    specs = columns.default_specs(choices.usual_metrics, choices.usual_params[:PARAMS], choices.usual_words)
    return [spec for spec in specs if sparkline or not spec.startswith("~")]


def _plain(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _utf8() -> bool:
    with contextlib.suppress(AttributeError):
        return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    return False
