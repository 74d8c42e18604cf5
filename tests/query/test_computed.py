"""Fields that take more than the run's row: data set, commit, time to go, cause, cost, difference from the baseline."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runspect.columns import Lens, decode, parse_column, value_sql
from runspect.columns.baseline import place
from runspect.columns.computed import COMPUTED
from runspect.columns.datasets import Spelling
from runspect.columns.repeats import repeated_rows
from runspect.index.reads.cells import value_of
from runspect.index.reads.table import window
from runspect.index.reads.told import PLAIN, told
from runspect.model import Json
from runspect.practice.configs import makes_config
from tests.query.history import History, Run

SHA = "3843b2bc0123456789abcdef0123456789abcdef"
RUNS = (
    # 60 of 90 steps in an hour, two devices
    Run("steps", {"trainer.max_steps": 90, "max_epochs": 7, "num_gpus": 2, "data.name": "other", "lr": 1, "seed": 1},
        {"val/loss": [1.0]}, {"git_commit": SHA, "dataset": "CIFAR10"}, state="running", began=2, lasted=1, steps=60,
        project="p"),
    Run("goal", {"max_steps": -1, "num_train_epochs": "4"}, {"train/epoch": [0.5, 1.0], "loss": [1.0, 2.0]},
        {"max_steps": 400, "gpu_count": 4}, state="quiet", began=2, lasted=1, steps=100, project="p"),
    Run("epochs", {"max_steps": -1, "num_train_epochs": 4.0}, {"epoch": [1.0, 2.0]}, state="running", began=2, lasted=2,
        steps=5000, project="p"),
    Run("rows", {"epochs": 10, "world_size": "8", "git_sha": SHA[:7]}, {"val/acc": [0.1, 0.2, 0.3]}, state="running",
        began=2, lasted=1, steps=2),
    Run("beyond", {"max_steps": 10}, {}, state="running", began=2, lasted=1, steps=50),
    Run("unknown", {"epochs": 10}, {"loss": [1.0]}, state="running", began=2, lasted=1, steps=2),
    Run("over", {"max_steps": 100, "devices": 4, "num_nodes": 2, "lr": 1, "seed": 2, "opt": "x"}, state="finished",
        began=3, lasted=1, project="p"),
    Run("oom", {"lr": 2, "opt": "x", "commit": "no commit"}, state="crashed", reason="out of memory in console"),
    Run("error", {"lr": 1.0, "opt": "y"}, {}, {"console_verdict": "traceback: ValueError: boom"}, state="failed",
        reason="exit code 1"),
    Run("nan", {"lr": 1, "opt": "x"}, {"loss": [1.0, math.nan]}, state="failed", reason="exit code 3"),
    Run("code", {}, state="failed", reason="exit code 3", project="p"),
    Run("signal", {}, state="killed", reason="exit code -15, signal 15"),
    Run("slurm", {}, state="killed", reason="slurm: CANCELLED AT 2026-01-01 DUE TO TIME LIMIT in console"),
    Run("silent", {}, state="killed", reason="no end record, silent since 2026-01-01"),
    Run("said", {}, state="killed", reason="the tool recorded killed"),
    Run("fine", {"dataset": "  ", "data": "cifar-10-python"}, {"loss": [math.inf]}, reason="exit code 0"),
)  # fmt: skip
LENS = Lens(
    datasets=(Spelling("cifar10", ("cifar[-_]10*",)),),
    counts=makes_config,
    tells_apart=lambda param: makes_config(param, seeds=True),
)


@pytest.fixture(scope="module")
def history() -> Iterator[History]:
    found = History(RUNS)
    found.mark_baseline("oom", place("p", "/data/exp"))
    found.mark_baseline("over", place("p", "/data/exp"))
    found.mark_baseline("nan", place(None, "/data/exp"))
    yield found
    found.close()


CASES: list[tuple[str, set[str]]] = [
    ("dataset = cifar10", {"steps", "fine"}),
    ("dataset = /mnt/me/cifar-10-python/train", {"steps", "fine"}),
    ("dataset:CIFAR", {"steps", "fine"}),
    ("has:dataset", {"steps", "fine"}),
    ("dataset != imagenet", {"steps", "fine"}),
    ("fact.dataset = CIFAR10", {"steps"}),
    ("commit:3843b2b", {"steps", "rows"}),
    (f"commit = {SHA}", {"steps", "rows"}),
    ("commit:3843b2b*", {"steps", "rows"}),
    ("-has:commit -has:config", {"code", "signal", "slurm", "silent", "said"}),
    ("left = 30m", {"steps"}),
    ("left < 3h", {"steps", "epochs"}),
    ("left = 3h", {"goal"}),
    ("left > 3h", {"rows"}),
    ("has:left", {"steps", "goal", "epochs", "rows"}),
    ("cause:memory", {"oom"}),
    ("cause = ValueError", {"error"}),
    ("cause:error", {"error"}),
    ("cause = nan", {"nan", "fine"}),  # ended well, but with an infinite loss
    ("cause = 'exit code 3'", {"code"}),
    ("cause = 'killed by signal 15'", {"signal"}),
    ("cause = 'time limit'", {"slurm"}),
    ("cause = 'no end record'", {"silent"}),
    ("cause = killed", {"said"}),
    ("cost = 2h", {"steps", "epochs"}),
    ("cost >= 4h", {"goal", "rows", "over"}),
    ("cost = 8h", {"rows", "over"}),
    ("cost > took * 3", {"goal", "rows", "over"}),
    # the project's baseline is `over`, that of the rest `nan`
    ("differs = 0", {"over", "nan"}),
    ("differs = 1", {"error"}),
    ("differs = 2", {"oom"}),
    ("project:p differs > 2", {"steps", "goal", "epochs"}),
]


@pytest.mark.parametrize(("query", "wanted"), CASES, ids=[query for query, _ in CASES])
def test_which_runs_match(history: History, query: str, wanted: set[str]) -> None:
    assert history.ask(query, lens=LENS) == wanted


@pytest.mark.parametrize(
    "spec",
    [*(name for name in COMPUTED if name not in ("differs", "same", "lint", "tidy")), "cost - took", "left / 1h"],
)
def test_what_is_told_of_a_run_is_what_sql_finds(history: History, spec: str) -> None:
    column = parse_column(spec)
    read, (sql, params) = value_of(column, history.names, LENS), value_sql(column, history.names, LENS)
    assert read is not None
    rows = history.connection.execute(f"SELECT r.rid, {sql} FROM runs_now r", list(params)).fetchall()
    runs = told(history.connection, [rid for rid, _ in rows], PLAIN, with_tested=True)
    assert {rid: read(run) for rid, run in runs.items()} == {rid: decode(column, value) for rid, value in rows}


def test_a_metric_or_param_of_that_name_wins_over_a_field_that_yields() -> None:
    history = History([Run("a", {"left": 3}, {"cost": [5.0, 7.0]}), Run("b", {}, {"cost": [2.0]})])
    assert history.ask("cost > 3") == {"a"}
    assert history.ask("cost:min > 3") == {"a"}
    assert history.ask("left = 3") == {"a"}
    sql, params = value_sql(parse_column("cost"), history.names)
    assert history.connection.execute(f"SELECT {sql} FROM runs_now r ORDER BY r.rid", list(params)).fetchall() == [
        (7.0,),
        (2.0,),
    ]
    history.close()


def test_changes_against_the_baseline() -> None:
    runs = [
        Run("base", {"lr": 1}, {"val/loss": [2.0, 1.0]}, project="p"),
        Run("new", {"lr": 3}, {"val/loss": [0.9, 0.8]}, project="p"),
        Run("none", {}, {}, project="p"),
        Run("alone", {}, {"val/loss": [1.0]}, project="q"),
    ]
    history = History(runs)
    history.mark_baseline("base", place("p", "/data/exp"))

    def values(spec: str) -> list[float | None]:
        sql, params = value_sql(parse_column(spec), history.names)
        rows = history.connection.execute(f"SELECT {sql} FROM runs_now r ORDER BY r.rid", list(params)).fetchall()
        return [value if value is None else round(value, 9) for (value,) in rows]

    assert values("Δval/loss") == [0.0, -0.2, None, None]
    assert values("delta(val/loss:max)") == [0.0, -1.1, None, None]
    assert values("Δ%val/loss") == [0.0, -20.0, None, None]
    assert values("delta%(lr)") == [0.0, 200.0, None, None]
    assert history.ask("Δval/loss < 0") == {"new"}
    assert history.ask("Δ%val/loss:best < -10") == {"new"}
    assert history.ask("delta(val/loss) * 2 < took") == {"base", "new"}
    history.close()


_params = st.dictionaries(
    st.sampled_from(["lr", "opt", "depth", "seed", "my key"]),
    st.sampled_from([0, 1, 1.0, 0.1, -1, "1", "adam", "", True, [1, 2], None]),
)


@given(st.lists(_params, min_size=2, max_size=5), _params)
@settings(max_examples=25)
def test_differs_counts_the_params_that_are_not_the_same(
    configs: list[dict[str, Json]], older: dict[str, Json]
) -> None:
    history = History([Run(f"r{at}", config, project="p") for at, config in enumerate(configs)])
    history.mark_baseline("r0", place("p", "/data/exp"))
    history.connection.execute("UPDATE cfg SET upd = 2")
    for key, value in older.items():  # what a run said before is forgotten
        history.connection.execute(
            "INSERT INTO cfg VALUES (2, ?, NULL, ?, 'c', false, true, 1)", [key, json.dumps(value)]
        )

    def counted(config: Mapping[str, Json]) -> dict[str, Json]:
        return {key: _same_as(value) for key, value in config.items() if key != "seed"}

    base = counted(configs[0])
    for at, config in enumerate(configs):
        if at == 1 and not config:
            continue  # without rows, not even one that says so, the older ones are the newest
        own = counted(config)
        apart = sum(base.get(key, ...) != own.get(key, ...) for key in {*base, *own})
        names = {f"r{at}"} if base and own else set()
        assert history.ask(f"differs = {apart} name = r{at}", lens=LENS) == names
        assert history.ask(f"has:differs name = r{at}", lens=LENS) == names
    history.close()


def _same_as(value: Json) -> Json:
    """Numbers are equal as numbers; all else as its JSON text."""
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else json.dumps(value)


SAME = (
    Run("a", {"lr": 0.1, "seed": 1, "out_dir": "/x", "ema": None}, project="p"),
    Run("b", {"lr": 0.1, "seed": 1, "out_dir": "/y", "ckpt": "/z/1"}, project="p"),
    Run("c", {"lr": 0.1, "seed": 2}, project="p"),
    Run("d", {"lr": 0.1, "seed": 1}, {}, {"dataset": "svhn"}, project="p"),
    Run("e", {"lr": 0.1, "seed": 1}, project="q"),
    Run("f", {"lr": 0.2, "data_dir": "/d/c10"}),
    Run("g", {"lr": 0.2, "data_dir": "/d/svhn"}),
    Run("h", {"lr": 0.2, "data_dir": "/d/c10"}),
    Run("s", {"a": 1, "b": 2}, project="swapped"),
    Run("t", {"a": 2, "b": 1}, project="swapped"),
    Run("i", {"out_dir": "/x"}),
    Run("j", {}),
    Run("k", {"lr": 0.2, "data_dir": "/d/c10", "host": "box2"}),
)


def test_runs_with_the_same_config_are_counted() -> None:
    history = History(SAME)
    assert history.ask("same = 1", lens=LENS) == {"a", "b"}
    assert history.ask("same = 2", lens=LENS) == {"f", "h", "k"}
    assert history.ask("same = 0", lens=LENS) == {"c", "d", "e", "g", "s", "t"}
    assert history.ask("-has:same", lens=LENS) == {"i", "j"}
    history.close()


def test_what_takes_other_runs_does_not_hang_on_which_are_in_view() -> None:
    history = History([Run("a", {"lr": 1}, began=60), Run("b", {"lr": 1}, began=40), Run("c", {"lr": 2})])

    def shown(rids: list[int]) -> list[tuple[Json, ...]]:
        rows = window(
            history.connection, (), rids, ["same", "tidy"], known=lambda *_: history.names, names_of=lambda *_: {}
        )
        return [row.values for row in rows]

    alone = [shown([rid])[0] for rid in (1, 2, 3)]
    assert alone == [(1, ["untagged"]), (1, ["duplicate", "untagged"]), (0, ["untagged"])]
    assert alone == shown([1, 2, 3])
    history.close()


def test_only_what_finished_before_is_repeated() -> None:
    config = {"lr": 0.1, "seed": 1}
    history = History(
        (
            Run("third", {"lr": "1e-1", "seed": 1}, project="p", began=8),
            Run("first", config, project="p", began=20, state="failed"),
            Run("second", {**config, "out_dir": "/x"}, project="p", began=10),
            Run("going", config, project="p", began=1, state="running"),
            Run("other-seed", {**config, "seed": 2}, project="p", began=1),
            Run("elsewhere", config, project="q", began=1),
        )
    )
    rows, params = repeated_rows(history.names, LENS)
    found = history.connection.execute(f"SELECT r.name FROM runs r JOIN ({rows}) q ON q.rid = r.rid", params).fetchall()
    assert {name for (name,) in found} == {"third", "going"}
    history.close()
