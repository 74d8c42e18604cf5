"""What one transaction stores: everything that waits, or all of it that concerns some runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import duckdb

from runspect.index import records, series_rows, writing, written
from runspect.index.generations import Change
from runspect.index.ledger import Ledger
from runspect.index.problem_book import COLUMNS as PROBLEM_COLUMNS
from runspect.index.reads.told import Head, Series
from runspect.index.rows import insert_rows
from runspect.index.run_data import RunData
from runspect.index.waiting import Row, Waiting

_RUN_COLUMNS = (*records.RUN_COLUMNS, "problems")


def write(cursor: duckdb.DuckDBPyConnection, upd: int, part: Waiting, ledger: Ledger) -> Change:
    """Store `part`; what that changes."""
    touched = {rid: data for rid in sorted(part.touched) if (data := ledger.memory.at_hand(rid)) is not None}
    writing.write_points(cursor, part, upd)
    series = series_rows.changed_rows(cursor, touched.values(), ledger.names, ledger.stale)
    insert_rows(cursor, "series", series_rows.COLUMNS, series, upd)
    _correct_steps(part, touched.values(), ledger)
    told = part.placed | _told(part, touched.values(), ledger)
    fresh = {data.rid for data in touched.values() if data.fresh}
    writing.write_told(cursor, part, list(touched.values()), upd)
    runs = [(*ledger.runs[rid].row(), ledger.problem_count(rid)) for rid in sorted(part.runs)]
    insert_rows(cursor, "runs", _RUN_COLUMNS, runs, upd)
    writing.write_places(cursor, part, upd)
    rows = [row for key in sorted(part.problems) for row in ledger.problems.rows(key, ledger.first_teller(key))]
    insert_rows(cursor, "problems", PROBLEM_COLUMNS, rows, upd)
    return Change(
        frozenset(touched.keys() | part.runs | told),
        frozenset(told),
        frozenset(part.judged),
        frozenset(part.moved),
        *_as_read(
            [row for row in runs if row[0] not in fresh], [row for row in series if row[0] not in fresh], part, ledger
        ),
    )


def _as_read(
    runs: Sequence[Row], series: Sequence[Row], part: Waiting, ledger: Ledger
) -> tuple[dict[int, Head | None], dict[int, dict[str, Series | None]]]:
    """The rows of runs and of summaries that somebody may have read before.

    None of either where one kind is too many, or the journal's rows are among them.
    """
    if part.remembered or max(len(runs), len(series)) > written.MOST_ROWS:
        return {}, {}
    return written.heads(_RUN_COLUMNS, runs), written.series(series, ledger.names)


def _correct_steps(part: Waiting, touched: Iterable[RunData], ledger: Ledger) -> None:
    """How far runs are, now that their series are counted: fewer steps than before where a file tells less than it did."""
    for data in touched:
        record = ledger.runs.get(data.rid)
        steps = data.steps()
        if record is not None and steps is not None and record.steps is not None and steps != record.steps:
            ledger.runs[data.rid] = replace(record, steps=steps)
            part.runs.add(data.rid)


def _told(part: Waiting, touched: Iterable[RunData], ledger: Ledger) -> set[int]:
    """Runs of which more is stored than the newest values of known metrics."""
    told = {
        data.rid for data in touched if data.fresh or data.params_changed or data.facts_changed or data.series_changed
    }
    told |= {int(str(row[1])) for row in part.segments.values()}
    told |= {rid for _, rid in part.ids} | {rid for rid, *_ in part.remembered}
    told |= {int(str(row[0])) for row in part.artifacts}
    for watch, path, _ in part.problems:
        told |= ledger.files.rids(watch, path)
    return told


def renew(cursor: duckdb.DuckDBPyConnection, upd: int, due: Iterable[tuple[int, int]], ledger: Ledger) -> None:
    """Store mean and outline, as of now, of series by (rid, mid)."""
    rows = [series_rows.renewed_row(cursor, upd, ledger.memory.at_hand(rid), mid) for rid, mid in due]
    insert_rows(cursor, "series", series_rows.COLUMNS, [row for row in rows if row is not None], upd)
