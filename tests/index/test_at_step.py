"""What a column was at a step is what a summary of the points up to then holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from runspect.columns import Lens, parse_column
from runspect.index.reads.at_step import Curve, aggregated, until, values_at
from runspect.index.reads.scope import Cursor
from runspect.index.summary import Winning, summarise

FIELDS = {
    "last": "last_v",
    "first": "first_v",
    "min": "lo",
    "max": "hi",
    "mean": "mean_tail",
    "n": "n",
    "nan": "nonfinite",
}
points = st.lists(st.floats(allow_nan=True, width=32), min_size=1, max_size=40)


@given(points, st.integers(0, 45))
def test_every_aggregate_is_that_of_the_summary(values: list[float], step: int) -> None:
    curve = until(Curve(np.arange(len(values)), np.array(values)), step)
    size = len(curve.steps)
    told = summarise(Winning(curve.steps, np.full(size, np.nan), curve.values, np.zeros(size, np.int64)))
    for aggregate, field in FIELDS.items():
        np.testing.assert_equal(unsigned(aggregated(curve.values, aggregate)), unsigned(getattr(told, field)))


def unsigned(value: float | None) -> float | None:
    """The same number; of two zeros it is chance which is the smaller one."""
    return None if value is None else value + 0.0


def curves(cursor: Cursor, rids: Sequence[int], metric: str) -> Mapping[int, Curve]:
    listed = {
        "acc": {1: Curve(np.array([0, 5, 10]), np.array([0.1, 0.2, 0.3])), 2: Curve(np.array([20]), np.array([0.9]))},
        "loss": {1: Curve(np.array([1, 6, 9]), np.array([3.0, 1.0, 2.0])), 2: Curve(np.array([20]), np.array([1.0]))},
    }
    return {rid: curve for rid, curve in listed[metric].items() if rid in rids}


def at(spec: str, step: int) -> dict[int, float]:
    with duckdb.connect() as cursor:
        return values_at(cursor, [1, 2], parse_column(spec), step, Lens(), curves)


def test_runs_that_had_not_begun_are_left_out() -> None:
    assert at("acc:max", 7) == {1: 0.2}
    assert at("acc:max", 30) == {1: 0.3, 2: 0.9}
    assert at("loss:best", 9) == {1: 1.0}


def test_a_value_where_another_metric_was_best_by_then() -> None:
    assert at("acc@min(loss)", 5) == {1: 0.1}  # the loss was best at step 1
    assert at("acc@min(loss)", 8) == {1: 0.2}
    assert at("acc@last(loss)", 9) == {1: 0.2}


def test_what_is_no_value_of_a_metric_has_none_at_a_step() -> None:
    assert at("acc:max.step", 9) == at("took", 9) == {}
