"""How many of the runs of each week keep each rule: counts, shares and trends, against NumPy on the same numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from runspect.columns.lint_rules import Lint, Sign
from runspect.practice.lint.findings import Subject
from runspect.practice.lint.weeks import Coverage, coverage

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC).timestamp()
"""A Thursday of 2026-W48."""
DAY = 86400.0


def run(days_ago: float, signs: int = 0) -> Subject:
    return Subject(1, "u", "n", "/p", NOW - days_ago * DAY, int(Sign.JUDGED) | signs)


def kept(found: Coverage, rule: str) -> list[tuple[int, int]]:
    at = [each.id for each in found.rules].index(rule)
    return [(week.rules[at].about, week.rules[at].kept) for week in found.weeks]


def test_weeks_begin_on_monday_in_utc() -> None:
    monday = datetime(2026, 11, 23, tzinfo=UTC).timestamp()
    edges = [Subject(1, "u", "n", "/p", at, int(Sign.JUDGED)) for at in (monday, monday - 0.001, monday - 8 * DAY)]
    found = coverage(edges, Lint(), 2, NOW)
    assert [(week.name, week.runs) for week in found.weeks] == [("2026-W47", 1), ("2026-W48", 1)]


def test_the_first_week_of_a_year_may_begin_in_the_one_before() -> None:
    found = coverage([], Lint(), 2, datetime(2027, 1, 5, tzinfo=UTC).timestamp())
    assert [(week.name, week.monday.isoformat()) for week in found.weeks] == [
        ("2026-W53", "2026-12-28"),
        ("2027-W01", "2027-01-04"),
    ]


def test_a_rule_counts_over_the_runs_that_it_is_about() -> None:
    runs = [
        run(0),
        run(1, Sign.SEED),
        run(8, Sign.SEED | Sign.METRICS),
        run(8, Sign.METRICS | Sign.CONFIG),
        run(1, Sign.TESTS),
    ]
    found = coverage(runs, Lint(), 2, NOW)
    assert kept(found, "seed") == [(2, 1), (3, 1)]
    assert kept(found, "config") == [(2, 1), (0, 0)]
    assert kept(found, "late") == [(0, 0), (1, 0)]
    assert kept(found, "hypothesis") == [(2, 0), (3, 1)], "shown though it is off"
    told = found.as_json()
    assert told["rules"]["seed"] == {"title": "seed", "about": 5, "kept": 2, "share": 0.4, "trend": 1 / 3 - 1 / 2}
    assert told["rules"]["config"]["trend"] is None


def test_runs_from_before_the_rules_held_do_not_count() -> None:
    unjudged = Subject(1, "u", "n", "/p", NOW, 0)
    timeless = Subject(1, "u", "n", "/p", None, int(Sign.JUDGED))
    assert [week.runs for week in coverage([unjudged, timeless], Lint(), 1, NOW).weeks] == [0]


@given(st.lists(st.tuples(st.floats(0, 60), st.booleans()), max_size=40), st.integers(1, 8))
def test_shares_and_trend_are_those_of_numpy(told: list[tuple[float, bool]], weeks: int) -> None:
    found = coverage([run(days, Sign.SEED * has) for days, has in told], Lint(), weeks, NOW)
    first = datetime(2026, 11, 23, tzinfo=UTC) - timedelta(weeks=weeks - 1)
    moments = NOW - np.array([days for days, _ in told]) * DAY
    week = np.floor((moments - first.timestamp()) / (7 * DAY)).astype(int) if told else np.array([], int)
    has = np.array([seed for _, seed in told], bool)
    assert kept(found, "seed") == [(int((week == at).sum()), int(has[week == at].sum())) for at in range(weeks)]
    half = weeks // 2
    older, newer = has[(week >= 0) & (week < half)], has[(week >= weeks - half) & (week < weeks)]
    trend = found.trends[[each.id for each in found.rules].index("seed")]
    if len(older) and len(newer):
        assert trend is not None and np.isclose(trend, newer.mean() - older.mean())
    else:
        assert trend is None
