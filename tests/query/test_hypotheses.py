"""What runs were to show and whether they did, asked of a small history."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from runspect.columns import decode, parse_column, value_sql
from runspect.index.reads.cells import value_of
from runspect.index.reads.told import PLAIN, told
from tests.query.history import NOW, History, Run

LONG_AGO = 30 * 24.0
"""Hours."""


@pytest.fixture
def history() -> Iterator[History]:
    """Runs that test something: by a link, by their record, by their branch; and one that tests nothing."""
    branch = {"git_branch": "warmup"}
    runs = [
        Run("linked", began=40),
        Run("second", began=39),
        Run("recorded-id", facts={"hypothesis": "h2cccc"}),
        Run("recorded-text", facts={"hypothesis": "Adam needs no warmup"}),
        Run("own-words", facts={"hypothesis": "bigger is better"}),
        Run("on-branch", facts=branch, began=40),
        Run("before-it", facts=branch, began=60),
        Run("after-its-end", facts=branch, began=4),
        Run("torn-off", facts={"hypothesis": "h2cccc"}),
        Run("nothing"),
    ]
    found = History(runs)
    found.say("hyp:h2aaaa", "text", "a lower rate is calmer", LONG_AGO)
    found.say("hyp:h2aaaa", "due", NOW - 3600.0, LONG_AGO)
    found.say("hyp:h2bbbb", "text", "Adam needs no warmup", 50)
    found.say("hyp:h2bbbb", "branch", "warmup", 50)
    found.say("hyp:h2bbbb", "closed", {"note": "no time"}, 10)
    found.say("hyp:h2cccc", "text", "wider beats deeper", LONG_AGO)
    found.say("hyp:h2dddd", "text", "never mind", LONG_AGO)
    found.say("hyp:h2dddd", "text", None, LONG_AGO - 1)
    found.say("linked", "hypothesis", "h2aaaa", 41)
    found.say("second", "hypothesis", "h2aaaa", 41)
    found.say("nothing", "hypothesis", "h2dddd", 41)
    found.say("torn-off", "hypothesis", False, 2)
    yield found
    found.close()


def test_runs_are_found_by_what_they_were_to_show(history: History) -> None:
    assert history.ask("-has:hypothesis") == {"before-it", "after-its-end", "torn-off", "nothing"}
    assert history.ask("hypothesis:calmer") == {"linked", "second"}
    assert history.ask("hypothesis:h2cccc") == {"recorded-id"}
    assert history.ask("hypothesis:WARMUP") == {"recorded-text", "on-branch"}
    assert history.ask("hypothesis:better") == {"own-words"}


def test_a_hypothesis_is_overdue_until_it_or_a_run_of_it_has_a_verdict(history: History) -> None:
    assert history.ask("overdue:yes") == history.ask("has:overdue") == {"linked", "second"}
    history.say("second", "verdict", {"verdict": "refuted", "note": "no"}, 1)
    assert history.ask("overdue:yes") == set()
    assert history.ask("verdict:refuted") == {"second"}
    history.say("hyp:h2aaaa", "verdict", {"verdict": "supported", "note": ""}, 0.5)
    assert history.ask("verdict:supported") == {"linked"}
    assert history.ask("has:verdict") == {"linked", "second"}
    history.say("second", "verdict", None, 0.4)
    assert history.ask("verdict = supported") == {"linked", "second"}
    history.say("hyp:h2aaaa", "verdict", None, 0.3)
    assert history.ask("overdue:yes") == {"linked", "second"}


@pytest.mark.parametrize("spec", ["hypothesis", "verdict", "why", "overdue"])
def test_what_is_told_of_a_run_is_what_sql_finds(history: History, spec: str) -> None:
    history.say("second", "verdict", {"verdict": "refuted", "note": " it diverged"}, 1)
    history.say("hyp:h2cccc", "due", NOW - 7200.0, 9)
    column = parse_column(spec)
    read, (sql, params) = value_of(column, history.names), value_sql(column, history.names)
    assert read is not None
    rows = history.connection.execute(f"SELECT r.rid, {sql} FROM runs_now r", list(params)).fetchall()
    runs = told(history.connection, [rid for rid, _ in rows], PLAIN, with_tested=True)
    assert {rid: decode(column, read(run)) for rid, run in runs.items()} == {
        rid: decode(column, value) for rid, value in rows
    }
    assert any(value is not None for _, value in rows)


def test_a_verdict_is_found_by_what_was_noted_with_it(history: History) -> None:
    history.say("hyp:h2aaaa", "verdict", {"verdict": "supported", "note": "on 3 of 3 seeds"}, 2)
    assert history.ask("why:seeds") == history.ask("has:why") == {"linked", "second"}
    history.say("second", "verdict", {"verdict": "refuted", "note": ""}, 1)
    assert history.ask("has:why") == {"linked"}
    history.say("second", "verdict", {"verdict": "refuted", "note": "it diverged"}, 0.5)
    assert history.ask("why:DIVERGED") == {"second"}


def test_a_param_of_that_name_wins_over_a_word_that_yields() -> None:
    history = History([Run("a", {"verdict": "fine"}), Run("b", {"overdue": 3})])
    assert history.ask("verdict = fine") == {"a"}
    assert history.ask("overdue > 2") == {"b"}
    history.close()
