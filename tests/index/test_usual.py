"""Runs are picked out of the usual order, and what a question leaves undecided stays in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runspect.index import reads
from runspect.index.reads.scope import Cursor
from runspect.index.reads.table import matching
from runspect.index.store import Store
from runspect.model import SortKey

SCOPE = ("/w",)


@pytest.fixture
def cursor(tmp_path: Path) -> Iterator[Cursor]:
    store = Store.open(tmp_path / "index.duckdb")
    with store.writing() as (writer, upd):
        writer.execute(
            "INSERT INTO runs BY NAME SELECT i AS rid, 'u' || i AS uid, CASE WHEN i < 6 THEN '/w' ELSE '/elsewhere' END AS watch, "
            "'p' || (9 - i) AS path, 'r' || i AS name, '' AS tools, CASE WHEN i = 2 THEN 'running' ELSE 'finished' END AS state, "
            "'' AS reason, TIMESTAMP '2026-01-01' + INTERVAL 1 DAY * (i // 3) AS started, "
            f"false AS hidden, {upd} AS upd FROM range(1, 8) t(i)"
        )
        writer.execute(
            f"INSERT INTO cfg SELECT i, 'lr', i % 2, i % 2, NULL, false, true, {upd} FROM range(1, 8) t(i) WHERE i <> 4"
        )
        writer.execute(f"INSERT INTO ids SELECT 'u' || i, i, {upd} FROM range(1, 8) t(i)")
        writer.execute("INSERT INTO ann VALUES ('a', 1, 'me', 'run:u5', 'archive', 'true')")
    with store.cursor() as reader:
        yield reader
    store.close()


@pytest.mark.parametrize(
    ("query", "sort", "expected"),
    [
        ("", [], [4, 3, 2, 1]),
        ("lr = 1", [], [3, 1]),
        ("name:r state:finished", [], [4, 3, 1]),
        ("", ["lr"], [2, 3, 1, 4]),
        ("", ["state", "lr"], [2, 3, 1, 4]),
        ("lr < 5", ["name"], [1, 2, 3]),
    ],
)
def test_what_a_question_leaves_undecided_stays_in_the_usual_order(
    cursor: Cursor, query: str, sort: list[str], expected: list[int]
) -> None:
    found = reads.order(cursor, SCOPE, query, [SortKey(column) for column in sort])
    assert [*found.rids] == expected
    assert (found.total, found.live) == (4, 1)


def test_archived_runs_are_there_where_they_are_asked_for(cursor: Cursor) -> None:
    assert matching(cursor, SCOPE, "lr < 5", archived=True) == [5, 3, 2, 1]


def test_runs_are_picked_from_those_that_one_remembers(cursor: Cursor) -> None:
    remembered = reads.usual(cursor, ("/elsewhere",))
    found = matching(cursor, SCOPE, "lr < 5", usual_of=lambda cursor, scope: remembered)
    assert found == [*remembered.shown.rids] and set(found) == {6, 7}
