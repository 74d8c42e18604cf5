"""What is told of single runs says the same as the views, column by column; what is kept of it is never old."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from runspect.columns import parse_column, value_sql
from runspect.columns.table import COLUMNS
from runspect.index import reads
from runspect.index.annotations import load_ops
from runspect.index.kept import Kept
from runspect.index.reads import listed, table
from runspect.index.reads.cells import value_of
from runspect.index.reads.told import PLAIN, told
from runspect.index.store import Store
from tests.engine.syncing import Bench, bench, log

METRICS = ("loss", "train/acc", "odd")
AGGREGATES = (
    "",
    ":last",
    ":first",
    ":min",
    ":max",
    ":best",
    ":mean",
    ":n",
    ":nan",
    ":min.step",
    ":nan.step",
    ":last.step",
)
SPECS = (
    *(column.name for column in COLUMNS if column.name not in ("differs", "same", "lint", "tidy")), "lr", "cfg.opt", "model.size", "fact.tags", "fact.notes", "fact.git", "nothing",
    "loss - loss:min", "(loss:max + lr) * 2 / train/acc", "took / steps", "ended - started", "opt + 1", "odd / 2", "nothing - 1",
    *(f"{metric}{aggregate}" for metric in METRICS for aggregate in AGGREGATES), *(f"~{metric}" for metric in METRICS),
)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Runs with all that a row may hold, some of it missing, some of it superseded."""
    opened = Store.open(tmp_path / "index.duckdb")
    with opened.writing() as (cursor, upd):
        cursor.execute(f"""
            INSERT INTO runs BY NAME SELECT * FROM (VALUES
                (1, 'u1', '/w', '.', 'k', 'old name', NULL, NULL, 'jsonl', 'running', 'r', NULL, NULL, NULL, NULL,
                 NULL, NULL, NULL, NULL, false, {upd - 1}),
                (1, 'u1', '/w', '.', 'k', 'one', 'pro', 'g', 'jsonl,csv', 'quiet', 'why', TIMESTAMP '2026-01-02 03:04:05.678',
                 NULL, TIMESTAMP '2026-01-02 04:00:00', 9, 'h', 'o', 'u2', 2, false, {upd}),
                (2, 'u2', '/w/', 'a/b', 'k', 'two', NULL, NULL, NULL, 'finished', 'x', NULL, NULL,
                 TIMESTAMP '2026-01-01 00:00:00', NULL, NULL, NULL, NULL, 0, false, {upd}),
                (3, 'u3', '/w', 'c', 'k', 'hidden', NULL, NULL, NULL, 'gone', 'x', NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                 NULL, true, {upd}),
                (4, 'u4', '/w', 'd', 'k', 'four', NULL, NULL, '', 'failed', 'x', TIMESTAMP '2026-01-05 00:00:00',
                 TIMESTAMP '2026-01-04 00:00:00', NULL, 0, NULL, NULL, NULL, 0, false, {upd})
            ) t(rid, uid, watch, path, key, name, project, grp, tools, state, reason, started, ended, updated, steps,
                host, owner, parent, problems, hidden, upd)""")
        cursor.execute(f"INSERT INTO ids SELECT 'u' || i, i, {upd} FROM range(1, 5) t(i)")
        cursor.execute(f"""
            INSERT INTO cfg VALUES (1, 'lr', 0.1, '0.1', 'c.json', false, true, {upd}),
                (1, 'lr', 0.2, '0.2', 'd.json', false, false, {upd}), (1, 'old', 1, '1', 'c.json', false, true, {upd - 1}),
                (1, 'opt', NULL, '"adam"', 'c.json', true, true, {upd}), (1, 'model.size', NULL, '[1, 2]', NULL, false, true, {upd}),
                (2, NULL, NULL, NULL, NULL, false, false, {upd})""")
        cursor.execute(f"""
            INSERT INTO facts VALUES (1, 'tags', NULL, '["x", "off", "ü"]', 'c.json', true, {upd}),
                (1, 'notes', NULL, '"from the tool"', 'c.json', true, {upd}), (1, 'git', NULL, '{{"sha": "1"}}', NULL, true, {upd}),
                (2, 'tags', NULL, '"no list"', 'c.json', true, {upd})""")
        cursor.execute("INSERT INTO metrics VALUES (1, 'loss'), (2, 'train/acc'), (3, 'odd')")
        cursor.execute(f"""
            INSERT INTO series BY NAME SELECT * FROM (VALUES
                (1, 1, 5, 0, NULL, 1, 3.0, 9, 0.5, 0.25, 8, 3.0, 1, 0.4, '8421', true, {upd}),
                (1, 1, 4, 0, NULL, 1, 3.0, 8, 0.6, 0.25, 8, 3.0, 1, 0.4, '842', true, {upd - 1}),
                (1, 2, 2, 0, NULL, 1, 0.1, 2, 0.2, 0.1, 1, 0.2, 2, 0.2, '', false, {upd}),
                (1, 3, 3, 3, NULL, 1, 'NaN'::DOUBLE, 3, 'Infinity'::DOUBLE, NULL, NULL, NULL, NULL, NULL, '000', true, {upd}),
                (4, 2, 1, 1, 7, 7, 'NaN'::DOUBLE, 7, 'NaN'::DOUBLE, NULL, NULL, NULL, NULL, NULL, NULL, true, {upd})
            ) t(rid, mid, n, nonfinite, first_nonfinite_step, first_step, first_v, last_step, last_v, lo, lo_step, hi, hi_step,
                mean_tail, spark, live, upd)""")
    ops = [("run:u1", "name", "mine"), ("run:u1", "tag:own", True), ("run:u1", "tag:off", False), ("run:u1", "star", True),
           ("run:u2", "project", 7), ("run:u2", "note", "a [note]"), ("run:u2", "archive", True), ("run:u2", "star", False),
           ("run:u4", "name", ""), ("run:u4", "note", None), ("view:x", "name", "no run")]  # fmt: skip
    load_ops(opened, [(str(at), at, "ada", *op) for at, op in enumerate(ops)])
    yield opened
    opened.close()


@pytest.mark.parametrize("spec", SPECS)
def test_each_column_is_what_its_sql_finds(store: Store, spec: str) -> None:
    with store.cursor() as cursor:
        names, column = reads.names(cursor, ()), parse_column(spec)
        read = value_of(column, names)
        assert read is not None
        selected = table._selected_rows(cursor, [1, 2, 3, 4], [value_sql(column, names)])
        found = table._told_rows(told(cursor, [1, 2, 3, 4], PLAIN), [read])
    assert sorted(map(repr, found)) == sorted(map(repr, selected))


def test_what_takes_points_is_left_to_the_index(store: Store) -> None:
    with store.cursor() as cursor:
        names = reads.names(cursor, ())
        assert value_of(parse_column("loss@min(loss)"), names) is None
        assert [row.rid for row in reads.window(cursor, (), [2, 1], ["name", "loss@min(loss)"])] == [2, 1]


def test_a_run_alone_is_told_as_in_the_list(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listed, "WRITTEN_OUT", 0)
    with store.cursor() as cursor:
        runs = {run["uid"]: run for run in json.loads(reads.runs_json(cursor, ("/w",), archived=True))}
        assert len(runs) == 3
        for rid in (1, 2, 4):
            alone = json.loads(reads.run_json(cursor, ("/w",), rid))
            run = runs[alone["uid"]]
            assert {key: alone[key] for key in run} == run


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Bench]:
    """One live run."""
    log(tmp_path / "tree" / "live", range(3))
    with bench(tmp_path / "live.duckdb") as made:
        made.syncer.sync([tmp_path / "tree"])
        yield made


def test_what_is_kept_is_what_is_there_after_every_kind_of_write(running: Bench, tmp_path: Path) -> None:
    tree, kept = tmp_path / "tree", Kept(running.store.generations)
    uid = str(running.sql("SELECT uid FROM runs_now")[0][0])

    def agrees() -> None:
        with running.store.cursor() as cursor:
            for _ in range(2):
                fresh = reads.run_json(cursor, (), 1)
                assert reads.run_json(cursor, (), 1, False, kept.runs, kept.files) == fresh
                wanted = ("name", "steps", "loss", "acc", "lr", "tags", "star")
                assert reads.window(cursor, (), [1], wanted, runs=kept.runs) == reads.window(cursor, (), [1], wanted)

    def write(what: str) -> None:
        match what:
            case "values":
                log(tree / "live", range(3, 9))
            case "metric":
                log(tree / "live", range(9, 12), acc=0.5)
            case "config":
                (tree / "live" / "config.json").write_text('{"lr": 0.1}')
            case "other config":
                (tree / "live" / "config.json").write_text('{"lr": 0.25, "opt": "sgd"}')
            case "checkpoint":
                (tree / "live" / "model.ckpt").write_bytes(b"x")
            case "damage":
                with (tree / "live" / "metrics.jsonl").open("a") as file:
                    file.write('{"step": 12, "loss": \n{"step": 13, "loss": 1}\n')
            case "rewritten":
                (tree / "live" / "metrics.jsonl").write_text('{"step": 0, "loss": 7}\n')
            case _:
                (tree / "live" / "config.json").unlink()

    agrees()
    for what in ("values", "metric", "config", "other config", "checkpoint", "damage", "rewritten", "no config"):
        write(what)
        running.syncer.sync([tree])
        agrees()
    for at, (key, value) in enumerate([("name", "n"), ("tag:t", True), ("star", True), ("star", None)]):
        load_ops(running.store, [(str(at), at, "ada", f"run:{uid}", key, value)])
        agrees()


def test_what_many_runs_recorded_is_what_each_of_them_says(store: Store) -> None:
    with store.cursor() as cursor:
        found = reads.recorded(cursor, (), [4, 1, 3, 99], ["train/acc", "loss", "nothing"])
        objects = {rid: json.loads(reads.run_json(cursor, (), rid)) for rid in (4, 1)}
    assert found["runs"] == [[rid, run["name"]] for rid, run in objects.items()]
    assert found["longest"] == {"loss": 5, "odd": 3, "train/acc": 1}
    assert found["values"]["nothing"] == [None, None]
    for metric in ("train/acc", "loss"):
        for values, run in zip(found["values"][metric], objects.values(), strict=True):
            told_of = run["metrics"].get(metric)
            assert values == (told_of and [told_of[key] for key in ("n", "last", "min", "max")])
