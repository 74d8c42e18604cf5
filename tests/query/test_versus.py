"""How runs do against the champion, the baseline and the best before them, asked of a small history."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from runspect.columns import Lens, decode, parse_column, value_sql
from runspect.columns.guards import Guard
from runspect.columns.versus import PARTS
from runspect.errors import QueryError
from runspect.index.reads.cells import value_of
from runspect.index.reads.comparing import Comparing
from runspect.index.reads.ground import ground, measured
from runspect.index.reads.told import PLAIN, told
from runspect.practice.versus import compare
from tests.query.history import History, Run

SEEDS = (0.210, 0.214, 0.206, 0.219, 0.211)
LENS = Lens(
    objective="val/loss:min",
    counts=lambda param: param != "seed",
    guards=(Guard("latency", "down", 5.0, relative=True), Guard("nowhere", "up")),
)


def of(name: str, began: float, loss: float, latency: float = 10.0, **more: Any) -> Run:
    params = {"dataset": "cifar10", "lr": 0.1, **more.pop("params", {})}
    metrics = {"val/loss": [2.0, loss, loss + 0.1], "latency": [99.0, latency]}
    return Run(name, params, metrics, began=began, **more)


@pytest.fixture
def history() -> Iterator[History]:
    """Five seeds of a champion's config, better and worse runs after it, one of another data set, one that lives."""
    runs = [
        *(of(f"s{at}", 90 - at, loss, params={"seed": at}) for at, loss in enumerate(SEEDS)),
        of("again", 80, 0.2, params={"seed": 2}, state="failed"),
        of("close", 70, 0.209, params={"lr": 0.2}),
        of("far", 60, 0.15, params={"lr": 0.3}, project="p"),
        of("slow", 50, 0.14, latency=11.0, params={"lr": 0.4}),
        of("bad", 40, 0.3, params={"lr": 0.5}, archived=True),
        Run("svhn", {"dataset": "svhn"}, {"val/loss": [1.0]}, began=30),
        of("live", 20, 0.2, params={"lr": 0.6}, state="running"),
        Run("broken", {"dataset": "cifar10"}, {"val/loss": [float("nan")]}, began=10),
    ]
    found = History(runs)
    found.say("s0", "stage", {"stage": "production"}, 5)
    found.mark_baseline("far", "project:/data/exp")
    yield found
    found.close()


def comparing(history: History, lens: Lens = LENS) -> Comparing:
    found = ground(history.connection, (), lambda cursor, scope: history.names, lens)
    return Comparing(history.connection, found, measured(history.connection, found))


def told_of(history: History, part: str, lens: Lens = LENS) -> dict[str, Any]:
    lens = replace(lens, comparisons=comparing(history, lens))
    sql, params = value_sql(parse_column(part), history.names, lens)
    rows = history.connection.execute(f"SELECT r.name, {sql} FROM runs_now r", list(params)).fetchall()
    return {name: value for name, value in rows if value is not None}


def ask(history: History, query: str) -> set[str]:
    return history.ask(query, lens=replace(LENS, comparisons=comparing(history)))


def test_each_run_is_measured_against_the_champion_of_its_data_set(history: History) -> None:
    found = told_of(history, "vs:champion")
    assert found["far"] == pytest.approx(100 * (0.210 - 0.15) / 0.210)
    assert found["bad"] == pytest.approx(100 * (0.210 - 0.3) / 0.210)
    assert not found.keys() & {"s0", "svhn", "broken"}  # itself, another data set, no value
    assert ask(history, "vs:champion > 0") == {"s2", "again", "close", "far", "slow", "live"}
    assert ask(history, "has:vs:champion") == found.keys() == ask(history, "vs:champion")


def test_the_best_before_it_is_the_record_when_it_began(history: History) -> None:
    found = told_of(history, "vs:best")
    assert "s0" not in found  # the first
    assert found["s1"] == pytest.approx(100 * (0.210 - 0.214) / 0.210)
    assert found["slow"] == pytest.approx(100 * (0.15 - 0.14) / 0.15)
    assert found["bad"] == pytest.approx(100 * (0.14 - 0.3) / 0.14)
    assert ask(history, "vs:best > 0") == {"s2", "again", "far", "slow"}  # what was a record once
    assert ask(history, "vs:baseline > 0") == {"slow"}


def test_noise_is_numpys_deviation_of_the_references_seeds(history: History) -> None:
    sigma = float(np.std(SEEDS, ddof=1))  # `again` is seed 2 once more, and failed
    found = told_of(history, "vs:sigmas")
    assert found["far"] == pytest.approx((0.210 - 0.15) / sigma)
    assert found["s3"] == pytest.approx(-(0.219 - 0.210) / sigma)
    noise = told_of(history, "vs:noise")
    assert (noise["close"], noise["far"], noise["s3"]) == ("within", "beyond", "within")
    assert "s0" not in noise and "s0" not in told_of(history, "vs")  # what others are compared with
    own = comparing(history).versus(*rids(history, "s0", "far")).change.noise
    assert (own.whose, own.n) == ("run", 5)  # the one seed of the other tells nothing
    assert (
        ask(history, "vs:noise:within")
        == ask(history, "vs:noise = within")
        == {"s1", "s2", "s3", "s4", "again", "close", "live"}
    )
    change = comparing(history).versus(*rids(history, "far", "s0")).change
    assert change == compare(0.15, 0.210, "down", SEEDS, (0.15,))


def test_a_better_run_with_a_worse_guard_is_marked(history: History) -> None:
    verdicts = told_of(history, "vs:verdict")
    assert (verdicts["far"], verdicts["slow"]) == ("better", "better, guard worse")
    assert (verdicts["close"], verdicts["bad"]) == ("as good", "worse")
    assert told_of(history, "vs:guards") == {"slow": "latency"}
    assert ask(history, "has:vs:guards") == {"slow"}
    assert ask(history, 'vs:verdict = "better, guard worse"') == {"slow"}


def test_a_live_run_is_compared_at_its_own_step(history: History) -> None:
    runs = comparing(history)
    live, champion = rids(history, "live", "s0")
    connection = history.connection
    # it has logged two points of three
    connection.execute("DELETE FROM points WHERE rid = ? AND step > 0", [live])
    connection.execute("UPDATE series SET last_step = 0, lo = 1.9 WHERE rid = ?", [live])
    runs = comparing(history)
    assert runs.at_step(live) == 0 and runs.at_step(champion) is None
    change = runs.versus(live, champion).change
    assert (change.value, change.reference) == (1.9, 2.0)
    assert (change.noise.n, change.noise.sigma) == (5, 0.0)  # all five were at 2.0 then
    assert told_of(history, "vs")["live"] == pytest.approx(5)


def test_the_main_reference_is_champion_then_baseline_then_the_best_before(history: History) -> None:
    runs = comparing(history)
    assert [runs.main(rid) for rid in rids(history, "far", "s0", "svhn")] == ["champion", "baseline", None]
    history.say("s0", "stage", None, 1)
    runs = comparing(history)
    assert [runs.main(rid) for rid in rids(history, "far", "slow", "s0")] == ["best", "baseline", "baseline"]


def test_what_is_told_of_a_run_is_what_sql_finds(history: History) -> None:
    lens = replace(LENS, comparisons=comparing(history))
    everything = told(history.connection, range(1, 14), PLAIN)
    for part in PARTS:
        column = parse_column(part)
        read, (sql, params) = value_of(column, history.names, lens), value_sql(column, history.names, lens)
        assert read is not None
        rows = history.connection.execute(f"SELECT r.rid, {sql} FROM runs_now r", list(params)).fetchall()
        assert {rid: decode(column, value) for rid, value in rows} == {
            rid: read(run) for rid, run in everything.items()
        }


def test_without_a_look_there_is_nothing(history: History) -> None:
    assert history.ask("has:vs") == set()
    with pytest.raises(QueryError):
        history.ask("vs:nonsense")


def rids(history: History, *names: str) -> list[int]:
    found = dict(history.connection.execute("SELECT name, rid FROM runs_now").fetchall())
    return [found[name] for name in names]
