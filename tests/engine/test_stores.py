"""Files of many runs: told apart by key, stored with their cursor, kept through growth, restart, copies and loss.

The store is the example package in `tests/fixtures/plugin`, found as an installed package's reader is.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import runspect.readers as readers
from tests.conftest import FIXTURES
from tests.engine.syncing import Bench, bench, log


@pytest.fixture(autouse=True)
def plugin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have the example package on the path, as if it were installed."""
    monkeypatch.syspath_prepend(str(FIXTURES / "plugin"))
    _forget()
    yield
    _forget()


def _forget() -> None:
    readers._plugins.cache_clear()


def write(path: Path, *rows: dict[str, Any], mode: str = "a") -> Path:
    """Append lines to a ledger."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open(mode) as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    return path


def steps(run: str, numbers: range) -> list[dict[str, Any]]:
    """Lines of a run."""
    return [{"run": run, "step": step, "loss": 1 / (1 + step)} for step in numbers]


def counts(made: Bench) -> dict[str, int]:
    """Points of `loss` by name of the run."""
    return {run["name"]: run["metrics"].get("loss", {}).get("n", 0) for run in made.runs()}


def test_the_runs_of_a_store_are_runs(tmp_path: Path) -> None:
    write(tmp_path / "tree/x.ledger", {"run": "a", "params": {"lr": 0.1}}, *steps("a", range(5)), *steps("b", range(3)))
    write(tmp_path / "tree/x.ledger", {"run": "b", "state": "failed"})
    log(tmp_path / "tree/other", range(4))
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([tmp_path / "tree"])
        assert counts(made) == {"ledger-a": 5, "ledger-b": 3, "other": 4}
        runs = {run["name"]: run for run in made.runs()}
        assert runs["ledger-a"]["params"] == {"lr": 0.1}
        assert (runs["ledger-a"]["path"], runs["ledger-a"]["tools"]) == ("x.ledger", ["ledger"])
        assert [runs[f"ledger-{key}"]["state"] for key in "ab"] == ["unknown", "failed"]


def test_a_store_grows_and_an_engine_that_starts_anew_goes_on(tmp_path: Path) -> None:
    store = write(tmp_path / "tree/x.ledger", *steps("a", range(5)))
    with bench(tmp_path / "index.duckdb") as first:
        first.syncer.sync([tmp_path / "tree"])
        uids = [run["uid"] for run in first.runs()]
    write(store, *steps("a", range(5, 8)), *steps("b", range(2)))
    with bench(tmp_path / "index.duckdb") as again:
        again.syncer.sync([tmp_path / "tree"])
        assert counts(again) == {"ledger-a": 8, "ledger-b": 2}
        assert uids[0] in [run["uid"] for run in again.runs()]
        again.syncer.watch([tmp_path / "tree"])
        again.until(lambda: again.syncer.mode_of(tmp_path / "tree") != "", "armed")
        write(store, *steps("b", range(2, 9)), *steps("c", range(1)))
        again.until(lambda: counts(again) == {"ledger-a": 8, "ledger-b": 9, "ledger-c": 1}, "growth")


def test_a_store_that_was_replaced_is_told_anew_and_lost_runs_are_gone(tmp_path: Path) -> None:
    store = write(tmp_path / "tree/x.ledger", {"run": "a", "params": {"lr": 0.1}}, *steps("a", range(50)))
    write(store, *steps("b", range(30)))
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([tmp_path / "tree"])
        write(store, *steps("b", range(3)), mode="w")
        made.syncer.sync([tmp_path / "tree"])
        runs = {run["name"]: run for run in made.runs()}
        assert (runs["ledger-a"]["state"], runs["ledger-b"]["metrics"]["loss"]["n"]) == ("gone", 3)
        assert (runs["ledger-a"]["metrics"]["loss"]["n"], runs["ledger-a"]["params"]) == (50, {"lr": 0.1})
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([tmp_path / "tree"])
        runs = {run["name"]: run for run in made.runs()}
        assert (runs["ledger-a"]["state"], runs["ledger-a"]["metrics"]["loss"]["n"]) == ("gone", 50)
        write(store, *steps("a", range(7)))
        made.syncer.sync([tmp_path / "tree"])
        again = {run["name"]: run for run in made.runs()}
        assert again["ledger-a"]["uid"] == runs["ledger-a"]["uid"]
        assert (again["ledger-a"]["state"], again["ledger-a"]["metrics"]["loss"]["n"]) == ("unknown", 7)


def test_a_store_that_vanished_leaves_its_runs_as_gone_and_comes_back(tmp_path: Path) -> None:
    store = write(tmp_path / "tree/x.ledger", *steps("a", range(5)), *steps("b", range(3)))
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([tmp_path / "tree"])
        uids = {run["uid"] for run in made.runs()}
        store.rename(tmp_path / "kept")
        made.syncer.sync([tmp_path / "tree"])
        assert [run["state"] for run in made.runs()] == ["gone", "gone"]
        (tmp_path / "kept").rename(store)
        made.syncer.sync([tmp_path / "tree"])
        assert {run["uid"] for run in made.runs()} == uids
        assert counts(made) == {"ledger-a": 5, "ledger-b": 3}


def test_two_stores_with_the_same_keys_are_different_runs(tmp_path: Path) -> None:
    write(tmp_path / "tree/x.ledger", *steps("a", range(5)))
    write(tmp_path / "tree/y.ledger", *steps("a", range(9)))
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([tmp_path / "tree"])
        assert [run["metrics"]["loss"]["n"] for run in made.runs()] == [5, 9]
        shutil.rmtree(tmp_path / "tree")
        write(tmp_path / "tree/y.ledger", *steps("a", range(9)))
        made.syncer.sync([tmp_path / "tree"])
        assert [run["state"] for run in made.runs()] == ["gone", "unknown"]


def test_a_copy_of_a_store_tells_of_the_same_runs(tmp_path: Path) -> None:
    store = write(tmp_path / "tree/x.ledger", {"run": "a", "id": "7f3a"}, *steps("a", range(5)))
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([tmp_path / "tree"])
        uid = made.runs()[0]["uid"]
        shutil.copy(store, tmp_path / "tree/backup.ledger")
        for _ in range(2):
            made.syncer.sync([tmp_path / "tree"])
            (run,) = made.runs()
            assert (run["uid"], run["path"], run["metrics"]["loss"]["n"]) == (uid, "x.ledger", 5)
        assert uid == "ledger:7f3a"
        store.unlink()
        made.syncer.sync([tmp_path / "tree"])
        (run,) = made.runs()
        assert (run["uid"], run["path"], run["metrics"]["loss"]["n"]) == (uid, "backup.ledger", 5)


def test_of_two_copies_that_differ_the_one_that_tells_most_counts(tmp_path: Path) -> None:
    store = write(tmp_path / "tree/x.ledger", {"run": "a", "id": "7f3a"}, *steps("a", range(5)))
    shutil.copy(store, tmp_path / "tree/a_backup.ledger")
    write(store, *steps("a", range(5, 9)), {"run": "a", "state": "finished"})
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([tmp_path / "tree"])
        (run,) = made.runs()
        assert (run["path"], run["state"], run["metrics"]["loss"]["n"]) == ("x.ledger", "finished", 9)


def test_a_copy_below_another_root_is_shown_there(tmp_path: Path) -> None:
    store = write(tmp_path / "one/x.ledger", {"run": "a", "id": "7f3a"}, *steps("a", range(5)))
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([tmp_path / "one"])
        (tmp_path / "two").mkdir()
        shutil.copy(store, tmp_path / "two/x.ledger")
        made.syncer.sync([tmp_path / "two"])
        assert [run["metrics"]["loss"]["n"] for run in made.runs(tmp_path / "two")] == [5]
        (tmp_path / "one").rename(tmp_path / "moved")
        made.syncer.sync([tmp_path / "moved"])
        assert [run["metrics"]["loss"]["n"] for run in made.runs(tmp_path / "moved")] == [5]


def hydra_job(path: Path) -> Path:
    """The files that Hydra writes for a job."""
    (path / ".hydra").mkdir(parents=True)
    (path / ".hydra/config.yaml").write_text("lr: 1\n")
    (path / ".hydra/overrides.yaml").write_text("- lr=1\n")
    (path / ".hydra/hydra.yaml").write_text("hydra: {job: {name: job}}\n")
    return path


def shown(made: Bench) -> dict[str, dict[str, Any]]:
    """Runs by name, without those that are gone."""
    return {run["name"]: run for run in made.runs() if run["state"] != "gone"}


def test_the_runs_of_a_store_in_a_hydra_job_are_its_children(tmp_path: Path) -> None:
    job = hydra_job(tmp_path / "tree/job")
    write(job / "x.ledger", *steps("a", range(5)), *steps("b", range(2)))
    for _ in range(2):
        with bench(tmp_path / "index.duckdb") as made:
            made.syncer.sync([tmp_path / "tree"])
            runs = {run["name"]: run for run in made.runs()}
            assert {runs[name]["parent"] for name in ("ledger-a", "ledger-b")} == {runs["job"]["uid"]}


@pytest.mark.parametrize("with_id", [True, False])
def test_the_only_run_of_a_store_in_a_hydra_job_is_the_job(tmp_path: Path, with_id: bool) -> None:
    job = hydra_job(tmp_path / "tree/job")
    ids = [{"run": "a", "id": "7f3a"}] if with_id else []
    write(job / "x.ledger", *ids, *steps("a", range(5)))
    for n in (5, 5, 8):
        if n == 8:
            write(job / "x.ledger", *steps("a", range(5, 8)))
        with bench(tmp_path / "index.duckdb") as made:
            made.syncer.sync([tmp_path / "tree"])
            (run,) = made.runs()
            assert (run["path"], run["parent"], run["metrics"]["loss"]["n"]) == ("job", None, n)
            assert (run["tools"], run["params"]) == (["hydra", "ledger"], {"lr": 1})
            assert made.sql("SELECT count(*) FROM segments_now") == [(1,)]


@pytest.mark.parametrize("own_log", [True, False])
@pytest.mark.parametrize("with_id", [True, False])
def test_a_job_whose_store_comes_to_a_second_run_is_its_parent(tmp_path: Path, with_id: bool, own_log: bool) -> None:
    job = hydra_job(tmp_path / "tree/job")
    if own_log:
        (job / "metrics.jsonl").write_text("".join(f'{{"step": {step}, "acc": 0.5}}\n' for step in range(4)))
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.watch([tmp_path / "tree"])
        made.until(lambda: len(shown(made)) == 1, "the job")
        before = made.runs()[0]["uid"]
        made.annotate(before, "note", "early")
        write(job / "x.ledger", *([{"run": "a", "id": "7f3a"}] if with_id else []), *steps("a", range(5)))
        made.until(lambda: [run["tools"][-1] for run in made.runs()] == ["ledger"], "the store's run is the job's")
        made.until(lambda: made.runs()[0]["metrics"].get("loss", {}).get("n", 0) >= 5, "its metrics")
        (run,) = made.runs()
        assert (run["path"], run["note"]) == ("job", "early")
        made.annotate(run["uid"], "tag:late", True)

        write(job / "x.ledger", *steps("b", range(2)))
        made.until(lambda: set(shown(made)) == {"job", "ledger-a", "ledger-b"}, "children")
        made.until(
            lambda: {**counts(made), "job": 0} == {"job": 0, "ledger-a": 5, "ledger-b": 2}, "each its own points"
        )
        runs = shown(made)
        assert {runs[name]["parent"] for name in ("ledger-a", "ledger-b")} == {runs["job"]["uid"]}
        assert len({run["uid"] for run in runs.values()}) == 3
        assert runs["job"]["note"] == "early" and runs["job"]["params"] == {"lr": 1}
        assert list(runs["job"]["metrics"]) == (["acc"] if own_log else [])
        assert [name for name, run in runs.items() if "late" in run["tags"]] == ["ledger-a" if with_id else "job"]

        write(job / "x.ledger", *steps("a", range(9)), mode="w")
        made.until(lambda: len(shown(made)) == 1, "one again")
        made.until(lambda: made_loss(made) >= 9, "its metrics again")
        (run,) = shown(made).values()
        assert (run["path"], run["note"], run["tags"], run["params"]) == ("job", "early", ["late"], {"lr": 1})
    with bench(tmp_path / "index.duckdb") as again:
        again.syncer.sync([tmp_path / "tree"])
        (run,) = shown(again).values()
        assert (run["path"], run["note"], run["tags"], run["params"]) == ("job", "early", ["late"], {"lr": 1})


def made_loss(made: Bench) -> int:
    """Points of `loss` of all that is there."""
    return sum(int(run["metrics"].get("loss", {}).get("n", 0)) for run in shown(made).values())


def test_one_run_in_two_copies_of_a_store_is_one(tmp_path: Path) -> None:
    job = hydra_job(tmp_path / "tree/job")
    write(job / "x.ledger", {"run": "a", "id": "7f3a"}, *steps("a", range(5)))
    shutil.copy(job / "x.ledger", job / "y.ledger")
    with bench(tmp_path / "index.duckdb") as made:
        for _ in range(2):
            made.syncer.sync([tmp_path / "tree"])
            (run,) = made.runs()
            assert (run["path"], run["metrics"]["loss"]["n"]) == ("job", 5)


def test_one_run_in_each_of_two_stores_of_a_job_are_two(tmp_path: Path) -> None:
    job = hydra_job(tmp_path / "tree/job")
    write(job / "x.ledger", *steps("a", range(5)))
    write(job / "y.ledger", *steps("c", range(3)))
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([tmp_path / "tree"])
        assert counts(made) == {"job": 0, "ledger-a": 5, "ledger-c": 3}
        (job / "y.ledger").unlink()
        made.syncer.sync([tmp_path / "tree"])
        assert [run["metrics"]["loss"]["n"] for run in shown(made).values()] == [5]


def test_a_file_may_speak_of_runs_in_directories_beside_it(tmp_path: Path) -> None:
    log(tmp_path / "tree/exp/a", range(4))
    status = write(
        tmp_path / "tree/exp/status.ledger", {"run": "/a", "state": "finished"}, {"run": "/b", "state": "failed"}
    )
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([tmp_path / "tree"])
        assert [(run["path"], run["state"]) for run in made.runs()] == [("exp/a", "finished")]
        log(tmp_path / "tree/exp/b", range(2))
        made.syncer.sync([tmp_path / "tree"])
        assert [(run["path"], run["state"]) for run in made.runs()] == [("exp/a", "finished"), ("exp/b", "failed")]
        write(status, {"run": "/b", "params": {"lr": 0.5}})
        made.syncer.sync([tmp_path / "tree"])
        assert [run["params"] for run in made.runs()] == [{}, {"lr": 0.5}]
    with bench(tmp_path / "index.duckdb") as again:
        again.syncer.sync([tmp_path / "tree"])
        assert [run["state"] for run in again.runs()] == ["finished", "failed"]


def test_a_reader_that_cannot_be_loaded_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "broken/broken_reader-0.1.dist-info"
    place.mkdir(parents=True)
    (place / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-reader\nVersion: 0.1\n")
    (place / "entry_points.txt").write_text("[runspect.readers]\nbroken = no_such_module:READER\n")
    monkeypatch.syspath_prepend(str(tmp_path / "broken"))
    log(tmp_path / "tree/other", range(4))
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([tmp_path / "tree"])
        assert counts(made) == {"other": 4}
        told = made.sql("SELECT what FROM problems_now WHERE reader = 'plug-in'")
        assert len(told) == 1
        assert "'broken' of broken-reader 0.1 cannot be loaded" in str(told[0][0])


def test_a_wider_root_takes_the_runs_of_a_store_in(tmp_path: Path) -> None:
    write(tmp_path / "all/tree/x.ledger", *steps("a", range(5)))
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([tmp_path / "all/tree"])
        uid = made.runs()[0]["uid"]
        made.syncer.sync([tmp_path / "all"])
        (run,) = made.runs()
        assert (run["uid"], run["path"], run["metrics"]["loss"]["n"]) == (uid, "tree/x.ledger", 5)
        write(tmp_path / "all/tree/x.ledger", *steps("a", range(5, 6)))
        made.syncer.sync([tmp_path / "all"])
        assert counts(made) == {"ledger-a": 6}


def test_other_readers_read_every_log_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "tree/x.ledger", *steps("a", range(5)))
    log(tmp_path / "tree/other", range(4))
    monkeypatch.setattr("sys.path", [each for each in __import__("sys").path if not each.endswith("fixtures/plugin")])
    _forget()
    with bench(tmp_path / "index.duckdb") as without:
        without.syncer.sync([tmp_path / "tree"])
        assert counts(without) == {"other": 4}
    monkeypatch.syspath_prepend(str(FIXTURES / "plugin"))
    _forget()
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([tmp_path / "tree"])
        assert counts(made) == {"ledger-a": 5, "other": 4}


def test_a_pattern_of_the_users_has_every_log_read_again(tmp_path: Path, home: Path) -> None:
    (tmp_path / "tree/run").mkdir(parents=True)
    (tmp_path / "tree/run/train.log").write_text("chunk 3: loss=0.5\nchunk 4: loss=0.25\n" * 2)
    with bench(tmp_path / "index.duckdb") as without:
        without.syncer.sync([tmp_path / "tree"])
        assert counts(without) == {}
    (home / "patterns").mkdir(parents=True)
    (home / "patterns/own.toml").write_text(
        'name = "own"\n[[line]]\nsignature = ["chunk"]\nmatch = "^chunk (?P<step>[0-9]+): (?P<pairs>.*)$"\n'
        'pairs = "(?P<name>[a-z]+)=(?P<value><number>)"\n'
    )
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([tmp_path / "tree"])
        assert counts(made) == {"run": 4}
