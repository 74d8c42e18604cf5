"""The best so far over time on each data set, and what led nowhere: values out of the index, judged by `practice.trajectory`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from runspect.columns import Lens
from runspect.columns.lens import PLAIN
from runspect.dataclass import dataclass
from runspect.index.reads import told
from runspect.index.reads.best import Wanted, asked_for
from runspect.index.reads.called import Called, called
from runspect.index.reads.dead_ends import DeadEnds, Ground
from runspect.index.reads.judges import Judge, heading, judges, numbers
from runspect.index.reads.lasted import ENDED, NEWEST
from runspect.index.reads.moments import moments
from runspect.index.reads.plain import iso, loaded
from runspect.index.reads.scope import Cursor, Scope, among, fetch
from runspect.index.reads.seeds import Seeds
from runspect.index.reads.table import matching, window
from runspect.index.reads.units import found_units
from runspect.index.reads.vocabulary import NamesIn
from runspect.index.reads.vocabulary import names as names_in
from runspect.masking import mask
from runspect.model import Json, RunRow
from runspect.practice.best import Unit
from runspect.practice.configs import changes, config_of
from runspect.practice.dead_ends import OVER
from runspect.practice.trajectory import Improvement, Lasted, Result, bars, contenders, results, trajectory
from runspect.practice.versus import noise_of

_COLUMNS = ("started", "commit", "hypothesis", "verdict", "note")
_SPAN = f"epoch(coalesce(r.started, {ENDED}, r.updated)), epoch(coalesce({ENDED}, r.updated, r.started)), {ENDED} IS NULL, r.state"


@dataclass(frozen=True, slots=True)
class _Span:
    """When a run began and ended, in seconds since 1970."""

    began: float
    ended: float
    by_file: bool
    """Whether the end is only the time of a file."""
    state: str


def trajectories(
    cursor: Cursor,
    scope: Scope,
    wanted: Wanted,
    known: NamesIn = names_in,
    lens: Lens = PLAIN,
    names_of: Called = called,
    runs: told.Runs = told.PLAIN,
    ignore: Sequence[str] = (),
    show_secrets: bool = False,
) -> list[dict[str, Json]]:
    """Every improvement of the record of each data set in the order of time, and the dead ends; `wanted.most` says nothing.

    Args:
        ignore: Globs of params that tell no two configs apart besides the known ones.

    Returns:
        [{dataset, version, place, title, metric, direction, judged_by, unmet, runs, compared, undated, note, improvements, dead_ends}],
        those with most runs first. An improvement is {rid, uid, name, state, when, when_of: point|end|file, value, delta, percent, tries, held_s,
        noise: {kind, n, sigma, sigmas, limit, recorded} or null, before: uid or null, from_version, changes: [{param, before, after}] or null,
        commit: {before, after}, hypothesis, verdict, note}; `when_of` tells what `when` is the time of, `delta` and `percent` are against the record before, `from_version` names
        the version of the data set whose record the first result is told against in `changes`. Dead ends: `dead_ends.DeadEnds`.

    Raises:
        QueryError: The query could not be understood.
        UsageError: The metric could not be understood.
        NotFound: No run names that data set; the message says which ones there are.
    """
    rids = matching(cursor, scope, wanted.query, known=known, lens=lens)
    together = asked_for(found_units(cursor, scope, rids, lens), wanted.dataset, lens)
    if not together:
        return []
    names = known(cursor, scope)
    judged = judges(cursor, together, wanted.metric, wanted.direction, names, lens)
    columns = {judge.column.spec: judge.column for judge in judged.values() if judge is not None}
    values = {spec: numbers(cursor, column, names, lens) for spec, column in columns.items()}
    lasted = _lasted(cursor, rids)
    fields = {
        unit: _Field(judge, _of_unit(members, values[judge.column.spec], lasted))
        for unit, members in together.items()
        if (judge := judged[unit]) is not None and judge.way is not None
    }
    asked = {unit: contenders(field.lasted, field.way) for unit, field in fields.items()}
    told_at = moments(cursor, asked, judged, names, lens) if any(asked.values()) else {}
    for unit, field in fields.items():
        at = {rid: _seconds(told_at[unit, rid][1]) for rid in asked[unit] if (unit, rid) in told_at}
        field.take(results(field.lasted, at), at)
    measured = [each.rid for field in fields.values() for each in field.results]
    seeds = Seeds.of(cursor, [rid for rid in measured if lasted[rid].state in OVER], names, ignore)
    shown = _Shown.of(cursor, scope, fields, lasted, seeds, known, lens, names_of, runs, show_secrets)
    ends = DeadEnds(cursor, scope, names, lens, names_of, seeds, show_secrets).of(
        {unit: Ground(field.results, field.bars, field.way) for unit, field in fields.items()}
    )
    return [
        {**shown.unit(unit, members, judged[unit], fields.get(unit)), "dead_ends": ends.get(unit, [])}
        for unit, members in together.items()
    ]


class _Field:
    """The runs of a unit that have a value and a time; mutable until `take`."""

    def __init__(self, judge: Judge, found: tuple[list[Lasted], int]) -> None:
        assert judge.way is not None
        self.judge, self.way = judge, judge.way
        self.lasted, self.undated = found
        self.results: list[Result] = []
        self.bars: Mapping[int, Result | None] = {}
        self.moments: Mapping[int, float | None] = {}
        self.improvements: tuple[Improvement, ...] = ()

    def take(self, found: list[Result], moments: Mapping[int, float | None]) -> None:
        self.results = found
        self.moments = moments
        self.bars = bars(found, self.way)
        self.improvements = trajectory(found, self.way)


def _of_unit(
    members: Sequence[int], values: Mapping[int, float | None], lasted: Mapping[int, _Span]
) -> tuple[list[Lasted], int]:
    """Those that have a finite value and a time, and how many have a value alone."""
    found, undated = [], 0
    for rid in members:
        value = values.get(rid)
        if value is None or value != value or value in (float("inf"), float("-inf")):
            continue
        if rid in lasted:
            span = lasted[rid]
            found.append(Lasted(rid, value, min(span.began, span.ended), span.ended))
        else:
            undated += 1
    return found, undated


def _lasted(cursor: Cursor, rids: Sequence[int]) -> dict[int, _Span]:
    """Of the runs that tell any time."""
    few = among(rids, "r.rid")
    rows = fetch(
        cursor,
        f"SELECT r.rid, {_SPAN} FROM runs_now r LEFT JOIN {NEWEST} n ON n.rid = r.rid WHERE {few.sql}",
        few.params,
    )
    return {rid: _Span(*told) for rid, *told in rows if None not in told}


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is known of the runs that set a record."""

    rows: Mapping[int, RunRow]
    configs: Mapping[int, Mapping[str, Json]]
    others: Mapping[Unit, tuple[Unit, Improvement]]
    """The record that stood on another version of the data set when a unit's first result came."""
    by_file: Mapping[int, bool]
    """Whether the end of each is only known by the time of a file."""
    seeds: Seeds
    show_secrets: bool

    @classmethod
    def of(
        cls,
        cursor: Cursor,
        scope: Scope,
        fields: Mapping[Unit, _Field],
        lasted: Mapping[int, _Span],
        seeds: Seeds,
        known: NamesIn,
        lens: Lens,
        names_of: Called,
        runs: told.Runs,
        show_secrets: bool,
    ) -> _Shown:
        rids = [each.rid for field in fields.values() for each in field.improvements]
        rows = window(cursor, scope, rids, _COLUMNS, show_secrets, known, runs, names_of, lens)
        words = runs.params(cursor, rids) if rids else {}
        configs = {
            rid: config_of({key: loaded(word.val) for key, word in each.items()}, lens.counts, lens)
            for rid, each in words.items()
        }
        others = {unit: found for unit in fields if (found := _record_elsewhere(unit, fields)) is not None}
        return cls(
            {row.rid: row for row in rows},
            configs,
            others,
            {rid: lasted[rid].by_file for rid in rids},
            seeds,
            show_secrets,
        )

    def unit(self, unit: Unit, members: Sequence[int], judge: Judge | None, field: _Field | None) -> dict[str, Json]:
        """One data set; see `trajectories`."""
        values = {each.rid: each.value for each in field.results} if field is not None else {}
        return {
            **heading(unit, judge),
            "runs": len(members),
            "compared": len(values),
            "undated": field.undated if field is not None else 0,
            "note": _note(judge, field),
            "improvements": [self._improvement(unit, each, values, field.moments) for each in field.improvements]
            if field
            else [],
        }

    def _improvement(
        self, unit: Unit, each: Improvement, values: Mapping[int, float], moments: Mapping[int, float | None]
    ) -> dict[str, Json]:
        row = self.rows[each.rid]
        started, commit, hypothesis, verdict, note = row.values
        other = self.others.get(unit) if each.before is None else None
        before = each.before.rid if each.before is not None else other[1].rid if other is not None else None
        return {
            "rid": row.rid,
            "uid": row.uid,
            "name": row.name,
            "state": row.state,
            "when": iso(each.when),
            "when_of": "point" if moments.get(each.rid) == each.when else "file" if self.by_file[each.rid] else "end",
            "started": iso(started),
            "value": each.value,
            "delta": each.delta,
            "percent": each.percent,
            "tries": each.tries,
            "held_s": each.held,
            "noise": self._noise(each, values),
            "before": self.rows[before].uid if before is not None else None,
            "before_name": self.rows[before].name if before is not None else None,
            "from_version": other[0].title if other is not None else None,
            "changes": None if before is None else self._changes(before, each.rid),
            "commit": {"before": None if before is None else self.rows[before].values[1], "after": commit},
            "hypothesis": hypothesis,
            "verdict": verdict,
            "note": note,
        }

    def _noise(self, each: Improvement, values: Mapping[int, float]) -> dict[str, Json] | None:
        if each.before is None:
            return None
        before = self.seeds.spread(each.before.rid, values)
        found = asdict(noise_of(each.delta, before, self.seeds.spread(each.rid, values)))
        return {key: found[key] for key in ("kind", "n", "sigma", "sigmas", "limit", "recorded")}

    def _changes(self, before: int, after: int) -> list[Json] | None:
        """Where the config departs from that of the record before; None where one of them recorded none."""
        if not self.configs.get(before) or not self.configs.get(after):
            return None
        shown: Callable[[str, Json], Json] = (lambda key, value: value) if self.show_secrets else mask
        return [
            {"param": each.param, "before": shown(each.param, each.one), "after": shown(each.param, each.other)}
            for each in changes(self.configs[before], self.configs[after])
        ]


def _record_elsewhere(unit: Unit, fields: Mapping[Unit, _Field]) -> tuple[Unit, Improvement] | None:
    """The newest record on another version of the same data set before the first result on this one."""
    first = next(iter(fields[unit].improvements), None)
    if first is None or unit.dataset is None:
        return None
    found = [
        (each.when, other, each)
        for other, field in fields.items()
        if other.dataset == unit.dataset and other != unit
        for each in field.improvements
        if each.when < first.when
    ]
    if not found:
        return None
    _, other, each = max(found, key=lambda entry: entry[0])
    return other, each


def _note(judge: Judge | None, field: _Field | None) -> str:
    if judge is None:
        return "no metric whose name tells which way it is better; name one with --metric, or in the policy"
    if field is None:
        return f"nothing tells which way {judge.column.spec} is better: say --direction, or [directions] in the policy"
    if field.improvements:
        return ""
    return (
        f"no run with a finite {judge.column.spec} tells a time"
        if field.undated
        else f"no run has a finite {judge.column.spec}"
    )


def _seconds(text: str | None) -> float | None:
    return None if text is None else datetime.fromisoformat(text).timestamp()
