"""Take in a table of results that have no logs: CSV or TSV, a header, a row a run.

The runs go to the journal, not to disk beside the table; they are listed below the table's directory (or -C DIR).
Which column is the name, the state, a metric or a param is guessed and said; the options correct it. The table taken in
again changes the same runs; `runspect undo` or --remove takes them back.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from runspect.cli import output, scope
from runspect.counted import counted
from runspect.errors import NotFound, UsageError
from runspect.masking import mask
from runspect.model import IMPORTED, Op
from runspect.practice import table_import
from runspect.practice.table_import import Role, Row
from runspect.readers import lines, tables
from runspect.workspace import Workspace

MOST_RUNS = 100_000
_OPTIONS: tuple[tuple[str, Role, str], ...] = (
    ("--name", "name", "the column of the runs' names"),
    ("--id", "id", "the column that tells runs apart, where names do not"),
    ("--metric", "metric", "a column that is a metric (repeatable)"),
    ("--param", "param", "a column that is a param (repeatable)"),
    ("--state", "state", "the column of states: finished, failed, killed …"),
    ("--tags", "tags", "a column of tags (repeatable)"),
    ("--note", "note", "the column of notes"),
    ("--started", "started", "the column of times of start"),
    ("--step", "step", "the column of the step that the metrics are of"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("table", metavar="CSV", help="the file; - reads stdin, which needs -C DIR")
    for option, role, text in _OPTIONS:
        parser.add_argument(option, dest=role, metavar="COLUMN", action="append", default=[], help=text)
    parser.add_argument("--ignore", metavar="COLUMN", action="append", default=[], help="leave a column out")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be taken in")
    parser.add_argument("--remove", action="store_true", help="take the runs of this table back")
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Take the table in, or back."""
    root, path = _place(args)
    header, rows = _read(args.table)
    ignored = [header.index(name) for name in args.ignore if name in header]
    header = ["" if at in ignored else name for at, name in enumerate(header)]
    chosen: dict[str, Role] = {name: role for _, role, _ in _OPTIONS for name in getattr(args, role)}
    meaning = table_import.roles(header, rows, chosen)
    found = table_import.runs(header, rows, meaning, str(root), path)
    if not found:
        raise NotFound(f"{args.table}: no rows below its header")
    if len(found) > MOST_RUNS:
        raise UsageError(f"{args.table}: {len(found):,} rows; more than {MOST_RUNS:,} runs are not taken in at once")
    if not args.remove:
        output.narrate(_meaning_text(meaning))
    if not args.dry_run:
        args.directories = [str(root)]
        _write(args, found)
    if args.json:
        output.write_json(
            [{"uid": each.uid, **each.told, "tags": list(each.tags), "note": each.note} for each in found]
        )
    return 0


def _write(args: argparse.Namespace, found: Sequence[Row]) -> None:
    with scope.opened(args) as workspace:
        ops = [op for each in found for op in (_undone(each) if args.remove else _ops(each))]
        changed = workspace.annotate(ops)
        workspace.sync()
        many = counted(len(found))
        output.narrate(f"{'took back' if args.remove else 'took in'} {many}" if changed else f"{many}, nothing changed")
        if not args.remove:
            _tell_of_others(workspace, found)


def _ops(each: Row) -> list[Op]:
    target = f"run:{each.uid}"
    ops = [Op(target, IMPORTED, mask("", dict(each.told)))]
    ops += [Op(target, f"tag:{tag}", True) for tag in each.tags]
    return [*ops, Op(target, "note", each.note)] if each.note else ops


def _undone(each: Row) -> list[Op]:
    return [Op(f"run:{each.uid}", IMPORTED, None)]


def _tell_of_others(workspace: Workspace, found: Sequence[Row]) -> None:
    """Runs that an earlier state of the same table gave and that no row of it is any more."""
    listed = json.loads(workspace.runs_json("tools:import", fields=("uid", "root", "path"), archived=True))
    place = os.path.normpath(f"{found[0].told['root']}/{found[0].told['path']}")
    own = {each.uid for each in found}
    others = [
        run for run in listed if run["uid"] not in own and os.path.normpath(f"{run['root']}/{run['path']}") == place
    ]
    if others:
        output.narrate(
            f"{counted(len(others))} of an earlier import {'is a row' if len(others) == 1 else 'are rows'} of it no more, and kept"
        )


def _place(args: argparse.Namespace) -> tuple[Path, str]:
    """The directory whose runs these are, and what the table is called in it."""
    if args.table == "-":
        if not args.directories:
            raise UsageError("a table from stdin needs -C DIR: whose runs are these?")
        return scope.chosen(args.directories[:1])[0], "stdin"
    table = Path(args.table).absolute()
    if not table.is_file():
        raise NotFound(f"{args.table}: no such file")
    real = table.resolve()
    root = scope.chosen(args.directories[:1] or [str(real.parent)])[0]
    return root, str(real.relative_to(root)) if real.is_relative_to(root) else real.name


def _read(table: str) -> tuple[list[str], list[list[str]]]:
    if table == "-":
        text = sys.stdin.read()
    else:
        text, flaws = lines.read_text(Path(table))
        for flaw in flaws:
            output.narrate(f"{table}: {flaw.what}: {flaw.effect}")
    first = next((line for line in text.splitlines() if line.strip()), "")
    cells = [row for row in tables.rows_of(text, tables.sniff(first)) if any(cell.strip() for cell in row)]
    if len(cells) < 2:
        raise NotFound(f"{table}: no table: a header and at least one row are needed")
    return [cell.strip() for cell in cells[0]], cells[1:]


def _meaning_text(meaning: Mapping[str, Role]) -> str:
    by_role: dict[str, list[str]] = {}
    for name, role in meaning.items():
        by_role.setdefault(role, []).append(name)
    parts = [f"{role}: {', '.join(names)}" for role, names in by_role.items()]
    return "; ".join(parts) if parts else "no column has a name"
