"""The table `[check]`."""

from __future__ import annotations

import pytest

from runspect.columns.guards import Guard
from runspect.errors import UsageError
from runspect.policy import parse_policy
from runspect.policy.check import NO_CHECK, Check


def test_it_says_what_a_regression_is() -> None:
    text = '[check]\nagainst = "branch:main"\ntolerance = "0.5 %"\nnoise = false\nmetrics = {"val/acc" = 0.01, speed = "up"}\n'
    metrics = (Guard("val/acc", None, 0.01), Guard("speed", "up"))
    assert parse_policy(text).check == Check("branch:main", 0.5, True, False, metrics)
    assert parse_policy("").check == NO_CHECK


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[check]\ntolerance = "much"', "line 2"),
        ('[check]\nagaints = "best"', "did you mean"),
        ('[check.metrics]\nodd = 0.1', "which way"),
        ('[check]\nnoise = 3', "line 2"),
    ],
)  # fmt: skip
def test_faults_are_named(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse_policy(text)
