"""What is put in comes out: segments, replaced files, resumed runs, twins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from runspect.index import reads
from runspect.index.ingest import Ingest
from runspect.index.records import RunRecord, Source
from runspect.index.rows import insert_rows
from runspect.index.series_rows import COLUMNS
from runspect.index.store import Store
from runspect.model import Evidence, Json, Problem
from runspect.readers.contract import Batch, Cursor, Points

RUN = RunRecord(1, "path:1", "/w", "r", "", "r", ("csv",), Evidence(), "unknown", "because")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "index.duckdb")
    yield opened
    opened.close()


@pytest.fixture
def ingest(store: Store) -> Ingest:
    made = Ingest(store)
    made.put_run(RUN)
    made.put_ids(1, ["path:1"])
    return made


def source(path: str, reader: str = "csv") -> Source:
    return Source("/w", path, 1, reader)


def batch(values: Mapping[str, Sequence[float]], first: int = 0, **more: Json) -> Batch:
    points = {
        name: Points(
            np.arange(first, first + len(listed), dtype=np.int64),
            1e9 + np.arange(first, first + len(listed), dtype=np.float64),
            np.array(listed, dtype=np.float64),
        )
        for name, listed in values.items()
    }
    return Batch(Cursor(offset=1), points=points, **more)


def series(store: Store, metric: str) -> list[Json]:
    with store.cursor() as cursor:
        return reads.series(cursor, (), 1, metric)["value"]


def stored(store: Store, sql: str) -> list[tuple[Json, ...]]:
    with store.cursor() as cursor:
        return list(cursor.execute(sql).fetchall())


def summary(store: Store, metric: str) -> tuple[Json, ...]:
    return stored(store, f"SELECT n, first_v, last_v, lo, hi, last_step FROM series_now WHERE name = '{metric}'")[0]


def test_points_params_and_cursor_become_visible_together(store: Store, ingest: Ingest) -> None:
    file = source("r/a.csv")
    ingest.put_source(file)
    ingest.put_batch(file, batch({"loss": [3, float("nan"), 1]}, params={"lr": 0.1, "name": "x"}), 3)
    assert stored(store, "SELECT * FROM points") == []
    assert ingest.commit() == {1}
    assert series(store, "loss") == [3.0, "NaN", 1.0]
    assert stored(store, "SELECT key, num, val FROM cfg_now ORDER BY key") == [
        ("lr", 0.1, "0.1"),
        ("name", None, '"x"'),
    ]
    assert stored(store, "SELECT offset_bytes FROM sources_now") == [(1,)]
    assert stored(store, "SELECT n, nonfinite, first_nonfinite_step FROM series_now") == [(3, 1, 1)]


def test_a_root_is_known_as_soon_as_one_of_its_runs(store: Store, ingest: Ingest) -> None:
    ingest.put_watch("/w", live=True)
    ingest.put_run(replace(RUN, rid=2, uid="path:2"))
    ingest.commit((1,))
    assert stored(store, "SELECT w.watch, rid FROM watches_now w, runs_now") == [("/w", 1)]
    ingest.put_watch("/v", live=True)
    ingest.put_watch("/w", live=False)
    ingest.commit((2,))
    assert stored(store, "SELECT watch FROM watches_now") == [("/w",)]
    ingest.commit()
    assert stored(store, "SELECT watch FROM watches_now") == [("/v",)]


def test_a_file_read_on_continues_its_series_after_a_restart(store: Store, ingest: Ingest) -> None:
    file = source("r/a.csv")
    ingest.put_source(file)
    ingest.put_batch(file, batch({"loss": [3, 2]}), 3)
    ingest.commit()
    again = Ingest(store)
    held = again.sources[file.identity]
    again.put_batch(held, batch({"loss": [5, 1]}, first=2), 3)
    again.commit()
    again.put_batch(held, batch({"loss": [4]}, first=4), 3)
    again.commit()
    assert series(store, "loss") == [3, 2, 5, 1, 4]
    assert summary(store, "loss") == (5, 3.0, 4.0, 1.0, 5.0, 4)
    assert stored(store, "SELECT count(*) FROM segments_now") == [(1,)]


@pytest.mark.parametrize(
    ("second", "segments"),
    [([3, 2, 1], 1), ([3, 2], 1), ([3, 9, 1], 2), ([3], 2), ([], 2)],
    ids=["longer", "same", "changed", "shorter", "empty"],
)
def test_a_file_written_anew_keeps_what_did_not_change(
    store: Store, ingest: Ingest, second: list[float], segments: int
) -> None:
    file = source("r/state.json")
    ingest.put_source(file)
    ingest.put_whole(file, [batch({"loss": [3, 2]}, params={"a": 1, "b": 2})], 3)
    ingest.commit()
    ingest.put_whole(file, [batch({"loss": second}, params={"a": 5})], 3)
    ingest.commit()
    told = stored(store, "SELECT n FROM series_now WHERE name = 'loss'")
    assert told == ([(len(second),)] if second else [])
    if second:
        assert series(store, "loss") == second
    assert stored(store, "SELECT key, val FROM cfg_now") == [("a", "5")]
    assert stored(store, "SELECT count(DISTINCT segment) FROM segments") == [(min(segments, 2) if second else 1,)]


def test_a_replaced_file_leaves_no_point_of_its_old_self(store: Store, ingest: Ingest) -> None:
    file = source("r/a.csv")
    ingest.put_source(file)
    ingest.put_batch(file, batch({"loss": [3, 2], "gone": [1]}), 3)
    ingest.commit()
    ingest.begin(file)
    ingest.put_batch(file, batch({"loss": [7]}), 3)
    ingest.commit()
    assert series(store, "loss") == [7]
    assert stored(store, "SELECT name FROM series_now") == [("loss",)]
    assert stored(store, "SELECT count(*) FROM points_now") == [(1,)]


def test_a_later_writer_wins_from_its_first_step_on(store: Store, ingest: Ingest) -> None:
    first, second = source("r/1.tfevents", "tfevents"), source("r/2.tfevents", "tfevents")
    for file, start, begin, listed in ((second, 20.0, 3, [30, 40]), (first, 10.0, 0, [0, 1, 2, 3, 4, 5])):
        ingest.put_source(file)
        ingest.put_batch(file, batch({"loss": listed}, first=begin, writer_start=start), 1)
        ingest.commit()
    assert series(store, "loss") == [0, 1, 2, 30, 40]
    assert summary(store, "loss") == (5, 0.0, 40.0, 0.0, 40.0, 4)
    ingest.put_batch(second, batch({"loss": [50]}, first=5), 1)
    ingest.commit()
    assert summary(store, "loss") == (6, 0.0, 50.0, 0.0, 50.0, 5)
    with store.cursor() as cursor:
        assert reads.series(cursor, (), 1, "loss")["segment"] == [0, 0, 0, 1, 1, 1]


def test_the_more_precise_reader_is_shown_and_the_other_listed(store: Store, ingest: Ingest) -> None:
    rough, exact = source("r/events", "tfevents"), source("r/a.csv")
    for file, listed, precision in ((exact, [0.1, 0.2], 3), (rough, [0.5, 0.5, 0.5], 1)):
        ingest.put_source(file)
        ingest.put_batch(file, batch({"loss": listed}), precision)
        ingest.commit()
    assert series(store, "loss") == [0.1, 0.2]
    with store.cursor() as cursor:
        assert b'"also_in":["r/events"]' in reads.run_json(cursor, (), 1)


def test_a_trainers_event_files_are_hidden_behind_its_state(store: Store, ingest: Ingest) -> None:
    state, events = source("r/trainer_state.json", "hf-trainer"), source("r/runs/events", "tfevents")
    for file, names in ((events, ("train/loss", "eval/acc", "train/other")), (state, ("loss", "eval_acc"))):
        ingest.put_source(file)
        ingest.put_batch(file, batch({name: [1, 2] for name in names}), 1)
        ingest.commit()
    shown = [name for (name,) in stored(store, "SELECT name FROM series_now ORDER BY name")]
    assert shown == ["eval_acc", "loss", "train/other"]
    ingest.put_batch(events, batch({"train/loss": [3]}, first=2), 1)
    ingest.commit()
    assert ("train/loss",) in stored(store, "SELECT name FROM series_now")


def test_problems_of_a_file_are_a_set_of_their_own(store: Store, ingest: Ingest) -> None:
    file = source("r/a.csv")
    ingest.put_source(file)
    problem = Problem("/w/r/a.csv", 5, "csv", "torn", "one line is missing")
    ingest.put_batch(file, batch({}, problems=(problem, replace(problem, offset=9))), 3)
    ingest.commit()
    with store.cursor() as cursor:
        assert [row["offset"] for row in reads.problems(cursor, ("/w",))] == [5, 9]
    assert stored(store, "SELECT problems FROM runs_now") == [(2,)]
    ingest.begin(file)
    ingest.commit()
    assert stored(store, "SELECT problems FROM runs_now") == [(0,)]


def test_half_surrogate_pairs_do_not_stop_the_rest(store: Store, ingest: Ingest) -> None:
    file = source("r/a.csv")
    ingest.put_source(file)
    ingest.put_batch(file, batch({"\ud800": [1.0], "loss": [2.0]}, params={"k\udfff": "\ud800"}), 3)
    ingest.commit()
    assert series(store, "loss") == [2.0] and series(store, "\N{REPLACEMENT CHARACTER}") == [1.0]


def test_a_run_whose_rows_outgrew_memory_is_read_back(store: Store, ingest: Ingest) -> None:
    file = source("r/a.csv")
    ingest.put_source(file)
    ingest.put_batch(file, batch({"loss": np.arange(20_000.0).tolist()}), 3)
    ingest.commit()
    ingest.put_batch(file, batch({"loss": np.arange(20_000.0, 30_000).tolist()}, first=20_000), 3)
    ingest.commit()
    assert ingest.renew(float("inf")) == {1}
    assert stored(store, "SELECT n, last_v, mean_tail FROM series_now") == [(30_000, 29_999.0, 28_499.5)]
    # its outline for charts, which shorter ones do without
    assert stored(store, "SELECT rid, stored FROM outlines") == [(1, 30_000)]
    assert stored(store, "SELECT count(*) <= 30000 / 16, min(v), max(v) FROM outline_points") == [(True, 0.0, 29_999.0)]


def test_some_runs_are_stored_whole_and_the_rest_waits(store: Store, ingest: Ingest) -> None:
    ingest.put_run(replace(RUN, rid=2, uid="path:2"))
    ingest.put_ids(2, ["path:2"])
    for rid, path in ((1, "a.csv"), (2, "b.csv")):
        file = Source("/w", path, rid, "csv")
        ingest.put_source(file)
        problems = (Problem(path, 1, "csv", "bad", "left out"),)
        ingest.put_batch(file, batch({"loss": [rid], f"own {rid}": [rid]}, params={"lr": rid}, problems=problems), 3)
    told = {
        table: f"SELECT rid FROM {table} ORDER BY rid"
        for table in ("runs_now", "ids", "cfg_now", "sources_now", "problems_now", "segments_now")
    } | {"points_now": "SELECT DISTINCT rid FROM points_now ORDER BY rid"}
    assert ingest.commit((2,)) == {2}
    assert {table: stored(store, sql) for table, sql in told.items()} == {table: [(2,)] for table in told}
    assert ingest.pending() == 2
    assert ingest.commit() == {1}
    assert {table: stored(store, sql) for table, sql in told.items()} == {table: [(1,), (2,)] for table in told}
    assert stored(store, "SELECT rid, name, n, last_v FROM series_now ORDER BY rid, name") == [
        (1, "loss", 1, 1.0), (1, "own 1", 1, 1.0), (2, "loss", 1, 2.0), (2, "own 2", 1, 2.0)
    ]  # fmt: skip
    assert not ingest.has_changes()


@pytest.mark.parametrize("rows", [1, 9])
def test_few_values_are_stored_like_many(store: Store, rows: int) -> None:
    told = (1, 2, 3, 0, None, None, float("nan"), 5, float("inf"), None, float("nan"), 7, 0.5, None, None, None, True)
    with store.writing() as (cursor, upd):
        insert_rows(cursor, "series", COLUMNS, [told] * rows, upd)
    ((found,),) = [set(map(repr, stored(store, "SELECT * EXCLUDE (upd) FROM series")))]
    assert found == repr(
        (1, 2, 3, 0, None, None, float("nan"), 5, None, float("nan"), None, 7, 0.5, None, None, None, True)
    )


@pytest.mark.parametrize("others", [(), ("r/b.csv",)], ids=["alone", "with another file"])
def test_a_file_that_tells_less_when_it_is_read_again_takes_the_run_back(
    store: Store, ingest: Ingest, others: tuple[str, ...]
) -> None:
    file = source("r/a.csv")
    for path in others:
        ingest.put_source(other := source(path))
        ingest.put_batch(other, batch({"acc": [7, 7, 7]}), 3)
    ingest.put_source(file)
    ingest.put_batch(file, batch({"loss": [3, 2]}, first=544), 3)
    ingest.put_run(replace(RUN, steps=ingest.data(1).steps()))
    ingest.commit()
    again = Ingest(store)
    held = again.sources[file.identity]
    again.begin(held)
    again.put_batch(held, batch({"loss": [3, 2]}, first=10), 3)
    again.put_run(replace(again.runs[1], steps=again.data(1).steps()))
    again.commit()
    assert stored(store, "SELECT steps FROM runs_now") == [(11,)]
    assert summary(store, "loss")[-1] == 11
