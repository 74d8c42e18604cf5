"""MLflow's stores as they grow: a run directory is one source, a database is read on behind what was read."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from tests.engine.syncing import Bench, bench
from tests.readers.make_mlflow import Database, directory, lines, member, model

A, B, C = ("a" * 32, "b" * 32, "c" * 32)


def counts(made: Bench) -> dict[str, dict[str, int]]:
    """Points by metric by the first letter of MLflow's id, or by the whole id of a place."""
    return {
        run["uid"].removeprefix("mlflow:")[: 1 if run["uid"].startswith("mlflow:") else None]: {
            name: series["n"] for name, series in run["metrics"].items()
        }
        for run in made.runs()
        if run["state"] != "gone"
    }


def test_a_run_directory_is_one_source_that_grows_with_its_members(tmp_path: Path) -> None:
    run = directory(tmp_path / "mlruns/1", A, "RUNNING", ended=False)
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.watch([tmp_path / "mlruns"])
        made.until(lambda: counts(made) == {"a": {}}, "the run that has logged nothing yet")
        member(run, "params", "lr", "0.1")
        member(run, "metrics", "loss", lines(range(3)))
        made.until(lambda: counts(made) == {"a": {"loss": 3}}, "members that appeared")
        member(run, "metrics", "loss", lines(range(3, 7)))
        member(run, "metrics", "val/acc", lines(range(2)))
        made.until(lambda: counts(made) == {"a": {"loss": 7, "val/acc": 2}}, "growth and a directory below")
        member(run, "metrics", "val/acc", lines(range(2, 5)))
        made.until(lambda: counts(made) == {"a": {"loss": 7, "val/acc": 5}}, "growth below")
        member(run, "tags", "team", "x")
        directory(tmp_path / "mlruns/1", A, "FAILED")
        made.until(lambda: (made.runs()[0]["state"], made.runs()[0]["tags"]) == ("failed", ["team=x"]), "the end")
        assert made.runs()[0]["params"] == {"lr": 0.1}
        assert made.sql("SELECT path FROM claims_now") == [(f"1/{A}/meta.yaml",)]
        assert made.sql("SELECT count(*) FROM segments_now") == [(1,)]


def test_a_run_that_is_only_scheduled_is_not_running(tmp_path: Path) -> None:
    directory(tmp_path / "mlruns/1", A, "SCHEDULED", ended=False)
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.watch([tmp_path / "mlruns"])
        made.until(lambda: [(run["state"], run["reason"]) for run in made.runs()] == [("unknown", "scheduled")])
        directory(tmp_path / "mlruns/1", A, "RUNNING", ended=False)
        made.until(lambda: made.runs()[0]["state"] == "running", "it was taken up")
        assert "scheduled" not in made.runs()[0]["reason"]


def test_members_are_nobody_elses_files_in_whatever_order_they_appear(tmp_path: Path) -> None:
    run = tmp_path / "mlruns/1" / A
    member(run, "metrics", "metrics.csv", "step,loss\n1,2\n2,3\n3,1\n")
    member(run, "params", "config.json", '{"lr": 1}')
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([tmp_path / "mlruns"])
        directory(tmp_path / "mlruns/1", A)
        (run / "metrics/metrics.csv").write_text(lines(range(4)))
        made.syncer.sync([tmp_path / "mlruns"])
        assert counts(made) == {"a": {"metrics.csv": 4}}
        assert [run["params"] for run in made.runs() if run["state"] != "gone"] == [{"config.json.lr": 1}]
        (run / "meta.yaml").unlink()
        made.syncer.sync([tmp_path / "mlruns"])
        assert any(run["path"].endswith("metrics") or run["state"] == "gone" for run in made.runs())


def test_what_a_run_keeps_is_no_run(tmp_path: Path) -> None:
    run = directory(tmp_path / "mlruns/1", A)
    (run / "artifacts/model").mkdir(parents=True)
    (run / "artifacts/model/history.csv").write_text("epoch,loss\n1,2\n2,3\n")
    (run / "artifacts/config.json").write_text('{"lr": 1}')
    alone = tmp_path / "mlruns/2" / B / "artifacts"
    alone.mkdir(parents=True)
    (alone / "metrics.jsonl").write_text('{"step": 1, "loss": 2}\n')
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([tmp_path / "mlruns"])
        assert counts(made) == {"a": {}}
        kept = made.sql("SELECT path, kind FROM artifacts_now ORDER BY path")
        assert kept == [
            (f"1/{A}/artifacts/config.json", "other"),
            (f"1/{A}/artifacts/model/history.csv", "table"),
        ]


def test_what_a_run_keeps_is_no_run_where_the_walk_began_in_it(tmp_path: Path) -> None:
    run = directory(tmp_path / "mlruns/1", A)
    (run / "artifacts").mkdir(parents=True)
    (run / "artifacts/config.json").write_text('{"lr": 1}')
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([run])
        assert made.sql("SELECT path FROM artifacts_now") == [("artifacts/config.json",)]
        assert [each["params"] for each in made.runs()] == [{}]


def test_a_run_directory_that_was_deleted_is_gone(tmp_path: Path) -> None:
    for run_id in (A, B):
        member(directory(tmp_path / "mlruns/1", run_id), "metrics", "loss", lines(range(3)))
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([tmp_path / "mlruns"])
        shutil.rmtree(tmp_path / "mlruns/1" / A)
        made.syncer.sync([tmp_path / "mlruns"])
        assert {run["uid"][-1]: run["state"] for run in made.runs()} == {"a": "gone", "b": "finished"}


def test_an_unchanged_run_directory_is_not_read_again(tmp_path: Path) -> None:
    member(directory(tmp_path / "mlruns/1", A), "metrics", "loss", lines(range(3)))
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([tmp_path / "mlruns"])
        read = made.sql("SELECT path, upd FROM sources_now")
    with bench(tmp_path / "index.duckdb") as again:
        again.syncer.sync([tmp_path / "mlruns"])
        assert again.sql("SELECT path, upd FROM sources_now") == read


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_a_database_is_followed(tmp_path: Path, journal: str) -> None:
    with closing(Database(tmp_path / "tree/tracking.db", journal)) as db, bench(tmp_path / "index.duckdb") as made:
        db.run(A, lr="1e-3", layers="[1, 2]")
        db.log(A, range(5))
        made.syncer.watch([tmp_path / "tree"])
        made.until(lambda: counts(made) == {"a": {"loss": 5}}, "the first read")
        db.log(A, range(5, 9))
        made.until(lambda: counts(made) == {"a": {"loss": 9}}, "growth")
        db.run(B)
        db.log(B, range(2), "acc")
        made.until(lambda: counts(made) == {"a": {"loss": 9}, "b": {"acc": 2}}, "another run")
        db.sql("UPDATE runs SET status = 'FINISHED', end_time = ? WHERE run_uuid = ?", 1_700_000_100_000, A)
        made.until(lambda: {run["state"] for run in made.runs() if run["uid"].endswith(A)} == {"finished"}, "the end")
        db.sql("INSERT INTO tags VALUES ('team', 'x', ?)", A)
        made.until(lambda: ["team=x"] in [run["tags"] for run in made.runs()], "a tag of an ended run")
        db.sql("UPDATE tags SET value = 'y'")
        made.until(lambda: ["team=y"] in [run["tags"] for run in made.runs()], "a tag that changed")
        db.sql("UPDATE experiments SET name = 'other'")
        made.until(lambda: {run["group"] for run in made.runs()} == {"other"}, "a renamed experiment")
        params = [run["params"] for run in made.runs() if run["uid"].endswith(A)]
        assert params == [{"lr": 0.001, "layers": [1, 2]}]
        assert [path for (path,) in made.sql("SELECT path FROM claims_now")] == ["tracking.db"]


def test_runs_that_were_purged_are_gone_and_the_rest_is_told_anew(tmp_path: Path) -> None:
    with closing(Database(tmp_path / "tree/mlflow.db")) as db, bench(tmp_path / "index.duckdb") as made:
        for run_id in (A, B, C):
            db.run(run_id, "FINISHED")
            db.log(run_id, range(4))
        made.syncer.sync([tmp_path / "tree"])
        for table in ("metrics", "params", "tags", "runs"):
            db.sql(f"DELETE FROM {table} WHERE run_uuid = ?", A)
        db.sql("VACUUM")
        made.syncer.sync([tmp_path / "tree"])
        states = {run["uid"][-1]: run["state"] for run in made.runs()}
        assert states == {"a": "gone", "b": "finished", "c": "finished"}
        assert [counts(made)[each] for each in "bc"] == [{"loss": 4}] * 2


def test_a_database_that_is_locked_is_read_soon_after(tmp_path: Path) -> None:
    with closing(Database(tmp_path / "tree/mlflow.db")) as db, bench(tmp_path / "index.duckdb") as made:
        db.run(A)
        db.log(A, range(4))
        made.syncer.watch([tmp_path / "tree"])
        made.until(lambda: counts(made) == {"a": {"loss": 4}}, "the first read")
        db.sql("BEGIN EXCLUSIVE")
        db.sql("UPDATE experiments SET name = 'held'")
        made.syncer.sync([tmp_path / "tree"])
        db.sql("COMMIT")
        made.until(lambda: [run["group"] for run in made.runs()] == ["held"], "what was committed")
        assert made.sql("SELECT what FROM problems_now") == []


def test_a_run_of_an_experiment_that_was_deleted_is_the_same_run_and_says_so(tmp_path: Path) -> None:
    store = tmp_path / "mlruns"
    member(directory(store / "1", A), "metrics", "loss", lines(range(3)))
    member(directory(store / "2", B), "metrics", "loss", lines(range(4)))
    (store / ".trash").mkdir()
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([store])
        uids = {run["uid"] for run in made.runs()}
        (store / "2").rename(store / ".trash/2")
        made.syncer.sync([store])
        trashed, kept = made.runs()
        assert {trashed["uid"], kept["uid"]} == uids and counts(made) == {"a": {"loss": 3}, "b": {"loss": 4}}
        assert (trashed["path"], trashed["state"], trashed["reason"]) == (
            f".trash/2/{B}",
            "finished",
            "deleted in MLflow",
        )
        assert kept["state"] == "finished" and "deleted" not in kept["reason"]


def test_the_trash_of_another_program_is_not_entered(tmp_path: Path) -> None:
    member(directory(tmp_path / "notes/.trash/1", A), "metrics", "loss", lines(range(3)))
    (tmp_path / "notes/papers").mkdir()
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([tmp_path / "notes"])
        assert made.runs() == []


def test_what_a_run_of_a_database_kept_is_its_own_as_soon_as_the_run_is_known(tmp_path: Path) -> None:
    for run_id in (A, B):
        kept = tmp_path / f"mlruns/1/{run_id}/artifacts"
        kept.mkdir(parents=True)
        (kept / "notes.txt").write_text("how it went")

    def shared() -> list[tuple[object, ...]]:
        return made.sql("SELECT uid, a.path FROM artifacts_now a JOIN runs_now USING (rid) ORDER BY uid")

    with closing(Database(tmp_path / "mlflow.db")) as database, bench(tmp_path / "index.duckdb") as made:
        database.run(A, "FINISHED")
        made.syncer.sync([tmp_path])
        assert shared() == [(f"mlflow:{A}", f"mlruns/1/{A}/artifacts/notes.txt")]
        database.run(B)
        made.syncer.sync([tmp_path])
        assert [uid for uid, _ in shared()] == [f"mlflow:{A}", f"mlflow:{B}"]


def test_the_only_run_of_a_job_s_own_store_is_the_job(tmp_path: Path) -> None:
    for name in ("db", "files"):
        (tmp_path / "tree" / name / ".hydra").mkdir(parents=True)
        (tmp_path / "tree" / name / ".hydra/config.yaml").write_text("lr: 1\n")
        (tmp_path / "tree" / name / ".hydra/hydra.yaml").write_text("hydra: {job: {name: job}}\n")
    member(directory(tmp_path / "tree/files/mlruns/1", C), "metrics", "loss", lines(range(4)))
    with closing(Database(tmp_path / "tree/db/mlflow.db")) as database, bench(tmp_path / "index.duckdb") as made:
        database.run(A)
        database.log(A, range(5))
        made.syncer.watch([tmp_path / "tree"])
        made.until(lambda: counts(made) == {"a": {"loss": 5}, "c": {"loss": 4}}, "the jobs with the runs' metrics")
        made.until(lambda: [run["path"] for run in made.runs() if run["state"] != "gone"] == ["db", "files"], "jobs")
        database.log(A, range(5, 8))
        made.until(lambda: counts(made)["a"] == {"loss": 8}, "growth")
        database.run(B)
        database.log(B, range(2))
        made.until(lambda: counts(made).get("b") == {"loss": 2} and len(counts(made)) == 4, "a second run")
        runs = {run["path"]: run for run in made.runs()}
        children = [run for run in made.runs() if run["path"] == "db/mlflow.db"]
        assert [run["parent"] for run in children] == [runs["db"]["uid"]] * 2
        assert (runs["db"]["params"], runs["db"]["metrics"]) == ({"lr": 1}, {})


def models(made: Bench) -> dict[str, list[str]]:
    """What models runs made, by the run's id."""
    rows = made.sql("SELECT uid, f.val FROM facts_now f JOIN runs_now USING (rid) WHERE f.name = 'registered_models'")
    return {str(uid)[-1]: json.loads(str(text)) for uid, text in rows}


def test_the_versions_of_registered_models_are_facts_of_their_runs(tmp_path: Path) -> None:
    store = tmp_path / "mlruns"
    for run_id in (A, B):
        directory(store / "1", run_id)
    churn = model(store, "churn", 1, A)
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([store])
        assert models(made) == {"a": ["churn v1"]}
        model(store, "churn", 2, A, "Production")
        (churn / "aliases").mkdir()
        (churn / "aliases/champion").write_text("2")
        model(store, "churn", 3, B)
        model(store, "churn", 4, B, "Deleted_Internal")
        directory(store / "2", C)
        model(store, "other", 1, C)
        made.syncer.sync([store])
        assert models(made) == {
            "a": ["churn v1", "churn v2 @champion Production"],
            "b": ["churn v3"],
            "c": ["other v1"],
        }
        assert len(made.runs()) == 3 and made.sql("SELECT * FROM problems_now") == []


def test_a_model_whose_run_comes_later_is_told_then(tmp_path: Path) -> None:
    store = tmp_path / "mlruns"
    model(store, "churn", 1, A)
    (store / "models/churn/version-2").mkdir()
    directory(store / "1", B)
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([store])
        assert models(made) == {}
        assert made.sql("SELECT what FROM problems_now") == [("version 2 of the model cannot be read",)]
        directory(store / "1", A)
        made.syncer.sync([store])
        made.until(lambda: models(made) == {"a": ["churn v1"]})
