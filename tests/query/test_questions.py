"""The questions that people ask of their history, on logs of real tools and people; each answer is found twice.

The second way is plain Python over what `ls --json` tells of every run.
"""

from __future__ import annotations

import json
import math
import re
import statistics
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from runspect.columns.baseline import place
from runspect.columns.datasets import DATASET_KEYS
from runspect.index import reads
from runspect.index.annotations import load_ops
from runspect.practice.grouping import makes_no_config
from tests.engine.syncing import bench, log
from tests.query.logs import LENS, Logs, Run


@pytest.fixture(scope="module")
def logs(corpus: Path, real_logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Logs]:
    places = [str(corpus), str(real_logs)]
    with bench(tmp_path_factory.mktemp("questions") / "index.duckdb") as made:
        made.syncer.sync(places)
        yield Logs(made, places)


def number(run: Run, metric: str, what: str = "last") -> float:
    """A value of a metric; NaN, which no comparison holds for, when there is none."""
    value = run["metrics"].get(metric, {}).get(what)
    return float(value) if value is not None else math.nan


def moment(text: str | None) -> float:
    return datetime.fromisoformat(text).timestamp() if text else math.nan


def test_best_result_ever_on_a_data_set(logs: Logs) -> None:
    def on_toy(run: Run) -> bool:
        told = (source.get(key) for key in DATASET_KEYS for source in (run["params"], run["facts"]))
        named = next((value for value in told if isinstance(value, str) and value.strip()), "")
        return named.lower().startswith("toy")

    metric = "loss"
    wanted = logs.those(lambda run: on_toy(run) and metric in run["metrics"])
    found = logs.ask(f"dataset = toy has:{metric}", f"{metric}:best")
    assert set(found) == wanted and len(found) > 5
    best = min(number(run, metric, "min") for run in logs.runs if run["uid"] in wanted)
    assert logs.values(found[:1], [f"{metric}:best", "dataset"]) == [(best, "toy")]


def test_which_configs_have_been_tried_for_a_model(logs: Logs) -> None:
    found = logs.ask("model:yolov8n")
    assert set(found) == logs.those(lambda run: "yolov8n" in str(run["params"].get("model")))
    with logs.bench.store.cursor() as cursor:
        configs = reads.groups(
            cursor, logs.scope, "model:yolov8n", ("seeds",), ("epochs", "metrics/mAP50(B):max"), lens=LENS
        )
    assert sum(len(group.rids) for group in configs) == len(found) > len(configs) > 1


def test_which_runs_of_last_week_diverged_and_at_which_step(logs: Logs) -> None:
    diverged = [
        run for run in logs.runs if run["started"] and any(told["nonfinite"] for told in run["metrics"].values())
    ]
    newest = max(moment(run["started"]) for run in diverged)
    lens = replace(LENS, now=newest + 7 * 86400)
    monday = datetime.fromtimestamp(newest).replace(hour=0, minute=0, second=0, microsecond=0)
    monday -= timedelta(days=monday.weekday())
    begin, end = monday.timestamp(), (monday + timedelta(days=7)).timestamp()
    found = logs.ask("has:nan started:last-week", lens=lens)
    assert set(found) == logs.those(lambda run: begin <= moment(run["started"]) < end, diverged)
    assert found == logs.ask("has:nan started = last week", lens=lens)
    for uid in found:
        (run,) = (run for run in diverged if run["uid"] == uid)
        metric = next(name for name, told in run["metrics"].items() if told["nonfinite"])
        ((step, many),) = logs.values([uid], [f"{metric}:nan.step", f"{metric}:nan"])
        assert step is not None and many == run["metrics"][metric]["nonfinite"]


def test_mean_and_spread_over_seeds_by_optimizer(logs: Logs) -> None:
    with logs.bench.store.cursor() as cursor:
        found = reads.groups(
            cursor, logs.scope, "has:optimizer has:val/box_loss", ("optimizer",), ("val/box_loss:min",), lens=LENS
        )
    by_optimizer: dict[str, list[float]] = {}
    for run in logs.runs:
        if "optimizer" in run["params"] and not math.isnan(number(run, "val/box_loss", "min")):
            by_optimizer.setdefault(str(run["params"]["optimizer"]), []).append(number(run, "val/box_loss", "min"))
    assert by_optimizer
    for group in found:
        values = by_optimizer[str(group.keys[0])]
        assert group.cells[0].n == len(values)
        assert group.cells[0].mean == pytest.approx(statistics.fmean(values))
        assert len(values) < 2 or group.cells[0].std == pytest.approx(statistics.stdev(values))


def test_one_metric_where_another_is_best(logs: Logs) -> None:
    spec, judged = "val_accuracy@min(val_loss)", "val_loss"
    found = logs.ask(f"{spec} > 0.5", f"-{spec}")
    assert len(found) > 3
    points = {}
    with logs.bench.store.cursor() as cursor:
        for run in logs.runs:
            if {"val_accuracy", judged} <= set(run["metrics"]):
                points[run["uid"]] = [
                    reads.series(cursor, logs.scope, run["uid"], name) for name in (judged, "val_accuracy")
                ]
    expected = {}
    for uid, (losses, accuracies) in points.items():
        finite = [
            (value, step)
            for step, value in zip(losses["step"], losses["value"], strict=True)
            if isinstance(value, float)
        ]
        if finite:
            step = min(finite)[1]
            before = [value for at, value in zip(accuracies["step"], accuracies["value"], strict=True) if at <= step]
            expected[uid] = before[-1] if before else math.nan
    assert set(found) == {uid for uid, value in expected.items() if value > 0.5}
    shown = [value for (value,) in logs.values(found, [spec])]
    assert shown == sorted(shown, reverse=True)
    assert shown == [pytest.approx(expected[uid]) for uid in found]


def test_runs_with_nan_and_runs_without_a_config(logs: Logs) -> None:
    broken = logs.those(lambda run: any(told["nonfinite"] for told in run["metrics"].values()))
    assert set(logs.ask("has:nan")) == broken != set()
    bare = logs.those(lambda run: not run["params"])
    assert set(logs.ask("-has:config")) == bare != set()


def test_failed_runs_by_cause(logs: Logs) -> None:
    with logs.bench.store.cursor() as cursor:
        found = reads.groups(cursor, logs.scope, "state in [failed, killed, crashed]", ("cause",), ("took",), lens=LENS)
    causes = {str(group.keys[0]): len(group.rids) for group in found}
    ended = logs.those(lambda run: run["state"] in ("failed", "killed", "crashed"))
    assert sum(causes.values()) == len(ended)
    assert "None" not in causes
    errors = logs.those(
        lambda run: (
            "ValueError" in f"{run['reason']} {run['facts'].get('console_verdict')} {run['facts'].get('end_reason')}"
        )
    )
    assert causes["ValueError"] == len(errors & ended) > 0
    assert causes["out of memory"] >= 1 and causes["time limit"] >= 1
    assert set(logs.ask("cause = ValueError")) == errors & ended


def test_longest_and_costliest_runs(logs: Logs) -> None:
    def took(run: Run) -> float:
        spent = moment(run["ended"] or run["updated"]) - moment(run["started"])
        return spent if math.isnan(spent) else max(0.0, spent)

    found = logs.ask("took > 1h", "-took")
    assert set(found) == logs.those(lambda run: took(run) > 3600)
    longest = max(took(run) for run in logs.runs if not math.isnan(took(run)))
    assert logs.values(found[:1], ["took"])[0][0] == pytest.approx(longest, abs=1e-3)
    costly = logs.ask("cost > took * 1.5", "-cost")
    assert costly
    for cost, spent, many in logs.values(costly, ["cost", "took", "fact.gpu_count"]):
        assert many is None or cost == pytest.approx(spent * many)


def test_runs_of_a_commit(logs: Logs) -> None:
    commits = [str(run["facts"]["git_commit"]) for run in logs.runs if run["facts"].get("git_commit")]
    common = statistics.mode(commits)
    wanted = logs.those(lambda run: run["facts"].get("git_commit") == common)
    assert set(logs.ask(f"commit:{common[:7]}")) == set(logs.ask(f"commit = {common}")) == wanted
    assert len(wanted) > 3


def test_training_below_validation_by_a_factor(logs: Logs) -> None:
    query = "train/box_loss:min < val/box_loss:min * 0.9"
    wanted = logs.those(lambda run: number(run, "train/box_loss", "min") < number(run, "val/box_loss", "min") * 0.9)
    assert set(logs.ask(query)) == wanted
    gap = "val/box_loss:min / train/box_loss:min"
    found = logs.ask("has:train/box_loss has:val/box_loss", f"-{gap}")
    shown = [value for (value,) in logs.values(found, [gap])]
    assert shown == sorted(shown, reverse=True) and len(shown) > 3
    assert {uid for uid, value in zip(found, shown, strict=True) if value > 1 / 0.9} == wanted


def test_tagged_a_but_not_b_with_a_note(logs: Logs) -> None:
    chosen = [run["uid"] for run in logs.runs[:4]]
    marks = [(0, "tag:ablation", True), (1, "tag:ablation", True), (2, "tag:ablation", True), (1, "tag:broken", True),
             (0, "note", "why so slow"), (1, "note", "no"), (3, "note", "slow")]  # fmt: skip
    ops = [(f"m{at}", at, "me", f"run:{chosen[run]}", key, value) for at, (run, key, value) in enumerate(marks)]
    load_ops(logs.bench.store, ops)
    assert logs.ask("tag:ablation -tag:broken has:note") == chosen[:1]
    assert logs.ask("tag:ablation -tag:broken note:slow") == chosen[:1]
    assert set(logs.ask("tag:ablation -note:slow")) == set(chosen[1:3])


def test_everything_that_differs_from_the_baseline_in_one_param(logs: Logs) -> None:
    def config(run: Run) -> dict[str, str]:
        told = {
            key: float(value) if isinstance(value, int) and not isinstance(value, bool) else value
            for key, value in run["params"].items()
        }
        return {key: json.dumps(value, sort_keys=True) for key, value in told.items() if not makes_no_config(key)}

    def apart(one: Mapping[str, str], other: Mapping[str, str]) -> int:
        return sum(one.get(key) != other.get(key) for key in {*one, *other})

    place_of: dict[Any, Any] = dict(logs.bench.sql("SELECT uid, watch FROM runs_now"))
    related = [run for run in logs.runs if run["params"] and run["project"] is None]
    configs = {str(run["uid"]): config(run) for run in related}
    alone = [
        (uid, other)
        for uid in configs
        for other in configs
        if apart(configs[uid], configs[other]) == 1 and place_of[uid] == place_of[other]
    ]
    base = statistics.mode(uid for uid, _ in alone)
    load_ops(logs.bench.store, [("base", time.time_ns(), "me", place(None, str(place_of[base])), "baseline", base)])
    wanted = {other for uid, other in alone if uid == base}
    found = logs.ask("differs = 1 project:/^$/ or differs = 1 -has:project")
    assert set(found) == wanted != set()
    assert base in logs.ask("differs = 0")


def test_learning_rate_pairs_tried_together(logs: Logs) -> None:
    wanted = {(run["params"]["lr0"], run["params"]["lrf"]) for run in logs.runs if {"lr0", "lrf"} <= set(run["params"])}
    with logs.bench.store.cursor() as cursor:
        found = reads.groups(cursor, logs.scope, "has:lr0 has:lrf", ("lr0", "lrf"), (), lens=LENS)
        matrix = reads.pivot(cursor, logs.scope, "has:lr0", ("lr0", "lrf"), "metrics/mAP50(B):max", lens=LENS)
    assert {group.keys for group in found} == wanted and len(wanted) > 1
    assert set(matrix["rows"]["values"]) == {lr for lr, _ in wanted}


def test_runs_by_another_owner_since_monday(logs: Logs) -> None:
    started = [moment(run["started"]) for run in logs.runs if run["started"]]
    lens = replace(LENS, now=statistics.median_low(started) + 86400)
    today = datetime.fromtimestamp(lens.now or 0).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = (today - timedelta(days=today.weekday())).timestamp()
    mine = str(logs.runs[0]["owner"])
    since = logs.those(lambda run: moment(run["started"]) >= monday)
    assert set(logs.ask("owner != nobody started >= monday", lens=lens)) == since != set()
    assert set(logs.ask(f"-owner:{mine} started >= monday", lens=lens)) == logs.those(
        lambda run: run["owner"] != mine and moment(run["started"]) >= monday
    )


def test_running_now_with_less_than_an_hour_to_go(tmp_path: Path) -> None:
    now = time.time()
    for name, goal in (("soon", 120), ("late", 100_000), ("unknown", None)):
        log(tmp_path / "exp" / name, range(1, 101))
        lines = (tmp_path / "exp" / name / "metrics.jsonl").read_text().splitlines()
        timed = [json.dumps({**json.loads(line), "time": now - 1000 + 10 * at}) for at, line in enumerate(lines)]
        (tmp_path / "exp" / name / "metrics.jsonl").write_text("".join(f"{line}\n" for line in timed))
        (tmp_path / "exp" / name / "config.json").write_text(
            json.dumps({"lr": 1} if goal is None else {"max_steps": goal})
        )
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([str(tmp_path / "exp")])
        asked = Logs(made, [str(tmp_path / "exp")])
        names = {run["uid"]: run["name"] for run in asked.runs}
        assert [names[uid] for uid in asked.ask("state:running left < 1h")] == ["soon"]
        assert [names[uid] for uid in asked.ask("state:running has:left", "left")] == ["soon", "late"]
        ((left,),) = asked.values(asked.ask("left < 1h"), ["left"])
        assert 150 < left < 250


def test_names_of_one_tool_are_names_here(logs: Logs) -> None:
    query = "cfg.lr>=1e-3 -tag:baseline -note:x | project:y"
    wanted = logs.those(
        lambda run: (
            isinstance(run["params"].get("lr"), (int, float))
            and run["params"]["lr"] >= 1e-3
            and "baseline" not in run["tags"]
        )
    )
    found = set(logs.ask(query))
    assert wanted <= found
    assert found - wanted <= logs.those(
        lambda run: re.fullmatch(r"[\d.e-]+", str(run["params"].get("lr", ""))) or run["project"]
    )
