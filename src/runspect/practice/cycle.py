"""How long it takes a team to get from an idea to an answer, week by week, and whether that gets shorter.

Pure: values in, values out. A span counts in the ISO week (UTC) in which it ended: the newest week is then no shorter only
because what takes long has not ended yet. Lengths are skewed, so a week is told by its median and its 90th percentile,
and the trend is Theil and Sen's slope through the logarithms of the weekly medians: a factor a week.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from runspect.counted import counted
from runspect.dataclass import dataclass
from runspect.practice.lengths import length_text
from runspect.practice.weeks import FEWEST_WEEKS, WEEK_S, Slope, Week, by_week, last_weeks, percentile, theil_sen

Measure = Literal["hypothesis", "commit", "verdict", "queue", "run"]
Verdict = Literal["shorter", "longer", "no trend", "too few"]

TITLES: Mapping[Measure, str] = {
    "hypothesis": "hypothesis → first result",
    "commit": "commit → first result",
    "verdict": "start → verdict",
    "queue": "submitted → started",
    "run": "start → end",
}
"""In the order in which they speak for the whole cycle: the first one that has enough to tell decides."""
OF: Mapping[Measure, tuple[str, str]] = {
    "hypothesis": ("hypothesis", "hypotheses"),
    "commit": ("commit", "commits"),
    "verdict": ("verdict", "verdicts"),
    "queue": ("run", "runs"),
    "run": ("run", "runs"),
}
"""What each span is one of."""
WHOLE: tuple[Measure, ...] = ("hypothesis", "commit", "verdict", "queue")
"""Those that speak for the cycle when nobody says which; how long a training takes does not."""
FEWEST = 8
"""Spans below which no trend is told."""
SHORTEST_S = 1.0
"""What is shorter counts as so long: a logarithm has no zero."""


@dataclass(frozen=True, slots=True)
class Span:
    """Something that began and ended."""

    end: float
    """Seconds since 1970, UTC."""
    seconds: float
    """Not less than 0."""


@dataclass(frozen=True, slots=True)
class Trend:
    """What the weeks say."""

    verdict: Verdict
    n: int
    weeks: int
    """From the first to the last week with a span, both counted."""
    start: float | None = None
    """Seconds on the line in the first week; None where there is no line."""
    end: float | None = None
    """And in the last."""
    change: float | None = None
    """By how much it changes in a week, in percent: -10 is a tenth shorter."""
    low: float | None = None
    high: float | None = None
    """The change lies between them 19 times of 20."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """One measure over the weeks."""

    measure: Measure
    n: int
    median: float | None
    """Over all spans of the weeks, seconds."""
    p90: float | None
    weeks: tuple[Week, ...]
    trend: Trend

    @property
    def title(self) -> str:
        """`hypothesis → first result`."""
        return TITLES[self.measure]

    @property
    def sentence(self) -> str:
        """`shorter: 3.1 d → 1.2 d over 8 weeks, 41 hypotheses`."""
        return trend_text(self.trend, OF[self.measure])


def cycles(spans: Mapping[Measure, Sequence[Span]], most: int) -> tuple[Cycle, ...]:
    """Every measure over the same weeks: the `most` that end with the newest span of any but `run`, else of `run`."""
    ends = [span.end for measure in WHOLE for span in spans.get(measure, ())]
    weeks = last_weeks(ends or (span.end for span in spans.get("run", ())), most)
    return tuple(cycle(measure, spans.get(measure, ()), weeks) for measure in TITLES)


def cycle(measure: Measure, spans: Iterable[Span], weeks: Sequence[float]) -> Cycle:
    """One measure over these weeks (their Mondays)."""
    listed = list(spans)
    told = by_week(((span.end, span.seconds) for span in listed), weeks)
    inside = [span.seconds for span in listed if weeks and weeks[0] <= span.end < weeks[-1] + WEEK_S]
    return Cycle(measure, len(inside), percentile(inside, 50), percentile(inside, 90), told, trend(told))


def trend(weeks: Sequence[Week]) -> Trend:
    """Whether the weekly medians go down: told from 4 weeks and 8 spans on."""
    known = [week for week in weeks if week.median is not None]
    n = sum(week.n for week in known)
    if not known:
        return Trend("too few", 0, 0)
    places = [(week.start - known[0].start) / WEEK_S for week in known]
    across = round(places[-1]) + 1
    if len(known) < FEWEST_WEEKS or n < FEWEST:
        return Trend("too few", n, across)
    line = theil_sen(places, [math.log(max(SHORTEST_S, week.median or 0.0)) for week in known])
    if line is None:
        return Trend("too few", n, across)
    verdict: Verdict = {"down": "shorter", "up": "longer"}.get(line.way, "no trend")  # type: ignore[assignment]
    return Trend(
        verdict, n, across, _length(line, 0), _length(line, places[-1]), _share(line.slope), _share(line.low),
        _share(line.high),
    )  # fmt: skip


def speaks(told: Sequence[Cycle], wanted: Measure | None = None) -> Cycle | None:
    """The measure that answers: the wanted one, else the first that has enough to tell, else the first that has any span."""
    if wanted is not None:
        return next((each for each in told if each.measure == wanted), None)
    whole = [each for measure in WHOLE for each in told if each.measure == measure]
    enough = next((each for each in whole if each.trend.verdict != "too few"), None)
    return enough or next((each for each in whole if each.n), None)


def trend_text(told: Trend, of: tuple[str, str] = ("span", "spans")) -> str:
    """`shorter: 3.1 d → 1.2 d over 8 weeks, 41 runs`, `no trend: about 2 d over 8 weeks, 41 runs`, `too few: n = 2`."""
    if told.verdict == "too few" or told.start is None or told.end is None:
        return "nothing known" if not told.n else f"too few: n = {told.n:,} in {counted(told.weeks, 'week')}"
    over = f"over {counted(told.weeks, 'week')}, {told.n:,} {of[told.n != 1]}"
    if told.verdict == "no trend":
        return f"no trend: about {length_text(math.sqrt(told.start * told.end))} {over}"
    return f"{told.verdict}: {length_text(told.start)} → {length_text(told.end)} {over}"


def _length(line: Slope, x: float) -> float:
    return math.exp(min(700.0, line.at(x)))


def _share(slope: float) -> float:
    return 100 * math.expm1(min(700.0, slope))
