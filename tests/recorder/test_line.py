"""Values of every kind as lines of metrics."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runspect.recorder.line import Lines
from runspect.recorder.scalars import number, whole


def line(values: dict[Any, Any], step: Any = None) -> tuple[dict[str, Any], list[str]]:
    refused: list[str] = []
    text = Lines(lambda name, _: refused.append(name)).line(values, step, 1.5)
    assert text == "" or (text.endswith("}\n") and text.count("\n") == 1)
    return (json.loads(text) if text else {}), refused


class Tensor:
    """Quacks like a tensor of one element."""

    def item(self) -> float:
        return 0.25


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, 1), (True, 1), (2.5, 2.5), (1e300, 1e300), (10**30, 10**30), (np.float32(0.5), 0.5), (np.int64(7), 7),
        (np.array(3.5), 3.5), (np.array([[4.0]]), 4.0), (np.bool_(True), 1), (Tensor(), 0.25), (Decimal("0.125"), 0.125),
        (Fraction(1, 4), 0.25), (np.float64(0.1), 0.1), (10**400, math.inf), (-(10**400), -math.inf),
    ],
)  # fmt: skip
def test_numbers(value: object, expected: float) -> None:
    assert line({"a": value}) == ({"time": 1.5, "a": expected}, [])


@pytest.mark.parametrize("value", ["1.0", None, np.zeros(3), [1], 1j, b"1", object()])
def test_what_is_no_number_is_left_out(value: object) -> None:
    assert line({"a": value, "b": 1}) == ({"time": 1.5, "b": 1}, ["a"])
    assert line({"a": value}) == ({}, ["a"])


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, np.float32("nan"), np.float64("inf")])
def test_what_is_not_finite_is_kept(value: float) -> None:
    found, _ = line({"a": value})
    assert found["a"] == value or (math.isnan(found["a"]) and math.isnan(value))


def test_nested_names_are_joined() -> None:
    assert line({"eval": {"acc": 1, "by": {"class": {0: 2.0}}}}, 3)[0] == {
        "step": 3, "time": 1.5, "eval/acc": 1, "eval/by/class/0": 2.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("values", "step", "expected"),
    [
        ({"step": 5, "a": 1}, None, {"step": 5, "time": 1.5, "a": 1}),
        ({"step": 5, "a": 1}, 7, {"step": 7, "time": 1.5, "a": 1, "metrics": {"step": 5}}),
        ({"time": 3.0, "metrics": 2}, 1, {"step": 1, "time": 1.5, "metrics": {"time": 3.0, "metrics": 2}}),
        ({"metrics": {"acc": 2}}, 1, {"step": 1, "time": 1.5, "metrics/acc": 2}),
        ({"a": 1}, np.int32(4), {"step": 4, "time": 1.5, "a": 1}),
        ({"a": 1}, 4.0, {"step": 4, "time": 1.5, "a": 1}),
        ({"a": 1}, 4.5, {"time": 1.5, "a": 1}),
        ({"a": 1}, -3, {"step": -3, "time": 1.5, "a": 1}),
        ({"step": "x", "a": 1}, None, {"time": 1.5, "a": 1}),
    ],
)
def test_steps(values: dict[str, Any], step: object, expected: dict[str, Any]) -> None:
    assert line(values, step)[0] == expected


@given(st.dictionaries(st.text(max_size=9), st.floats() | st.integers() | st.booleans(), max_size=5), st.integers())
def test_any_names_and_numbers_are_json(values: dict[str, Any], step: int) -> None:
    found, _ = line(values, step)
    assert len(found) == (len(values) + 1 + (whole(step) is not None) if values else 0)


@given(st.floats() | st.integers(-(2**53), 2**53))
def test_no_digit_is_lost(value: float) -> None:
    found, _ = line({"a": value})
    assert number(found["a"]) == value or math.isnan(value)
