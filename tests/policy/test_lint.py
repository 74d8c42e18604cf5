"""What a policy asks of runs, and how its faults are told."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest

from runspect.columns.lint_rules import Lint
from runspect.errors import UsageError
from runspect.policy import lint, parse_policy


def read(text: str) -> Lint:
    return parse_policy(text).lint


def test_the_example_in_the_documentation() -> None:
    assert lint.__doc__
    found = read(lint.__doc__.partition("\n\n")[2])
    assert found.metrics == ("val/loss", "val/acc*") and found.params == ("lr", "batch_size")
    assert [rule.id for rule in found.on] == ["metrics", "params", "config", "commit", "hypothesis", "late"]
    assert found.since == datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    assert found.stale_s == 60 * 86400


def test_without_a_policy_nothing_is_asked_that_somebody_has_to_state() -> None:
    assert [rule.id for rule in read("").on] == ["config", "commit", "seed", "late"]
    assert read("").since == -math.inf


def test_a_pattern_of_names_is_held_against_names() -> None:
    assert read("[naming]\npattern = '{model}-{number}'").is_on("naming")
    assert not read("[naming]\npattern = '{model}-{number}'\n[lint]\nnaming = false").is_on("naming")
    assert not read("[lint]\nnaming = true").is_on("naming"), "there is no pattern"


@pytest.mark.parametrize("day", ["2026-01-01", "2026-01-01T00:00:00Z", "'2026-01-01'", "2026-01-01T01:00:00+01:00"])
def test_a_day_may_be_written_as_people_do(day: str) -> None:
    assert read(f"[lint]\nsince = {day}").since == datetime(2026, 1, 1, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[lint]\nsead = true", "line 2: unknown key 'lint.sead'; did you mean 'seed'"),
        ("[lint]\nseed = 1", "line 2: 'lint.seed' must be true or false"),
        ("[lint]\nsince = 'soon'", "line 2: 'lint.since' must be a date such as 2026-01-01, not 'soon'"),
        ("[lint]\nstale = 30", "line 2: 'lint.stale' must be a word"),
        ("[lint]\nstale = '30'", "line 2: 'lint.stale' must be a length of time"),
        ("[metrics]\nstandart = ['a']", "line 2: unknown key 'metrics.standart'; did you mean 'standard'"),
        (f"[params]\nrequired = {[str(n) for n in range(61)]}", "line 2: 'params.required': no more than 60 names"),
    ],
)
def test_faults_name_their_line(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_policy(text)
    assert said in str(caught.value)
