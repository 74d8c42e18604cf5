"""`[guards]` of the policy: metrics that must not get worse."""

from __future__ import annotations

import pytest

from runspect.columns import parse_column
from runspect.columns.guards import Guard, way_of
from runspect.errors import UsageError
from runspect.policy.file import parse_policy


def test_a_guard_is_a_direction_a_tolerance_or_both() -> None:
    policy = parse_policy(
        '[guards]\n"val/acc" = "up"\nlatency_ms = {direction = "down", tolerance = "5 %"}\n"val/f1:max" = 0.01\n'
        'cost = "10%"\n"my/score" = {tolerance = 1}\n[directions]\n"my/score" = "up"\n'
    )
    assert policy.guards == (
        Guard("val/acc", "up"),
        Guard("latency_ms", "down", 5.0, relative=True),
        Guard("val/f1:max", None, 0.01),
        Guard("cost", None, 10.0, relative=True),
        Guard("my/score", None, 1.0),
    )
    ways = [way_of(guard, parse_column(guard.spec).name, policy.directions) for guard in policy.guards]
    assert ways == ["up", "down", "up", "down", "up"]
    assert [guard.tolerance_text for guard in policy.guards] == ["", "5 %", "0.01", "10 %", "1"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('"val/acc" = "higher"', "line 2: 'val/acc' must be down, up, a number from 0 up, or a share"),
        ("latency_ms = 3", "line 2: 'latency_ms': nothing tells which way it is better"),
        ('acc = {way = "up"}', "line 2: unknown key 'guards.acc.way'"),
        ('acc = {direction = "dwon"}', "did you mean 'down'?"),
        ("acc = {tolerance = -1}", "line 2: 'tolerance' must be"),
        ('name = "up"', "line 2: 'name' is no metric"),
        ('"acc:n.step" = "up"', "line 2: 'acc:n.step'"),
    ],
)
def test_what_is_wrong_names_its_line(line: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_policy(f"[guards]\n{line}\n")
    assert said in str(error.value)


def test_there_need_be_none() -> None:
    assert parse_policy("").guards == ()
