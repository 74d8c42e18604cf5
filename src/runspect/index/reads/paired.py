"""Paired differences over history: runs out of the index, compared by `practice.effects`."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

import numpy as np

from runspect.columns import Lens, Names
from runspect.columns.lens import PLAIN
from runspect.columns.names import UnknownName, find, near
from runspect.dataclass import dataclass
from runspect.errors import UsageError
from runspect.index.reads.best import asked_for
from runspect.index.reads.called import Called, called
from runspect.index.reads.config_columns import config_columns
from runspect.index.reads.hypotheses import verdicts
from runspect.index.reads.judges import Judge, judges, numbers
from runspect.index.reads.scope import Cursor, Scope, among, fetch
from runspect.index.reads.table import matching
from runspect.index.reads.tested import tested
from runspect.index.reads.units import found_runs
from runspect.index.reads.vocabulary import NamesIn
from runspect.index.reads.vocabulary import names as names_in
from runspect.masking import MASK, mask
from runspect.model import Json
from runspect.objective import Direction
from runspect.practice.best import Found, Unit, units
from runspect.practice.effects import Change, Effect, Effects, effects
from runspect.practice.sign_test import Tally

ENDED = ("finished", "unknown")
"""States of runs that are compared: most tools write no end, and of a run without one nothing says that it failed."""
MOST_PAIRS = 20
"""Pairs of a change that are written out, at most."""
MOST_SAID = 20
"""Runs of a change of which is told what was said, at most."""
MOST_RUNS = 500
"""Runs of a change that are named, at most."""


@dataclass(frozen=True, slots=True)
class Paired:
    """What is asked for."""

    query: str = ""
    dataset: str = ""
    """Its name or a glob, with `@` and the beginning of a version if one is meant; "" for all."""
    metric: str = ""
    """A column spec; "" for what each data set is judged by."""
    direction: Direction | None = None
    """Of `metric`; None where its name, its aggregate or the policy tells."""
    param: str = ""
    """One param by its name or the end of it; "" for all."""


def paired(
    cursor: Cursor,
    scope: Scope,
    wanted: Paired,
    known: NamesIn = names_in,
    lens: Lens = PLAIN,
    names_of: Called = called,
    show_secrets: bool = False,
) -> dict[str, Json]:
    """What one change alone did to the result, over the runs that match and came to their end.

    Runs are compared within one version of one data set, and within a project.

    Returns:
        {runs, ended, measured, without_config, pairs, confounded, alone, arms, judged: [{metric, direction, judged_by,
        datasets: [title], runs, arms, pairs, confounded, alone}], notes: [why a data set was left out], effects: [effect]};
        an effect is {param, metric, direction, pairs, confounded, trend: {turn, steps, tally...} or null, more, changes:
        [{before, after, turn, tally..., other_code, datasets: {title: pairs}, runs: how many, rids, pairs: [{before, after,
        change}], said: [{rid, uid, name, hypothesis, verdict, why, note}], said_in_all}]}; a tally is n, better, worse, change,
        percent, p; a side of a pair is {value, n, runs: [{rid, uid, name}]}.

    Raises:
        QueryError: The query could not be understood.
        UsageError: The metric or the param could not be understood.
        NotFound: No run is on that data set.
    """
    names = known(cursor, scope)
    param = _param(wanted.param, names)
    rids = matching(cursor, scope, wanted.query, known=known, lens=lens)
    found, states = found_runs(cursor, scope, rids, lens)
    together = asked_for(units(found), wanted.dataset, lens)
    if wanted.dataset:
        rids = [rid for members in together.values() for rid in members]
    ended = {unit: [rid for rid in members if states[rid] in ENDED] for unit, members in together.items()}
    ended = {unit: members for unit, members in ended.items() if members}
    judged = judges(cursor, ended, wanted.metric, wanted.direction, names, lens)
    of_judge: dict[Judge, list[Unit]] = {}
    for unit, judge in judged.items():
        if judge is not None and judge.way is not None:
            of_judge.setdefault(judge, []).append(unit)
    projects = {run.rid: run for run in found}
    compared = [
        each
        for judge, those in of_judge.items()
        if (each := _compared(cursor, judge, {unit: ended[unit] for unit in those}, projects, names, lens)) is not None
    ]
    shown = _Shown.of(cursor, scope, compared, names_of, show_secrets)
    listed = [(effect, each) for each in compared for effect in each.found.effects if param in ("", effect.param)]
    listed.sort(key=lambda entry: min(_support(entry[0])))
    return {
        "runs": len(rids),
        "ended": sum(map(len, ended.values())),
        "measured": sum(each.measured for each in compared),
        "without_config": sum(each.without_config for each in compared),
        **{key: sum(getattr(each.found, key) for each in compared) for key in ("pairs", "confounded", "alone")},
        "arms": sum(len(each.found.arms) for each in compared),
        "judged": [each.told() for each in compared],
        "notes": [_unjudged(unit, judge) for unit, judge in judged.items() if judge is None or judge.way is None],
        "effects": [shown.effect(effect, each) for effect, each in listed],
    }


def _param(word: str, names: Names) -> str:
    if not word:
        return ""
    try:
        return find(word, names, ("param",))[1]
    except UnknownName as error:
        close = error.candidates or near(word, names.params)
        raise UsageError(f"{error}; did you mean {' or '.join(close[:3])}?" if close else str(error)) from error


@dataclass(frozen=True, slots=True)
class _Compared:
    """The runs of all data sets that are judged by one thing."""

    judge: Judge
    found: Effects
    rids_of: tuple[tuple[int, ...], ...]
    """The runs of each arm."""
    titles: tuple[str, ...]
    """What each arm is compared in."""
    without_config: int

    def told(self) -> dict[str, Json]:
        """How they were judged."""
        datasets: list[Json] = [*dict.fromkeys(self.titles)]
        return {
            "metric": self.judge.column.spec,
            "direction": self.judge.way,
            "judged_by": self.judge.by,
            "datasets": datasets,
            "runs": self.measured,
            "arms": len(self.found.arms),
            "pairs": self.found.pairs,
            "confounded": self.found.confounded,
            "alone": self.found.alone,
        }

    @property
    def measured(self) -> int:
        """How many runs its arms have."""
        return sum(map(len, self.rids_of))

    def runs_in(self, change: Change) -> list[int]:
        """The rids of all its pairs, those that gained most first."""
        return [rid for pair in change.pairs for arm in pair for rid in self.rids_of[arm]]


def _compared(
    cursor: Cursor,
    judge: Judge,
    together: Mapping[Unit, Sequence[int]],
    projects: Mapping[int, Found],
    names: Names,
    lens: Lens,
) -> _Compared | None:
    values = numbers(cursor, judge.column, names, lens)
    unit_of = {rid: unit for unit, members in together.items() for rid in members}
    rids = [rid for rid in unit_of if (value := values.get(rid)) is not None and math.isfinite(value)]
    if not rids or judge.way is None:
        return None
    columns, has_config = config_columns(cursor, rids, lens)
    kept = np.flatnonzero(has_config)
    within: dict[tuple[Unit, str], int] = {}
    places = [within.setdefault((unit_of[rid], projects[rid].project or ""), len(within)) for rid in rids]
    found = effects(
        [type(column)(column.param, column.levels, column.codes[kept]) for column in columns],
        np.array([values[rid] for rid in rids], dtype=np.float64)[kept],
        np.array(places, dtype=np.int64)[kept],
        judge.way,
    )
    with_config = [rids[at] for at in kept.tolist()]
    rids_of = tuple(tuple(with_config[run] for run in arm.runs) for arm in found.arms)
    titles = {unit: unit.title for unit in together}
    return _Compared(
        judge, found, rids_of, tuple(titles[unit_of[those[0]]] for those in rids_of), len(rids) - len(kept)
    )


@dataclass(frozen=True, slots=True)
class _Shown:
    """Writes the answer: what runs are called and what was said of them."""

    names: Mapping[int, tuple[str, str]]
    """uid and name."""
    commits: Mapping[int, str]
    said: Mapping[int, Mapping[str, Json]]
    show_secrets: bool

    @classmethod
    def of(
        cls, cursor: Cursor, scope: Scope, compared: Sequence[_Compared], names_of: Called, show_secrets: bool
    ) -> _Shown:
        """What is known of all runs that are in a pair."""
        rids = list(
            dict.fromkeys(
                rid
                for each in compared
                for effect in each.found.effects
                for change in effect.changes
                for rid in each.runs_in(change)
            )
        )
        if not rids:
            return cls({}, {}, {}, show_secrets)
        few, shorter = among(rids), names_of(cursor, scope)
        named = fetch(cursor, f"SELECT rid, uid, name FROM runs_now WHERE {few.sql}", few.params)
        commits = fetch(cursor, f"SELECT rid, val FROM facts_now WHERE name = 'git_commit' AND {few.sql}", few.params)
        return cls(
            {rid: (uid, shorter.get(rid, name)) for rid, uid, name in named},
            dict(commits),
            _said(cursor, rids),
            show_secrets,
        )

    def effect(self, effect: Effect, compared: _Compared) -> dict[str, Json]:
        """One param."""
        trend = effect.trend
        return {
            "param": effect.param,
            "metric": compared.judge.column.spec,
            "direction": compared.judge.way,
            "pairs": effect.pairs,
            "confounded": effect.confounded,
            "trend": None if trend is None else {"turn": trend.turn, "steps": trend.steps, **_tally(trend.tally)},
            "more": effect.more,
            "changes": [self._change(effect.param, change, compared) for change in effect.changes],
        }

    def _change(self, param: str, change: Change, compared: _Compared) -> dict[str, Json]:
        rids = list(dict.fromkeys(compared.runs_in(change)))
        said = [rid for rid in rids if rid in self.said]
        datasets = Counter(compared.titles[before] for before, _ in change.pairs)
        told_pairs: list[Json] = [self._pair(pair, compared) for pair in change.pairs[:MOST_PAIRS]]
        return {
            "before": self._masked(param, change.before),
            "after": self._masked(param, change.after),
            "turn": change.turn,
            **_tally(change.tally),
            "other_code": sum(self._is_other_code(pair, compared) for pair in change.pairs),
            "datasets": dict(datasets.most_common()),
            "runs": len(rids),
            "rids": list(rids[:MOST_RUNS]),
            "pairs": told_pairs,
            "said": [{**self._run(rid), **self.said[rid]} for rid in said[:MOST_SAID]],
            "said_in_all": len(said),
        }

    def _pair(self, pair: tuple[int, int], compared: _Compared) -> dict[str, Json]:
        before, after = (self._side(arm, compared) for arm in pair)
        values = [compared.found.arms[arm].value for arm in pair]
        return {"before": before, "after": after, "change": values[1] - values[0]}

    def _side(self, arm: int, compared: _Compared) -> dict[str, Json]:
        runs: list[Json] = [self._run(rid) for rid in compared.rids_of[arm]]
        return {"value": compared.found.arms[arm].value, "n": len(runs), "runs": runs}

    def _run(self, rid: int) -> dict[str, Json]:
        uid, name = self.names[rid]
        return {"rid": rid, "uid": uid, "name": name}

    def _is_other_code(self, pair: tuple[int, int], compared: _Compared) -> bool:
        """Whether the two sides are known to be of different commits, so that the code may have done it."""
        one, other = (self._commits(compared.rids_of[arm]) for arm in pair)
        return bool(one and other and not one & other)

    def _commits(self, rids: Sequence[int]) -> frozenset[str]:
        return frozenset(self.commits[rid] for rid in rids if rid in self.commits)

    def _masked(self, param: str, value: Json) -> Json:
        if self.show_secrets:
            return value
        masked: Json = mask(param, value)
        return MASK if masked != value and isinstance(value, list | dict) else masked


def _said(cursor: Cursor, rids: Sequence[int]) -> dict[int, dict[str, Json]]:
    """What was to be shown by those runs of which anything was said, and what they showed."""
    few, claims = among(rids), tested(cursor, rids)
    notes = dict(fetch(cursor, f"SELECT rid, val FROM ann_now WHERE key = 'note' AND {few.sql}", few.params))
    own = verdicts(cursor, list(claims))
    found: dict[int, dict[str, Json]] = {}
    for rid in rids:
        claim, note = claims.get(rid), _text(notes.get(rid))
        if claim is not None or note:
            found[rid] = {
                "hypothesis": None if claim is None else claim.words,
                "verdict": None if claim is None else claim.verdict,
                "why": own[rid].note if rid in own else "",
                "note": note,
            }
    return found


def _text(stored: str | None) -> str:
    value = json.loads(stored) if stored is not None else ""
    return value if isinstance(value, str) else ""


def _tally(told: Tally) -> dict[str, Json]:
    shown = asdict(told)
    del shown["hinders"]
    share = shown.pop("share")
    return {**shown, "percent": None if share is None else 100 * share}


def _support(effect: Effect) -> Iterator[tuple[float, int]]:
    for told in (*(change.tally for change in effect.changes), *((effect.trend.tally,) if effect.trend else ())):
        yield (1.0 if told.p is None else told.p), -told.n


def _unjudged(unit: Unit, judge: Judge | None) -> str:
    if judge is None:
        return f"{unit.title}: no metric whose name tells which way it is better"
    return f"{unit.title}: nothing tells which way {judge.column.spec} is better"
