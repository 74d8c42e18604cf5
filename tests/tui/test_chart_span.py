"""Which part of the x axis is seen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runspect.tui.widgets.chart_span import ASIDE, CLOSER, WIDER, moved, scaled

WHOLE = (0.0, 1000.0)


def test_closer_and_wider_keep_the_middle() -> None:
    assert scaled(WHOLE, CLOSER, WHOLE) == (250.0, 750.0)
    assert scaled((250.0, 500.0), WIDER, WHOLE) == (125.0, 625.0)
    assert scaled((250.0, 750.0), WIDER, WHOLE) is None
    assert scaled((900.0, 1000.0), WIDER, WHOLE) == (800.0, 1000.0)
    assert scaled((100.0, 105.0), CLOSER, WHOLE) == (100.5, 104.5)


def test_the_ends_are_the_ends() -> None:
    assert moved((0.0, 100.0), -ASIDE, WHOLE) == (0.0, 100.0)
    assert moved((0.0, 100.0), ASIDE, WHOLE) == (25.0, 125.0)
    assert moved((950.0, 1000.0), ASIDE, WHOLE) == (950.0, 1000.0)
    assert moved((950.0, 1000.0), ASIDE, None) == (962.5, 1012.5)


@given(st.lists(st.sampled_from(("+", "-", "<", ">")), max_size=40))
def test_whatever_is_pressed_something_is_seen(keys: list[str]) -> None:
    span = WHOLE
    for key in keys:
        if key in "+-":
            span = scaled(span, CLOSER if key == "+" else WIDER, WHOLE) or WHOLE
        else:
            span = moved(span, ASIDE if key == ">" else -ASIDE, WHOLE)
        assert WHOLE[0] <= span[0] < span[1] <= WHOLE[1] and span[1] - span[0] >= 3.9
