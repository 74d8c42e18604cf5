"""How far runs have come, asked of a small history."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from runspect.columns import Lens, decode, parse_column, value_sql
from runspect.index.reads.cells import value_of
from runspect.index.reads.champions import champions, standings
from runspect.index.reads.told import PLAIN, told
from tests.query.history import NOW, History, Run


@pytest.fixture
def history() -> Iterator[History]:
    """Runs on two data sets, some of them on their way."""
    runs = [
        Run("old", {"dataset": "cifar10"}),
        Run("new", {"dataset": "cifar10"}),
        Run("next", {"dataset": "cifar10"}),
        Run("other", {"dataset": "imagenet"}),
        Run("plain", {"dataset": "cifar10"}),
        Run("loose"),
    ]
    found = History(runs)
    found.say("old", "stage", {"stage": "production", "why": "first"}, 20)
    found.say("new", "stage", {"stage": "candidate", "why": "hopeful"}, 15)
    found.say("new", "stage", {"stage": "production", "why": "better"}, 10)
    found.say("next", "stage", {"stage": "candidate", "why": "hopeful"}, 9)
    found.say("loose", "stage", {"stage": "production", "why": "a whim"}, 8)
    found.say("plain", "stage", {"stage": "candidate", "why": "hm"}, 8)
    found.say("plain", "stage", None, 7)
    yield found
    found.close()


def test_runs_are_found_by_their_stage_and_all_others_are_in_the_first_one(history: History) -> None:
    assert history.ask("stage:production") == {"old", "new", "loose"}
    assert history.ask("stage = candidate") == {"next"}
    assert history.ask("stage:exploration") == {"other", "plain"}
    assert history.ask("has:stage") == {"old", "new", "loose", "next"}
    assert history.ask("stage:idea", lens=Lens(stages=("idea", "shipped"))) == {"other", "plain"}


def test_what_is_told_of_a_run_is_what_sql_finds(history: History) -> None:
    column = parse_column("stage")
    read, (sql, params) = value_of(column, history.names), value_sql(column, history.names)
    assert read is not None
    rows = history.connection.execute(f"SELECT r.rid, {sql} FROM runs_now r", list(params)).fetchall()
    runs = told(history.connection, [rid for rid, _ in rows], PLAIN)
    assert {rid: decode(column, read(run)) for rid, run in runs.items()} == dict(rows)
    assert {value for _, value in rows} == {"exploration", "candidate", "production"}


def test_a_param_that_is_called_so_wins() -> None:
    history = History([Run("a", {"stage": 2}), Run("b", {"stage": 3})])
    assert history.ask("stage > 2") == {"b"}
    history.close()


def test_the_champion_of_a_data_set_is_the_run_that_was_promoted_last(history: History) -> None:
    found = {unit.dataset: champion for unit, champion in champions(history.connection, ()).items()}
    assert {dataset: champion.name for dataset, champion in found.items()} == {"cifar10": "new", None: "loose"}
    standing = found["cifar10"].standing
    assert (standing.stage, standing.who, standing.value["why"]) == ("production", "me", "better")
    assert standing.since == pytest.approx(NOW - 10 * 3600)


def test_a_demoted_champion_leaves_the_place_to_the_one_before(history: History) -> None:
    history.say("new", "stage", {"stage": "exploration", "why": "it leaks"}, 5)
    assert {each.name for each in champions(history.connection, ()).values()} == {"old", "loose"}
    # an undo is no promotion: what is put into force again is as old as it was
    history.say("old", "stage", {"stage": "candidate", "why": "slip"}, 4)
    history.say("new", "stage", {"stage": "production", "why": "better"}, 3)
    history.say("old", "stage", {"stage": "production", "why": "first"}, 2)
    assert {each.name for each in champions(history.connection, ()).values()} == {"new", "loose"}
    assert standings(history.connection)[1].since == pytest.approx(NOW - 20 * 3600)


def test_without_promotions_there_is_no_champion() -> None:
    history = History([Run("a", {"dataset": "cifar10"})])
    assert champions(history.connection, ()) == {}
    history.close()
