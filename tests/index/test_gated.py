"""Gates over a small history in a real index: units, champions, repetitions, and when to look again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from runspect.columns import Lens
from runspect.index.reads.gated import Gated, depends_on, gated
from runspect.index.reads.staged import model_versions, registry, stage_history
from runspect.model import Json
from runspect.policy import parse_policy
from tests.query.history import History, Run

POLICY = parse_policy(
    """
objective = "acc:max"
[directions]
ece = "down"
[gates.candidate]
metrics = ["acc:max >= 0.5"]
state = "finished"
[gates.production]
datasets = ["cifar*"]
change = "1%"
guards = { "ece:last" = "5%" }
seeds = 2
parts = ["commit"]
took = "2h"
cost = "2h"
"""
)
LENS = Lens(objective=POLICY.objective, directions=POLICY.directions)


def run(name: str, lr: float, seed: int, acc: float, ece: float = 0.1, **told: object) -> Run:
    params = {"lr": lr, "seed": seed, "dataset": "cifar10", "out": f"/tmp/{name}"}
    return Run(name, params, {"acc": [0.1, acc], "ece": [ece]}, {"git_commit": "abc1234"}, **told)  # type: ignore[arg-type]


@pytest.fixture
def history() -> Iterator[History]:
    found = History(
        [
            run("champion", 0.1, 1, 0.8),
            run("better", 0.01, 1, 0.9),
            run("better-2", 0.01, 2, 0.91),
            run("better-2-again", 0.01, 2, 0.91),
            run("better-crashed", 0.01, 3, 0.2, state="crashed"),
            run("lucky", 0.001, 1, 0.95, 0.5),
            run("live", 0.02, 1, 0.9, state="running"),
            Run("elsewhere", {"lr": 1, "dataset": "mnist"}, {"acc": [0.7]}),
            Run("older-data", {"lr": 0.01, "seed": 9, "dataset": "cifar10"}, {"acc": [0.9]}, {"dataset_version": "v1"}),
            Run("bare"),
        ]
    )
    found.say("champion", "stage", {"stage": "production", "why": "first", "at": 1}, 9)
    for name in ("better", "better-2", "lucky", "older-data"):
        found.say(name, "stage", {"stage": "candidate", "why": "good", "at": 1}, 8)
    yield found
    found.close()


def look(history: History) -> Gated:
    return gated(history.connection, "/data/exp", POLICY.gates, LENS, (), lambda cursor, scope: history.names)


def rids(history: History) -> dict[str, int]:
    return dict(history.connection.execute("SELECT name, rid FROM runs_now").fetchall())


def test_what_gates_say_of_every_run_that_has_ended(history: History) -> None:
    found, rid = look(history), rids(history)
    told = {name: found.words().get(number) for name, number in rid.items()}
    assert told == {
        "champion": None,
        "better": "production passes 6/6",
        "better-2": "production passes 6/6",
        "better-2-again": "candidate passes 2/2",
        "better-crashed": "candidate fails 0/2",
        "lucky": "production fails 4/6",
        "live": None,
        "elsewhere": "candidate passes 2/2",
        "older-data": "production fails 3/6",
        "bare": "candidate open 1/2",
    }


def test_seeds_count_once_and_only_where_the_data_is_the_same(history: History) -> None:
    found, rid = look(history), rids(history)

    def seeds(name: str) -> str:
        answer = found.outcome(rid[name])
        assert answer is not None
        return next(each.say() for each in answer[0].findings if each.say().endswith("finished"))

    assert seeds("better") == "2 seeds of this config finished"
    assert seeds("older-data") == "1 seed of this config finished"


def test_what_a_live_run_would_come_to_is_told_when_it_is_asked(history: History) -> None:
    answer = look(history).outcome(rids(history)["live"])
    assert answer is not None and answer[0].word == "fails"


def test_the_way_to_a_later_stage_leads_through_all_gates(history: History) -> None:
    answer = look(history).outcome(rids(history)["better-2-again"], "production")
    assert answer is not None
    assert (answer[0].gates, answer[0].text) == (("candidate", "production"), "production passes 8/8")
    assert look(history).outcome(rids(history)["elsewhere"], "production") is not None


def test_only_what_matters_is_looked_at_again(history: History) -> None:
    rid = rids(history)

    def changes(statement: str) -> bool:
        before = depends_on(history.connection)
        history.connection.execute(statement)
        return depends_on(history.connection) != before

    assert not changes("SELECT 1")
    history.say("better", "tag:good", True, 1)
    assert not changes("INSERT INTO ann VALUES ('t', 9, 'me', 'run:path:1', 'tag:x', 'true')")
    assert changes("INSERT INTO ann VALUES ('u', 9000000000000000000, 'me', 'run:path:1', 'stage', 'null')")
    live = rid["live"]
    columns = "* REPLACE (99 AS upd)"
    assert not changes(f"INSERT INTO series SELECT {columns} FROM series WHERE rid = {live}")
    assert not changes(f"INSERT INTO runs SELECT {columns} FROM runs WHERE rid = {live}")
    assert changes(f"INSERT INTO runs SELECT * REPLACE (100 AS upd, 'finished' AS state) FROM runs WHERE rid = {live}")
    assert changes(f"INSERT INTO series SELECT * REPLACE (101 AS upd) FROM series WHERE rid = {live}")


def test_gates_are_asked_in_the_query_language(history: History) -> None:
    words = look(history).words()
    lens = Lens(gates=lambda: words)
    assert history.ask("gate:passes", lens=lens) == {"better", "better-2", "better-2-again", "elsewhere"}
    assert history.ask("gate:fails gate:production", lens=lens) == {"lucky", "older-data"}
    assert history.ask("gate:open", lens=lens) == {"bare"}
    assert history.ask("-has:gate", lens=lens) == {"champion", "live"}
    assert history.ask("has:gate") == set()


def promote(history: History, name: str, sha: str, hours: float, asked: int) -> None:
    model: dict[str, Json] = {"name": "resnet", "path": f"/models/{name}.pt", "size": 3, "sha256": sha}
    value = {"stage": "production", "why": "go", "model": model, "version": asked, "at": hours}
    history.say(name, "stage", value, hours)


def test_the_registry_tells_versions_and_where_they_stand(history: History) -> None:
    promote(history, "better", "aa", 5, 1)
    promote(history, "better-2", "bb", 4, 1)
    history.say("better", "stage", {"stage": "candidate", "why": "worse than the next", "at": 3}, 3)
    promote(history, "better", "aa", 2, 7)
    found = registry(history.connection, ("/data/exp",), LENS)
    (model,) = found["models"]
    assert (model["name"], model["latest"]) == ("resnet", {"candidate": None, "production": 2})
    first = model["versions"][0]
    assert (first["version"], first["run"]["name"], first["stage"], first["champion"]) == (
        2,
        "better-2",
        "production",
        False,
    )
    assert [(each["version"], each["run"]["name"], each["champion"]) for each in model["versions"]] == [
        (2, "better-2", False),
        (1, "better", True),
    ]
    assert (first["dataset"], first["source"], first["sha256"], first["run"]["commit"]) == (
        "cifar10", "/models/better-2.pt", "bb", "abc1234",
    )  # fmt: skip
    assert {each["run"]["name"] for each in found["without_model"]} == {"champion", "lucky", "older-data"}
    assert model_versions(history.connection).next("resnet") == 3
    told = stage_history(history.connection, rids(history)["better"], LENS)
    assert [(each["stage"], each["version"]) for each in told] == [
        ("candidate", None), ("production", 1), ("candidate", None), ("production", 1),
    ]  # fmt: skip
    assert registry(history.connection, ("/elsewhere",), LENS)["models"] == []
