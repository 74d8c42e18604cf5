"""Compare two or more runs: only what differs in params, metrics, environment, code and data.

runspect diff -C ~/exp baseline lr-1e-2
runspect diff -C ~/exp --query 'tag:ablation' --all
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator

from runspect.cli import output, scope
from runspect.cli.table import plain_table
from runspect.columns.cells import value_text
from runspect.diff import Diff, Row, Section, diff_runs
from runspect.errors import NothingMatched, UsageError
from runspect.masking import printable
from runspect.model import Json
from runspect.settings import load_settings

MAX_RUNS = 50


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("runs", nargs="*", metavar="RUN")
    parser.add_argument("-q", "--query", help=f"compare the runs that match (at most {MAX_RUNS})")
    parser.add_argument("-a", "--all", action="store_true", help="what is equal, too")
    parser.add_argument(
        "-i",
        "--ignore",
        action="append",
        default=[],
        metavar="KEY",
        help="leave this key out, globs allowed (repeatable)",
    )
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Print the comparison; exit code 0 whether or not something differs."""
    ignore = (*load_settings(os.environ).ignore, *args.ignore)
    with scope.opened(args) as workspace:
        if args.query is not None:
            rids = workspace.order(args.query).rids
            if not rids:
                raise NothingMatched(f"no run matches {args.query!r}")
            if len(rids) > MAX_RUNS:
                output.narrate(f"{len(rids):,} runs match; the first {MAX_RUNS} are compared")
            wanted: list[str | int] = list(rids[:MAX_RUNS])
        else:
            wanted = list(args.runs)
        if len(wanted) < 2:
            raise UsageError("name at least two runs, or give a --query that matches several")
        runs = [json.loads(workspace.run_json(run, show_secrets=args.show_secrets)) for run in wanted]
        directions = workspace.choices().directions
    diff = diff_runs(runs, differences_only=not args.all, ignore=ignore, directions=directions)
    if args.json:
        output.write_json(as_json(diff, runs))
        return 0
    for line in as_text(diff, output.terminal_width()):
        output.write_line(line)
    return 0


def as_json(diff: Diff, runs: list[dict[str, Json]]) -> dict[str, Json]:
    """`{"runs": [{uid, name}], "sections": [{title, note, same, ignored, rows: [...]}]}`."""
    return {
        "runs": [{"uid": run["uid"], "name": run["name"]} for run in runs],
        "sections": [
            {
                "title": section.title.lower(),
                "note": section.note or None,
                "same": section.same,
                "ignored": section.ignored,
                "rows": [_row_json(row) for row in section.rows],
            }
            for section in diff.sections
        ],
    }


def as_text(diff: Diff, total: int) -> Iterator[str]:
    """Lines for people: a section with what differs, then how much is equal or ignored."""
    for index, section in enumerate(diff.sections):
        if index:
            yield ""
        yield section.title + (f"  ({section.note})" if section.note else "")
        if section.rows:
            titles = ["", *(printable(name) for name in diff.names)]
            for line in plain_table(titles, [_row_text(row) for row in section.rows], total - 2):
                yield f"  {line}"
        rest = _rest(section)
        if rest:
            yield f"  {rest}"


def _row_json(row: Row) -> dict[str, Json]:
    return {
        "key": row.key,
        "values": list(row.values),
        "present": list(row.present),
        "differs": row.differs,
        "changes": list(row.changes),
        "better": row.better,
        "best": sorted(row.best),
        "aggregate": row.aggregate or None,
    }


def _row_text(row: Row) -> list[str]:
    key = printable(row.key) + (f":{row.aggregate}" if row.aggregate else "")
    cells = [value_text(value) if present else "-" for value, present in zip(row.values, row.present, strict=True)]
    marked = [f"{text}{' *' if i in row.best else ''}" for i, text in enumerate(cells)]
    return [key, *(f"{text}  {change}".rstrip() for text, change in zip(marked, row.changes, strict=True))]


def _rest(section: Section) -> str:
    parts = [
        f"{section.same:,} equal" if section.same else "",
        f"{section.ignored:,} ignored" if section.ignored else "",
    ]
    return ", ".join(part for part in parts if part)
