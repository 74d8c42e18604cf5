"""Where one curve is ahead of another."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from runspect.practice.leading import Floats, Lead, Steps, lead, lead_text

Curve = tuple[Steps, Floats]


def curve(**values: float) -> Curve:
    return np.array([int(step[1:]) for step in values], np.int64), np.array([*values.values()], np.float64)


def test_a_value_counts_up_to_the_next_one() -> None:
    found = lead(curve(s0=3, s10=2, s20=1, s30=0.5), curve(s5=2.5, s25=0.8), "down")
    assert found == Lead(5, 25, 2 / 4, None, ((10, 20),))
    assert lead_text(found) == "leads at 10 to 20, 50 % of steps 5 to 25, not at the end"


def test_who_is_ahead_up_to_the_end() -> None:
    found = lead(curve(s0=0, s1=1, s2=3), curve(s0=1, s1=2, s2=2), "up")
    assert found == Lead(0, 2, 1 / 3, 2, ((2, 2),))
    assert lead_text(found) == "leads from step 2 on, at 33 % of steps 0 to 2"
    assert lead(curve(s0=0, s1=1, s2=3), curve(s0=1, s1=2, s2=2), "down") == Lead(0, 2, 2 / 3, None, ((0, 1),))


def test_the_best_so_far_is_compared_where_the_objective_is_one() -> None:
    run, reference = curve(s0=1, s1=5, s2=5), curve(s0=2, s1=2, s2=2)
    assert lead(run, reference, "down", running=True) == Lead(0, 2, 1.0, 0, ((0, 2),))
    found = lead(run, reference, "down")
    assert found is not None and found.spans == ((0, 0),)


def test_words_of_the_ends() -> None:
    assert lead_text(Lead(0, 1000, 1.0, 0, ((0, 1000),))) == "leads all along, steps 0 to 1,000"
    assert lead_text(Lead(0, 1000, 0.0, None, ())) == "never leads, steps 0 to 1,000"
    assert lead_text(Lead(7, 7, 1.0, 7, ((7, 7),))) == "leads at step 7"
    assert lead_text(Lead(7, 7, 0.0, None, ())) == "does not lead at step 7"


def test_steps_apart_have_nothing_in_common() -> None:
    assert lead(curve(s0=1, s1=1), curve(s5=1, s6=1), "up") is None
    assert lead(curve(s0=math.nan), curve(s0=1), "up") is None


@given(
    st.lists(st.tuples(st.integers(0, 30), st.floats()), max_size=20),
    st.lists(st.tuples(st.integers(0, 30), st.floats()), max_size=20),
)
def test_never_both_are_ahead(one: list[tuple[int, float]], other: list[tuple[int, float]]) -> None:
    curves = [
        (np.array([step for step, _ in each], np.int64), np.array([value for _, value in each], np.float64))
        for each in (one, other)
    ]
    there, back = lead(curves[0], curves[1], "down"), lead(curves[1], curves[0], "down")
    assert (there is None) == (back is None)
    if there is not None and back is not None:
        assert there.share + back.share <= 1 + 1e-9
        assert (there.first, there.last) == (back.first, back.last)
