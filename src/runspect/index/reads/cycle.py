"""How long things take, from the idea to the answer: moments out of the index and the journal, judged by `practice.cycle`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

from runspect.columns import Lens, Names
from runspect.columns.computed import COMPUTED
from runspect.columns.lens import PLAIN
from runspect.index.reads.hypotheses import hypotheses, verdicts
from runspect.index.reads.lasted import ENDED, NEWEST
from runspect.index.reads.scope import Cursor, Scope, among, fetch
from runspect.index.reads.table import matching
from runspect.index.reads.tested import anything
from runspect.index.reads.vocabulary import NamesIn
from runspect.index.reads.vocabulary import names as names_in
from runspect.model import Json
from runspect.practice.cycle import TITLES, Cycle, Measure, Span, cycles, speaks
from runspect.practice.dead_ends import OVER
from runspect.practice.hypotheses import Hypothesis

Committed = Callable[[Mapping[str, Sequence[str]]], Mapping[str, float]]
"""When commits were made, in seconds since 1970, of {commit: directories that may lie in its repository}; those that it knows."""

DAY_S = 86_400.0
SHORTEST_COMMIT = 7
"""Characters of an abbreviation that mean one commit."""

_TIMED = (
    f"SELECT r.rid, r.state, epoch(r.started), epoch({ENDED}), s.num FROM runs_now r LEFT JOIN {NEWEST} n ON n.rid = r.rid"
    " LEFT JOIN (SELECT rid, num FROM facts_now WHERE name = 'submitted') s ON s.rid = r.rid WHERE {few}"
)


def cycle_times(
    cursor: Cursor,
    scope: Scope,
    query: str = "",
    weeks: int = 12,
    measure: Measure | None = None,
    known: NamesIn = names_in,
    lens: Lens = PLAIN,
    committed: Committed = lambda commits: {},
) -> dict[str, Json]:
    """Whether the cycle gets shorter, over the last weeks.

    Args:
        measure: The one that answers; None for the first that has enough to tell.
        committed: Asked for the commits whose time no run tells.

    Returns:
        {answer: shorter|longer|no trend|too few|unknown, measure, title, sentence, runs, weeks: [{week, start}],
        measures: [{measure, title, sentence, verdict, n, median, p90, change, low, high, from, to, over,
        weeks: [{week, n, median, p90}]}]}; lengths in seconds, changes in percent a week.

    Raises:
        QueryError: The query could not be understood.
    """
    rids = matching(cursor, scope, query, known=known, lens=lens)
    latest = (time.time() if lens.now is None else lens.now) + DAY_S
    spans = _spans(cursor, scope, rids, known(cursor, scope), lens, committed, narrowed=bool(query.strip()))
    # a clock that runs ahead would leave all others out of the last weeks
    told = cycles({part: [span for span in each if span.end <= latest] for part, each in spans.items()}, weeks)
    answers = speaks(told, measure)
    return {
        "answer": "unknown" if answers is None or not answers.n else answers.trend.verdict,
        "measure": answers.measure if answers is not None else None,
        "title": answers.title if answers is not None else None,
        "sentence": answers.sentence if answers is not None else _NOTHING,
        "runs": len(rids),
        "measures": [_object(each) for each in told],
    }


_NOTHING = "cannot be told: no hypothesis was written before its result, and no run tells its commit's time, its verdict or its queue"


def _object(told: Cycle) -> dict[str, Json]:
    trend = told.trend
    return {
        "measure": told.measure,
        "title": told.title,
        "sentence": told.sentence,
        "verdict": trend.verdict,
        "n": told.n,
        "median": told.median,
        "p90": told.p90,
        "change": trend.change,
        "low": trend.low,
        "high": trend.high,
        "from": trend.start,
        "to": trend.end,
        "over": trend.weeks,
        "weeks": [{"week": each.name, "n": each.n, "median": each.median, "p90": each.p90} for each in told.weeks],
    }


def _spans(
    cursor: Cursor,
    scope: Scope,
    rids: Sequence[int],
    names: Names,
    lens: Lens,
    committed: Committed,
    *,
    narrowed: bool,
) -> dict[Measure, list[Span]]:
    found: dict[Measure, list[Span]] = {measure: [] for measure in TITLES}
    few = among(rids, "r.rid")
    rows = fetch(cursor, _TIMED.format(few=few.sql), few.params) if rids else []
    ends = {}
    for rid, state, started, ended, submitted in rows:
        if state in OVER and ended is not None:
            ends[rid] = ended
            if started is not None and state == "finished":
                found["run"] += _span(started, ended)
        if submitted is not None and started is not None:
            found["queue"] += _span(submitted, started)
    found["commit"] = _commits(cursor, ends, names, lens, committed)
    if anything(cursor):
        asked = frozenset(rids)
        known = [
            each
            for each in hypotheses(cursor, scope)
            if not narrowed or any(trial.rid in asked for trial in each.trials)
        ]
        found["hypothesis"] = [span for each in known for span in _written(each)]
        found["verdict"] = _verdicts(cursor, known, rids, {row[0]: row[2] for row in rows})
    return found


def _span(begin: float, end: float) -> list[Span]:
    """None of a clock that went backwards."""
    return [Span(end, end - begin)] if end >= begin else []


def _written(told: Hypothesis) -> list[Span]:
    """From writing it down to the first result; what was written after the fact, or in retrospect, took no time.

    Of what only records hold nobody knows when it was thought of: it would make the cycle look as short as the training.
    """
    if told.retrospective or told.recorded or told.written is None or told.lead is None or told.lead < 0:
        return []
    return [Span(told.written + told.lead, told.lead)]


def _verdicts(
    cursor: Cursor, known: Iterable[Hypothesis], rids: Sequence[int], starts: Mapping[int, float | None]
) -> list[Span]:
    """From the first start of a hypothesis's runs to its verdict, and from the start of any other run to its own."""
    found: list[Span] = []
    tested = set[int]()
    for each in known:
        tested |= {trial.rid for trial in each.trials}
        began = min((trial.started for trial in each.trials if trial.started is not None), default=None)
        answer = each.answer
        if began is not None and answer is not None and not answer.retrospective and not each.retrospective:
            found += _span(began, answer.when)
    for rid, verdict in verdicts(cursor, [rid for rid in rids if rid not in tested]).items():
        start = starts.get(rid)
        if start is not None and not verdict.retrospective:
            found += _span(start, verdict.when)
    return found


def _commits(cursor: Cursor, ends: Mapping[int, float], names: Names, lens: Lens, committed: Committed) -> list[Span]:
    """From each commit to the end of the first run on it that was not begun before."""
    if not ends:
        return []
    few = among(list(ends), "r.rid")
    sql, params = COMPUTED["commit"](names, lens)
    rows = fetch(
        cursor,
        f"SELECT q.rid, q.v, t.num, json_extract_string(g.val, '$'), r.abspath FROM ({sql}) q JOIN runs_now r ON r.rid = q.rid"
        " LEFT JOIN (SELECT rid, num FROM facts_now WHERE name = 'git_commit_time') t ON t.rid = r.rid"
        f" LEFT JOIN (SELECT rid, val FROM facts_now WHERE name = 'git_root') g ON g.rid = r.rid WHERE {few.sql}",
        (*params, *few.params),
    )
    made: dict[str, float] = {}
    places: dict[str, Sequence[str]] = {}
    first: dict[str, float] = {}
    for rid, commit, when, root, path in rows:
        first[commit] = min(first.get(commit, ends[rid]), ends[rid])
        if when is not None:
            made[commit] = when
        else:
            places.setdefault(commit, tuple(place for place in (root, path) if place))
    _as_one(made, places, first)
    made |= committed({commit: told for commit, told in places.items() if commit not in made})
    return [span for commit, when in made.items() if commit in first for span in _span(when, first[commit])]


def _as_one(made: dict[str, float], places: dict[str, Sequence[str]], first: dict[str, float]) -> None:
    """Tell of an abbreviated commit what is told of the whole one, and forget it."""
    ordered = sorted(first)
    for short, longer in pairwise(ordered):
        if longer.startswith(short) and len(short) >= SHORTEST_COMMIT:
            first[longer] = min(first[longer], first.pop(short))
            if short in made:
                made.setdefault(longer, made.pop(short))
            if short in places:
                places.setdefault(longer, places.pop(short))
