"""Byte-identical copies of a directory are one run with two places, until they differ."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from runspect.index import reads
from runspect.index.annotations import load_ops
from runspect.index.reads.table import resolve_run
from tests.conftest import FIXTURES
from tests.engine.syncing import Bench, bench

SACRED = FIXTURES / "sacred/my_runs"
TENSORBOARD = FIXTURES / "tensorboard_torch/runs"
LONG_AGO = 1_700_000_000.0


def later() -> float:
    """A day on: nothing that the tests write is live."""
    return time.time() + 86_400


def of(made: Bench) -> dict[str, dict[str, Any]]:
    """`ls --json` by path."""
    return {run["path"]: run for run in made.runs()}


def paths(made: Bench) -> list[str]:
    return list(of(made))


def also_in(made: Bench, path: str) -> set[str]:
    """Files that are listed and not read."""
    rows = made.sql(
        "SELECT f.path FROM sources_now f JOIN runs_now r USING (rid) "
        f"WHERE f.use = 'also_in' AND NOT r.hidden AND r.path = '{path}'"
    )
    return {row[0] for row in rows}


def plain(directory: Path, *, times: bool, lr: float = 0.1, steps: int = 20) -> Path:
    """A run of no tool."""
    directory.mkdir(parents=True)
    rows = [{"step": step, "loss": 1 / (1 + step)} for step in range(steps)]
    if times:
        rows = [{**row, "time": LONG_AGO + row["step"]} for row in rows]
    (directory / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (directory / "config.json").write_text(json.dumps({"lr": lr}))
    return directory


def append(directory: Path, steps: range) -> None:
    with (directory / "metrics.jsonl").open("a") as file:
        file.writelines(json.dumps({"step": n, "loss": 0.5, "time": LONG_AGO + n}) + "\n" for n in steps)


def tag(made: Bench, uid: str, name: str) -> None:
    load_ops(made.store, [(name, 1, "me", f"run:{uid}", f"tag:{name}", True)])


@contextmanager
def opened_below(directory: Path) -> Iterator[list[str]]:
    """Files below a directory that this process opens."""
    opened: list[str] = []
    heard = [True]

    def hear(event: str, args: tuple[Any, ...]) -> None:
        if heard[0] and event == "open" and str(args[0]).startswith(f"{directory}/"):
            opened.append(str(args[0]))

    sys.addaudithook(hear)
    try:
        yield opened
    finally:
        heard[0] = False


def synced(made: Bench, root: Path) -> list[str]:
    made.syncer.sync([root])
    return paths(made)


@pytest.mark.parametrize("logs", [SACRED, TENSORBOARD], ids=["sacred", "tensorboard"])
def test_a_copied_tree_holds_the_same_runs_once(tmp_path: Path, logs: Path) -> None:
    shutil.copytree(logs, tmp_path / "tree/a", copy_function=shutil.copyfile)
    with bench(tmp_path / "index.duckdb", later) as made:
        alone = synced(made, tmp_path / "tree")
        metrics = [run["metrics"] for run in made.runs()]
        # the times of the files do not matter where the records have theirs
        shutil.copytree(logs, tmp_path / "tree/b", copy_function=shutil.copyfile)
        with_series = {path for path, run in of(made).items() if run["metrics"]}
        both = synced(made, tmp_path / "tree")
        assert [path for path in both if path in alone] == alone
        assert {path for path in both if path not in alone} == {
            path.replace("a", "b", 1) for path in alone if path not in with_series
        }
        assert [run["metrics"] for path, run in of(made).items() if path in alone] == metrics
        for path in with_series:
            assert also_in(made, path) >= {
                f"b/{file.relative_to(tmp_path / 'tree/a')}" for file in (tmp_path / "tree" / path).glob("*events*")
            }
    with bench(tmp_path / "fresh.duckdb", later) as anew:
        assert synced(anew, tmp_path / "tree") == both


@pytest.mark.parametrize("kept", [True, False])
def test_without_times_in_the_records_the_files_must_have_kept_theirs(tmp_path: Path, kept: bool) -> None:
    plain(tmp_path / "tree/a", times=False)
    os.utime(tmp_path / "tree/a/metrics.jsonl", (LONG_AGO, LONG_AGO + 0.25))
    shutil.copytree(tmp_path / "tree/a", tmp_path / "tree/b", copy_function=shutil.copy2 if kept else shutil.copyfile)
    with bench(tmp_path / "index.duckdb", later) as made:
        assert synced(made, tmp_path / "tree") == (["a"] if kept else ["a", "b"])


def test_times_in_the_console_log_are_as_good(tmp_path: Path) -> None:
    root = tmp_path / "tree"
    shutil.copytree(FIXTURES / "hydra", root / "a", copy_function=shutil.copyfile)
    with bench(tmp_path / "index.duckdb", later) as made:
        jobs = synced(made, root)
        assert len({path for path in jobs if "/multirun/" in path}) > 1
        shutil.copytree(FIXTURES / "hydra", root / "b", copy_function=shutil.copyfile)
        assert synced(made, root) == jobs


def test_equal_files_of_two_times_are_two_runs_with_a_copy_each(tmp_path: Path) -> None:
    root = tmp_path / "tree"
    for number, name in enumerate(("a", "b")):
        for file in plain(root / name, times=False).iterdir():
            os.utime(file, (LONG_AGO, LONG_AGO + number + 0.25))
        shutil.copytree(root / name, root / f"{name}-copy")
    with bench(tmp_path / "index.duckdb", later) as made:
        assert synced(made, root) == ["a", "b"]
        assert also_in(made, "b") == {"b-copy/metrics.jsonl", "b-copy/config.json"}


def test_one_time_for_all_files_is_that_of_an_archive(tmp_path: Path) -> None:
    for name in ("a", "b"):
        for file in plain(tmp_path / "tree" / name, times=False).iterdir():
            os.utime(file, (LONG_AGO, LONG_AGO))
    with bench(tmp_path / "index.duckdb", later) as made:
        assert synced(made, tmp_path / "tree") == ["a", "b"]


def test_equal_curves_of_other_params_are_two_runs(tmp_path: Path) -> None:
    plain(tmp_path / "tree/a", times=True, lr=0.1)
    plain(tmp_path / "tree/b", times=True, lr=0.2)
    with bench(tmp_path / "index.duckdb", later) as made:
        assert synced(made, tmp_path / "tree") == ["a", "b"]


def test_tags_on_either_place_are_found_on_the_one_run(tmp_path: Path) -> None:
    root = tmp_path / "tree"
    plain(root / "a", times=True)
    shutil.copytree(root / "a", root / "b")
    append(root / "b", range(20, 25))
    with bench(tmp_path / "index.duckdb", later) as made:
        assert synced(made, root) == ["a", "b"]
        uids = {path: run["uid"] for path, run in of(made).items()}
        tag(made, uids["b"], "second")
        shutil.copyfile(root / "a/metrics.jsonl", root / "b/metrics.jsonl")
        assert synced(made, root) == ["a"]
        tag(made, uids["a"], "first")
        assert of(made)["a"]["uid"] == uids["a"]
        assert of(made)["a"]["tags"] == ["first", "second"]
        assert also_in(made, "a") == {"b/metrics.jsonl", "b/config.json"}


def test_an_engine_that_starts_anew_knows_the_copies_without_opening_them(tmp_path: Path) -> None:
    root = tmp_path / "tree"
    shutil.copytree(plain(root / "a", times=True), root / "b")
    with bench(tmp_path / "index.duckdb", later) as made:
        assert synced(made, root) == ["a"]
    with opened_below(root) as opened, bench(tmp_path / "index.duckdb", later) as again:
        rids = again.sql("SELECT count(DISTINCT rid) FROM runs")
        assert synced(again, root) == ["a"]
        assert again.sql("SELECT count(DISTINCT rid) FROM runs") == rids
        assert opened == []


@pytest.mark.parametrize("grown", ["a", "b"])
@pytest.mark.parametrize("restart", [False, True])
def test_a_copy_that_goes_on_is_a_run_of_its_own(tmp_path: Path, grown: str, restart: bool) -> None:
    root = tmp_path / "tree"
    shutil.copytree(plain(root / "a", times=True), root / "b")
    with bench(tmp_path / "index.duckdb", later) as made:
        assert synced(made, root) == ["a"]
        tag(made, of(made)["a"]["uid"], "kept")
        if not restart:
            append(root / grown, range(20, 25))
            assert synced(made, root) == ["a", "b"]
    if restart:
        append(root / grown, range(20, 25))
    with bench(tmp_path / "index.duckdb", later) as made:
        assert synced(made, root) == ["a", "b"]
        runs = of(made)
        assert {path: run["metrics"]["loss"]["n"] for path, run in runs.items()} == {"a": 20, "b": 20} | {grown: 25}
        assert {path: run["tags"] for path, run in runs.items()} == {"a": ["kept"], "b": []}
        assert runs["b"]["params"] == {"lr": 0.1}
        tag(made, runs["b"]["uid"], "other")
        assert {path: run["tags"] for path, run in of(made).items()} == {"a": ["kept"], "b": ["other"]}
        with made.store.cursor() as cursor:
            assert resolve_run(cursor, (), runs["b"]["uid"])[1:] == (runs["b"]["uid"], "b")
        # and together again
        shutil.copyfile(root / grown / "metrics.jsonl", root / ("b" if grown == "a" else "a") / "metrics.jsonl")
        assert synced(made, root) == ["a"]
        assert of(made)["a"]["tags"] == ["kept", "other"]


def test_a_copy_that_is_written_over_with_as_many_bytes_is_none(tmp_path: Path) -> None:
    root = tmp_path / "tree"
    shutil.copytree(plain(root / "a", times=True), root / "b")
    with bench(tmp_path / "index.duckdb", later) as made:
        assert synced(made, root) == ["a"]
        (root / "b/config.json").write_text(json.dumps({"lr": 0.7}))
        assert synced(made, root) == ["a", "b"]
        assert of(made)["b"]["params"] == {"lr": 0.7}


def test_touched_files_are_still_copies(tmp_path: Path) -> None:
    root = tmp_path / "tree"
    shutil.copytree(plain(root / "a", times=True), root / "b")
    with bench(tmp_path / "index.duckdb", later) as made:
        synced(made, root)
        rids = made.sql("SELECT count(DISTINCT rid) FROM runs")
        for file in (root / "a/metrics.jsonl", root / "b/metrics.jsonl"):
            os.utime(file, (LONG_AGO, LONG_AGO))
            assert synced(made, root) == ["a"]
        assert made.sql("SELECT count(DISTINCT rid) FROM runs") == rids


def test_the_copy_goes_on_as_the_run_when_its_original_is_deleted(tmp_path: Path) -> None:
    root = tmp_path / "tree"
    shutil.copytree(plain(root / "a", times=True), root / "b")
    with bench(tmp_path / "index.duckdb", later) as made:
        assert synced(made, root) == ["a"]
        tag(made, of(made)["a"]["uid"], "kept")
        shutil.rmtree(root / "a")
        assert synced(made, root) == ["b"]
        run = of(made)["b"]
        assert (run["tags"], run["state"], run["metrics"]["loss"]["n"]) == (["kept"], "unknown", 20)


@pytest.mark.parametrize("order", itertools.permutations("abc"))
def test_copies_that_appear_in_any_order_are_one_run(tmp_path: Path, order: tuple[str, ...]) -> None:
    root = tmp_path / "tree"
    original = plain(tmp_path / "original", times=True)
    with bench(tmp_path / "index.duckdb", later) as made:
        for name in order:
            shutil.copytree(original, root / name)
            assert synced(made, root) == [order[0]]
        assert also_in(made, order[0]) == {
            f"{name}/{file}" for name in order[1:] for file in ("metrics.jsonl", "config.json")
        }


def test_a_watched_tree_follows_copies(tmp_path: Path) -> None:
    root = tmp_path / "tree"
    plain(root / "a", times=True)
    with bench(tmp_path / "index.duckdb", later) as made:
        made.syncer.watch([root])
        made.until(lambda: paths(made) == ["a"] and made.syncer.mode_of(root) != "", "the run")
        shutil.copytree(root / "a", root / "b")
        made.until(lambda: paths(made) == ["a"] and also_in(made, "a"), "the copy")
        append(root / "b", range(20, 25))
        made.until(lambda: paths(made) == ["a", "b"] and of(made)["b"]["metrics"]["loss"]["n"] == 25, "the fork")
        shutil.copyfile(root / "b/metrics.jsonl", root / "a/metrics.jsonl")
        made.until(lambda: len(paths(made)) == 1, "the copy again")


def test_of_three_places_two_are_still_one_run_when_the_first_is_deleted(tmp_path: Path) -> None:
    root = tmp_path / "tree"
    for name in "bc":
        shutil.copytree(plain(root / "a", times=True) if name == "b" else root / "a", root / name)
    with bench(tmp_path / "index.duckdb", later) as made:
        assert synced(made, root) == ["a"]
        shutil.rmtree(root / "a")
        assert synced(made, root) == ["b"]
        (root / "new").mkdir()
        append(root / "new", range(3))
        assert synced(made, root) == ["b", "new"]
        assert also_in(made, "b") == {"c/metrics.jsonl", "c/config.json"}


def test_after_they_parted_each_is_gone_by_itself(tmp_path: Path) -> None:
    root = tmp_path / "tree"
    shutil.copytree(plain(root / "a", times=True), root / "b")
    with bench(tmp_path / "index.duckdb", later) as made:
        assert synced(made, root) == ["a"]
        tag(made, of(made)["a"]["uid"], "kept")
        append(root / "b", range(20, 25))
        assert synced(made, root) == ["a", "b"]
        shutil.rmtree(root / "a")
        assert synced(made, root) == ["a", "b"]
        assert {path: (run["state"] == "gone", run["tags"]) for path, run in of(made).items()} == {
            "a": (True, ["kept"]),
            "b": (False, []),
        }


def test_who_looks_into_the_copy_is_told_where_its_runs_are_listed(tmp_path: Path) -> None:
    tree = tmp_path.resolve() / "tree"
    shutil.copytree(TENSORBOARD, tree / "new", copy_function=shutil.copyfile)
    shutil.copytree(TENSORBOARD, tree / "old", copy_function=shutil.copyfile)
    with bench(tmp_path / "index.duckdb", later) as made:
        listed = {path.partition("/")[0] for path in synced(made, tree)}
        (other,) = {"new", "old"} - listed
        with made.store.cursor() as cursor:
            told = reads.copied(cursor, [str(tree / other)])
            assert told and all(place.startswith(f"{tree}/{''.join(listed)}") for place in told)
            assert not reads.copied(cursor, [str(tree)])
