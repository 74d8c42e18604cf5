"""Whether the cycle gets shorter: weeks, medians, trends and their sentences."""

from __future__ import annotations

import math

import numpy as np
import pytest

from runspect.practice.cycle import Cycle, Span, cycle, cycles, speaks, trend_text
from runspect.practice.lengths import length_text
from runspect.practice.weeks import WEEK_S, last_weeks, week_of

START = week_of(1.7e9)
DAY = 86400.0


def spans(*weeks: tuple[float, ...]) -> list[Span]:
    """Lengths in days, a tuple a week."""
    return [
        Span(START + at * WEEK_S + 100 * place, days * DAY)
        for at, week in enumerate(weeks)
        for place, days in enumerate(week)
    ]


def told(*weeks: tuple[float, ...]) -> Cycle:
    listed = spans(*weeks)
    return cycle("hypothesis", listed, last_weeks((span.end for span in listed), 12))


def test_a_cycle_that_gets_shorter() -> None:
    found = told((4.0, 3.0, 9.0), (3.5, 2.5), (2.0, 2.2, 2.4), (1.9,), (1.5, 1.2))
    assert [week.n for week in found.weeks] == [3, 2, 3, 1, 2]
    assert [week.median for week in found.weeks] == pytest.approx([np.median(each) * DAY for each in
        ((4.0, 3.0, 9.0), (3.5, 2.5), (2.0, 2.2, 2.4), (1.9,), (1.5, 1.2))])  # fmt: skip
    medians = np.log([week.median for week in found.weeks if week.median])
    pairs = [(medians[j] - medians[i]) / (j - i) for i in range(5) for j in range(i + 1, 5)]
    assert found.trend.verdict == "shorter"
    assert found.trend.change == pytest.approx(100 * (math.exp(np.median(pairs)) - 1))
    assert found.trend.start is not None and found.trend.end is not None
    middle = np.median(medians)
    assert found.trend.start == pytest.approx(math.exp(middle - 2 * np.median(pairs)))
    assert found.trend.end == pytest.approx(math.exp(middle + 2 * np.median(pairs)))
    assert found.sentence == "shorter: 3.8 d → 1.3 d over 5 weeks, 11 hypotheses"
    everything = [days * DAY for days in (4.0, 3.0, 9.0, 3.5, 2.5, 2.0, 2.2, 2.4, 1.9, 1.5, 1.2)]
    assert (found.median, found.p90) == pytest.approx((np.percentile(everything, 50), np.percentile(everything, 90)))


def test_longer_flat_and_too_few() -> None:
    assert told((1, 1), (2, 2), (3, 3), (4, 4)).sentence.startswith("longer: 1")
    flat = told((2, 2), (3, 1), (2, 2), (1.9, 2.1), (2, 2.2))
    assert flat.trend.verdict == "no trend"
    assert flat.sentence == "no trend: about 2.0 d over 5 weeks, 10 hypotheses"
    assert told((2,), (1,)).sentence == "too few: n = 2 in 2 weeks"
    # of three weeks one order in three goes down
    assert told((9, 9, 9), (4, 4, 4), (1, 1, 1)).trend.verdict == "too few"
    assert told((9,), (4,), (2,), (1,)).trend.verdict == "too few"


def test_weeks_without_a_span_are_gaps() -> None:
    found = told((8, 8), (), (4, 4), (), (2, 2), (1, 1))
    assert [week.n for week in found.weeks] == [2, 0, 2, 0, 2, 2]
    assert [week.median for week in found.weeks][1] is None
    assert found.trend.verdict == "shorter" and found.trend.weeks == 6


def test_the_first_measure_that_has_enough_speaks_for_the_cycle() -> None:
    few, many = spans((3,), (2,)), spans((8, 8), (4, 4), (2, 2), (1, 1))
    told_by = cycles({"hypothesis": few, "commit": many, "run": many}, 12)
    assert [each.measure for each in told_by] == ["hypothesis", "commit", "verdict", "queue", "run"]
    spoken = speaks(told_by)
    assert spoken is not None and spoken.measure == "commit"
    asked = speaks(told_by, "verdict")
    assert asked is not None and asked.sentence == "nothing known"
    only_few = speaks(cycles({"hypothesis": few, "run": many}, 12))
    assert only_few is not None and only_few.measure == "hypothesis"
    # how long a training takes is no answer unless it is asked for
    assert speaks(cycles({"run": many}, 12)) is None


def test_only_the_last_weeks_count() -> None:
    found = cycles({"commit": spans((1, 1), (2, 2), (4, 4), (8, 8), (9, 9))}, 2)[1]
    assert ([week.n for week in found.weeks], found.n) == ([2, 2], 4)


def test_lengths_that_are_zero_have_a_trend() -> None:
    found = told((8, 8), (4, 4), (2, 2), (0, 0))
    assert found.trend.verdict == "shorter"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59, "59 s"), (90, "2 min"), (3600 * 1.25, "1.2 h"), (86400 * 3.14, "3.1 d"), (86400 * 12, "12 d"), (604800 * 6, "6.0 w")],
)  # fmt: skip
def test_lengths_in_words(seconds: float, text: str) -> None:
    assert length_text(seconds) == text


def test_words_of_one() -> None:
    assert trend_text(told((1,)).trend) == "too few: n = 1 in 1 week"
