"""Who knows which rows do not count finds the runs that the views find, whatever was written since."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from runspect.errors import RunspectError
from runspect.index import compaction, reads
from runspect.index.reads import narrowing
from runspect.index.store import Store
from runspect.index.superseded import KEYS, SupersededRows
from runspect.model import RunOrder, SortKey
from tests.engine.syncing import Bench, bench, log

QUERIES = (
    "",
    "lr < 0.15",
    "lr = 0.1 or opt.name = adam",
    "opt.name != adam",
    "lr:0",
    "has:opt.name -lr > 0.1",
    "layers:64",
    "cfg.note = none",
    "loss < 0.5",
    "loss:min < 0.3 lr > 0",
    "has:gpu",
    "gpu:h1",
    "differs > 0",
)
SORTS = ((), ("lr",), ("opt.name", "loss"), ("loss",), ("loss:min", "lr"), ("gpu",))


def same(store: Store, rows: SupersededRows, queries: tuple[str, ...] = QUERIES) -> set[object]:
    """The answers of both ways are the same; all of them."""
    found: set[object] = set()
    with store.cursor() as cursor:
        names, runs = reads.names(cursor, ()), reads.usual(cursor, ())
        asked = [*((query, ()) for query in queries), *product(queries[:2], SORTS), (queries[2], SORTS[1])]
        for at, (query, sort) in enumerate(asked):
            keys = [SortKey(column, descending=at % 2 == 0) for column in sort]
            by_views, quick = (
                answered(
                    partial(
                        reads.order,
                        cursor,
                        (),
                        query,
                        keys,
                        known=lambda *_: names,
                        usual_of=lambda *_: runs,
                        superseded_in=known,
                    )
                )
                for known in (narrowing.nobody, rows)
            )
            assert quick == by_views, (query, sort)
            found.add(by_views)
    return found


def answered(ask: Callable[[], RunOrder]) -> object:
    """The runs, or what is wrong: a name may not be there."""
    try:
        return ask().rids
    except RunspectError as error:
        return str(error)


def write(store: Store, rid: int, params: dict[str, object] | None, loss: float | None = None) -> None:
    """All params of a run anew, None for none any more; and its summary of a metric."""
    with store.writing() as (cursor, upd):
        for key, value in (params or {}).items():
            number = float(value) if isinstance(value, int | float) and value is not True else None
            told = [rid, key, number, json.dumps(value), upd]
            cursor.execute("INSERT INTO cfg VALUES (?, ?, ?, ?, 'f', false, true, ?)", told)
            cursor.execute("INSERT INTO cfg VALUES (?, ?, ?, '\"beaten\"', 'g', false, false, ?)", [*told[:3], upd])
        if not params:
            cursor.execute("INSERT INTO cfg VALUES (?, NULL, NULL, NULL, NULL, false, false, ?)", [rid, upd])
        cursor.execute("INSERT INTO facts VALUES (?, 'gpu', NULL, ?, 'f', true, ?)", [rid, f'"h{upd % 3}"', upd])
        cursor.execute(
            "INSERT INTO series BY NAME SELECT ? AS rid, 1 AS mid, 1 AS n, 0 AS nonfinite, coalesce(?, 'NaN'::DOUBLE) AS last_v, "
            "? AS lo, ? IS NOT NULL AS live, ? AS upd",
            [rid, loss, loss, loss, upd],
        )


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store.open(tmp_path / "index.duckdb")
    with made.writing() as (cursor, upd):
        cursor.execute(
            "INSERT INTO runs BY NAME SELECT i AS rid, 'u' || i AS uid, '/w' AS watch, 'p' || i AS path, 'r' || i AS name, "
            f"'' AS tools, 'finished' AS state, '' AS reason, false AS hidden, {upd} AS upd FROM range(1, 9) t(i)"
        )
        cursor.execute("INSERT INTO metrics VALUES (1, 'loss'), (2, 'acc')")
        cursor.execute(f"INSERT INTO ids SELECT 'u' || i, i, {upd} FROM range(1, 9) t(i)")
        cursor.execute("INSERT INTO ann VALUES ('a', 1, 'me', 'place:/w', 'baseline', '\"u1\"')")
    return made


def test_runs_are_found_by_what_they_say_now(store: Store) -> None:
    rows = SupersededRows(store)
    for rid in range(1, 9):
        write(store, rid, {"lr": rid / 20, "opt.name": "adam" if rid % 2 else "sgd", "layers": [64, rid]}, rid / 10)
    assert len(same(store, rows)) > 10
    changes: tuple[Callable[[], None], ...] = (
        lambda: write(store, 1, {"lr": "0.1", "opt.name": None, "note": None}, 0.2),
        lambda: write(store, 2, None, None),
        lambda: write(store, 1, {"lr": float("nan"), "opt.name": {"name": "adam"}}, float("inf")),
        lambda: write(store, 3, {"lr": 0.1}, 0.1),
        lambda: write(store, 3, {"lr": 0.2, "layers": "64"}, None),
        lambda: write(store, 2, {"opt.name": "adam", "lr": True}, 0.3),
    )
    for change in changes:
        change()
        same(store, rows)
    with store.writing() as (cursor, upd):
        cursor.execute(
            f"INSERT INTO runs BY NAME SELECT * REPLACE (true AS hidden, {upd} AS upd) FROM runs WHERE rid = 3"
        )
    same(store, rows)
    for rid in (*range(1, 9),) * 3:
        write(store, rid, {"lr": rid / 30, "opt.name": "adam"}, rid / 20)
    same(store, rows)
    with store.writing() as (cursor, _):
        assert {"cfg", "series"} <= set(compaction.compact(cursor, small=0))
    same(store, rows)
    write(store, 4, {"lr": 0.9}, 0.9)
    same(store, rows)
    store.close()


def test_what_is_known_is_kept_up_with_what_is_written(store: Store) -> None:
    rows = SupersededRows(store)
    with store.cursor() as cursor:
        for rid in (1, 2, 3, 2, 2, 1, 8):
            write(store, rid, {"lr": rid}, rid)
            for table in KEYS:
                kept, found = rows(cursor, table), SupersededRows(store)(cursor, table)
                assert kept is not None and found is not None and kept.upto == found.upto == store.generation
                assert listed(kept) == listed(found), table
    assert [row[0] for row in listed(kept)] == [1, 2]
    store.close()


def listed(known: narrowing.Superseded | None) -> list[tuple[int, ...]]:
    assert known is not None
    return sorted(zip(*(column.tolist() for column in known.keys.values()), strict=True))


def test_a_write_in_between_is_not_there_yet(store: Store) -> None:
    write(store, 1, {"lr": 0.1})
    write(store, 2, {"lr": 0.1})
    rows = SupersededRows(store)
    with store.cursor() as cursor:
        before = {table: rows(cursor, table) for table in KEYS}
        write(store, 1, {"lr": 0.2})
        for query, expected in (("lr = 0.1", {1, 2}), ("lr = 0.2", set())):
            found = reads.order(cursor, (), query, superseded_in=lambda _, table: before[table])
            assert set(found.rids) == expected
        assert set(reads.order(cursor, (), "lr = 0.2", superseded_in=rows).rids) == {1}
    store.close()


def test_many_keys_are_handed_over_as_a_table(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = SupersededRows(store)
    for rid, lr in ((1, 0.1), (2, 0.1), (1, 0.2), (2, 0.05), (3, 0.1)):
        write(store, rid, {"lr": lr}, lr)
    monkeypatch.setattr(narrowing, "WRITTEN_OUT", 1)
    same(store, rows)
    store.close()


def test_metrics_reach_as_far_as_the_views_tell(store: Store) -> None:
    rows = SupersededRows(store)
    for rid, loss in ((1, 0.5), (2, 0.1), (3, 0.9), (2, 0.7), (3, None)):
        write(store, rid, {"lr": rid}, loss)
    with store.cursor() as cursor:
        for query in ("", "lr > 1", "lr > 5"):
            reach = reads.bests(cursor, (), query, ("loss", "loss:min", "acc"), superseded_in=rows)
            assert reach == reads.bests(cursor, (), query, ("loss", "loss:min", "acc"))
        (found,) = reads.bests(cursor, (), "", ("loss",), superseded_in=rows)
    assert (found.runs, found.low, found.high) == (2, 0.5, 0.7)
    store.close()


def test_logs_that_grow_change_and_go(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for at, name in enumerate(("a", "b", "c")):
        log(tree / name, range(3 + at))
        (tree / name / "config.json").write_text(json.dumps({"lr": 0.1 * at, "opt": {"name": "adam"}, "layers": [64]}))
    with bench(tmp_path / "index.duckdb") as running:
        rows = SupersededRows(running.store)
        running.syncer.sync([tree])
        changes: tuple[Callable[[], object], ...] = (
            lambda: log(tree / "a", range(3, 9)),
            lambda: (tree / "a" / "config.json").write_text('{"lr": "0.1", "opt": null}'),
            lambda: (tree / "b" / "config.json").unlink(),
            lambda: shutil.rmtree(tree / "c"),
            lambda: log(tree / "b", range(1)),
            lambda: (tree / "b" / "config.json").write_text('{"lr": NaN, "opt": {"name": "sgd"}}'),
        )
        for change in (lambda: None, *changes):
            change()
            running.syncer.sync([tree])
            same(running.store, rows, QUERIES[:8])
        assert _ever_changed(running, rows)


def _ever_changed(running: Bench, rows: SupersededRows) -> bool:
    with running.store.cursor() as cursor:
        known = rows(cursor, "cfg")
    return known is not None and bool(np.size(known.keys["rid"]))
