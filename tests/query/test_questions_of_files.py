"""The questions that people ask of their history, answered a second time from the files as they lie, by csv, json and yaml."""

from __future__ import annotations

import csv
import json
import math
import statistics
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from runspect.columns.baseline import place
from runspect.index import reads
from runspect.index.annotations import load_ops
from tests.engine.syncing import bench
from tests.query.logs import LENS, Logs

BOOKKEEPING = {"name", "save_dir", "project", "exist_ok", "seed", "device", "workers", "resume"}
"""Arguments of YOLO that are no part of what is tried."""
MAP, BOX = "metrics/mAP50(B)", "val/box_loss"


class Files:
    """What the files say: a table and settings of each directory."""

    def __init__(self, corpus: Path, real: Path) -> None:
        self.yolo = real / "c-nnor__Logos_and_Tattoos_Detection_YOLO8"
        self.toy_yolo = corpus / "ultralytics"
        self.lightning = real / "McGill-MMA-EnterpriseAnalytics__Spotify-Music"
        self.wandb = [real / "Aaquib111__Sparse-GPT-Finetuning", corpus / "wandb_online"]
        self.broken = corpus / "plain"
        self.ray = corpus / "ray_tune"
        self.places = [self.yolo, self.toy_yolo, self.lightning, *self.wandb, self.broken, self.ray]
        self.args = {
            path.parent: yaml.safe_load(path.read_text())
            for top in (self.yolo, self.toy_yolo, self.broken)
            for path in sorted(top.rglob("args.yaml"))
        }
        self.results = {path.parent: _table(path) for top in self.places for path in sorted(top.rglob("results.csv"))}

    def best(self, run: Path, column: str, what: Any = max) -> float:
        """The largest value of a column of `results.csv`; NaN where there is none."""
        values = [float(row[column]) for row in self.results.get(run, ()) if row.get(column)]
        return float(what(values)) if values else math.nan


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return [{key.strip(): value.strip() for key, value in row.items() if key} for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def files(corpus: Path, real_logs: Path) -> Files:
    return Files(corpus, real_logs)


@pytest.fixture(scope="module")
def logs(files: Files, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Logs]:
    places = [str(top) for top in files.places]
    with bench(tmp_path_factory.mktemp("files") / "index.duckdb") as made:
        made.syncer.sync(places)
        yield Logs(made, places)


def test_best_result_ever_on_a_data_set(files: Files, logs: Logs) -> None:
    on_it = [run for run, args in files.args.items() if args.get("data") == "./dataset.yaml" and run in files.results]
    first = logs.ask(f'dataset = "./dataset.yaml" has:"{MAP}"', f"-{MAP}:max")
    assert set(logs.places(first)) == set(on_it) and len(on_it) > 1
    assert logs.values(first[:1], [f"{MAP}:max"]) == [(max(files.best(run, MAP) for run in on_it),)]


def test_which_configs_have_been_tried_for_a_model(files: Files, logs: Logs) -> None:
    tried = {run: args for run, args in files.args.items() if args.get("model") == "yolov8n.pt"}
    assert set(logs.places(logs.ask("model = yolov8n.pt"))) == tried.keys()
    with logs.bench.store.cursor() as cursor:
        groups = reads.groups(cursor, logs.scope, "model = yolov8n.pt", ("seeds", "data"), (), lens=LENS)
    configs = {
        json.dumps({key: value for key, value in args.items() if key not in BOOKKEEPING}, sort_keys=True)
        for args in tried.values()
    }
    assert len(groups) == len(configs) > 1
    assert sum(len(group.rids) for group in groups) == len(tried)


def test_which_runs_diverged_and_at_which_step(files: Files, logs: Logs) -> None:
    rows = [json.loads(line) for line in (files.broken / "jsonl_split" / "log.jsonl").read_text().splitlines()]
    steps = [row["iter"] for row in rows if row["split"] == "train" and not math.isfinite(row.get("loss", 0))]
    table = _table(files.broken / "csv_changed" / "log.csv")
    others = [int(row["step"]) for row in table if row["loss"] in ("nan", "inf", "-inf")]
    found = dict(zip(logs.places(uids := logs.ask("has:nan")), uids, strict=True))
    split, changed = found[files.broken / "jsonl_split"], found[files.broken / "csv_changed"]
    assert logs.values([split], ["train/loss:nan.step", "train/loss:nan"]) == [(steps[0], len(steps))]
    assert logs.values([changed], ["loss:nan.step", "loss:nan"]) == [(others[0], len(others))]
    assert not {run for run in files.results if "NaN" not in str(files.results[run])} & found.keys()


def test_mean_and_spread_by_optimizer(files: Files, logs: Logs) -> None:
    by_optimizer: dict[str, list[float]] = {}
    for run, args in files.args.items():
        if args.get("optimizer") and run in files.results:
            by_optimizer.setdefault(args["optimizer"], []).append(files.best(run, BOX, min))
    with logs.bench.store.cursor() as cursor:
        groups = reads.groups(
            cursor, logs.scope, f'has:"{BOX}" has:optimizer', ("optimizer",), (f"{BOX}:min",), lens=LENS
        )
    assert {group.keys[0]: group.cells[0].n for group in groups} == {key: len(v) for key, v in by_optimizer.items()}
    for group in groups:
        values = by_optimizer[str(group.keys[0])]
        assert group.cells[0].mean == pytest.approx(statistics.fmean(values))
        assert group.cells[0].std == pytest.approx(statistics.stdev(values))


def test_accuracy_at_the_best_validation_loss(files: Files, logs: Logs) -> None:
    expected: dict[Path, float] = {}
    for path in files.lightning.rglob("metrics.csv"):
        judged = [row for row in _table(path) if row.get("val_loss")]
        if judged:
            expected[path.parent] = float(min(judged, key=lambda row: float(row["val_loss"]))["val_acc"])
    spec = "val_acc@min(val_loss)"
    found = logs.ask(f"path:lightning_logs {spec} > 0", f"-{spec}")
    assert dict(zip(logs.places(found), (value for (value,) in logs.values(found, [spec])), strict=True)) == expected
    assert [expected[run] for run in logs.places(found)] == sorted(expected.values(), reverse=True)
    limit = statistics.median(expected.values())
    above = logs.places(logs.ask(f"path:lightning_logs {spec} > {limit}"))
    assert set(above) == {run for run, value in expected.items() if value > limit} != set()


def test_runs_without_config(files: Files, logs: Logs) -> None:
    bare = [
        path.parent
        for path in files.broken.glob("*/*.csv")
        if not [other for other in path.parent.iterdir() if other.suffix in (".yaml", ".yml", ".json", ".toml", ".log")]
    ]
    found = set(logs.places(logs.ask("-has:config")))
    assert set(bare) <= found and bare
    assert not found & files.args.keys()


def test_failed_runs_by_cause(files: Files, logs: Logs) -> None:
    raised = {path.parent: path.read_text() for path in files.ray.rglob("error.txt")}
    for run, text in raised.items():
        kind = text.strip().splitlines()[-1].partition(":")[0].rpartition(".")[2]
        (uid,) = (uid for uid in logs.ask("state in [failed, crashed]") if logs.places([uid]) == [run])
        assert logs.values([uid], ["cause"]) == [(kind,)]
        assert uid in logs.ask(f"cause = {kind}")
    assert raised


def test_longest_runs(files: Files, logs: Logs) -> None:
    trials = {}
    for path in files.ray.rglob("result.json"):
        lines = [json.loads(line) for line in path.read_text().splitlines() if line]
        if len(lines) > 1:
            trials[path.parent] = lines[-1]["timestamp"] - lines[0]["timestamp"]
    found = [uid for uid in logs.ask("has:took", "-took") if logs.places([uid])[0] in trials]
    assert len(found) == len(trials) > 1
    shown = dict(zip(logs.places(found), (took for (took,) in logs.values(found, ["took"])), strict=True))
    assert all(shown[run] == pytest.approx(took, abs=3) for run, took in trials.items())


def _metadata(files: Files) -> dict[Path, dict[str, Any]]:
    return {
        path.parent.parent: json.loads(path.read_text())
        for top in files.wandb
        for path in top.rglob("wandb-metadata.json")
    }


def test_runs_of_a_commit(files: Files, logs: Logs) -> None:
    by_commit: dict[str, set[Path]] = {}
    for run, told in _metadata(files).items():
        by_commit.setdefault(told["git"]["commit"], set()).add(run)
    assert len(by_commit) > 1
    for commit, runs in by_commit.items():
        for query in (f"commit:{commit[:7]}", f"commit = {commit}"):
            assert set(logs.places(logs.ask(query))) == runs


def test_training_below_validation_by_a_factor(files: Files, logs: Logs) -> None:
    wanted = {run for run in files.results if files.best(run, "train/box_loss", min) < files.best(run, BOX, min) * 0.6}
    assert set(logs.places(logs.ask(f"train/box_loss:min < {BOX}:min * 0.6"))) == wanted
    assert 0 < len(wanted) < len(files.results)
    rest = {run for run in files.results if files.best(run, "train/box_loss", min) >= files.best(run, BOX, min) * 0.6}
    assert set(logs.places(logs.ask(f"train/box_loss:min / {BOX}:min >= 0.6"))) == rest


def test_everything_that_differs_from_the_baseline_in_exactly_one_param(files: Files, logs: Logs) -> None:
    here = {run: args for run, args in files.args.items() if files.yolo in run.parents}
    base = files.yolo / "runs" / "detect" / "train"

    def apart(run: Path) -> int:
        keys = (here[base].keys() | here[run].keys()) - BOOKKEEPING
        return sum(here[base].get(key) != here[run].get(key) for key in keys)

    uid = next(uid for uid in logs.ask("model = yolov8n.pt") if logs.places([uid]) == [base])
    load_ops(logs.bench.store, [("base", 1, "me", place(None, str(files.yolo)), "baseline", uid)])
    for many in {apart(run) for run in here}:
        assert set(logs.places(logs.ask(f"differs = {many}"))) == {run for run in here if apart(run) == many}
    assert set(logs.places(logs.ask("has:differs"))) == here.keys()


def test_learning_rate_pairs_tried_together(files: Files, logs: Logs) -> None:
    pairs = {(args["lr0"], args["lrf"]) for args in files.args.values() if args.get("lrf") is not None}
    with logs.bench.store.cursor() as cursor:
        groups = reads.groups(cursor, logs.scope, "has:lr0 has:lrf", ("lr0", "lrf"), (), lens=LENS)
    assert {group.keys for group in groups} == pairs and len(pairs) > 1
    for lr0, lrf in pairs:
        wanted = {run for run, args in files.args.items() if (args["lr0"], args.get("lrf")) == (lr0, lrf)}
        assert set(logs.places(logs.ask(f"lr0 = {lr0} lrf = {lrf}"))) == wanted


def test_runs_by_another_owner_since_monday(files: Files, logs: Logs) -> None:
    began = {run: _utc(told["startedAt"]) for run, told in _metadata(files).items()}
    newest = max(began.values())
    monday = (newest - timedelta(days=newest.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    owners = {run.owner() for run in began}
    since = {run for run, moment in began.items() if moment >= monday}
    asked = "tools:wandb started >= monday"
    for me, wanted in ((next(iter(owners)), set()), ("nobody else", since)):
        lens = replace(LENS, now=(newest + timedelta(minutes=1)).timestamp(), me=me)
        assert set(logs.places(logs.ask(f"-owner:me {asked}", lens=lens))) == wanted
    assert 0 < len(since) < len(began)


def _utc(text: str) -> datetime:
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
