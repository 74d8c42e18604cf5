"""Values of params and hypotheses that led nowhere: who tried what out of the index, judged by `practice.dead_ends`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from runspect.columns import Lens, Names
from runspect.dataclass import dataclass
from runspect.index.reads.called import Called
from runspect.index.reads.hypotheses import hypotheses
from runspect.index.reads.plain import iso, loaded
from runspect.index.reads.scope import Cursor, Scope, among, fetch
from runspect.index.reads.seeds import Seeds
from runspect.index.reads.tested import anything
from runspect.masking import mask
from runspect.model import Json
from runspect.objective import Direction
from runspect.practice.best import Unit
from runspect.practice.configs import is_place
from runspect.practice.dead_ends import (
    FEWEST,
    OVER,
    Attempt,
    DeadEnd,
    Setting,
    attempts,
    dead_hypothesis,
    dead_settings,
)
from runspect.practice.hypotheses import Hypothesis
from runspect.practice.trajectory import Result

MOST = 50
"""Dead ends of a data set that are told."""
MOST_NAMED = 20
"""Runs of one that are named."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What happened on one version of one data set."""

    results: Sequence[Result]
    bars: Mapping[int, Result | None]
    way: Direction


@dataclass(frozen=True, slots=True)
class DeadEnds:
    """Asks who tried what."""

    cursor: Cursor
    scope: Scope
    names: Names
    lens: Lens
    names_of: Called
    seeds: Seeds
    show_secrets: bool

    def of(self, grounds: Mapping[Unit, Ground]) -> dict[Unit, list[Json]]:
        """Of each unit, hypotheses first.

        Returns:
            [{why: refuted|never near, n, params: [{param, value}], hypothesis: {id, text} or null, best: {uid, name, value, record,
            percent} or null, first, last, runs: [uid]}]; `best` is the run that came nearest to the record of its time.
        """
        states = self._heads([each.rid for ground in grounds.values() for each in ground.results])
        over = frozenset(rid for rid, (_, _, state) in states.items() if state in OVER)
        tried = {unit: self._attempts(ground, over) for unit, ground in grounds.items()}
        settings = self._settings(grounds, tried)
        known = hypotheses(self.cursor, self.scope) if anything(self.cursor) else []
        found: dict[Unit, list[Json]] = {}
        for unit, ground in grounds.items():
            of_words = self._of_hypotheses(known, ground, tried[unit])
            of_params = dead_settings(settings.get(unit, ()), tried[unit], ground.way)
            texts = {each.id: each.text for each in known}
            found[unit] = [self._object(each, tried[unit], states, texts) for each in (*of_words, *of_params)[:MOST]]
        return found

    def _attempts(self, ground: Ground, over: frozenset[int]) -> dict[int, Attempt]:
        values = {each.rid: each.value for each in ground.results}
        limits = self.seeds.limits(values, values)
        allowed = {}
        for rid, bar in ground.bars.items():
            # that of the record counts, else that of the run itself: as in `practice.versus`
            limit = limits.get(bar.rid, limits.get(rid)) if bar is not None else None
            if limit is not None:
                allowed[rid] = limit
        return attempts(ground.results, ground.bars, over, allowed)

    def _settings(
        self, grounds: Mapping[Unit, Ground], tried: Mapping[Unit, Mapping[int, Attempt]]
    ) -> dict[Unit, list[tuple[Setting, list[int]]]]:
        """The values of params that enough runs had, with these runs; of those that came near one run stands for all."""
        units = list(grounds)
        listed = [
            (rid, at, each.is_near(grounds[unit].way))
            for at, unit in enumerate(units)
            for rid, each in tried[unit].items()
        ]
        if not listed:
            return {}
        kept = [param for param in self.names.params if self.lens.counts(param) and param not in self.lens.dataset_keys]
        rows = fetch(
            self.cursor,
            "SELECT u.unit, c.key, any_value(c.val), CASE WHEN bool_or(u.near) THEN [min(c.rid) FILTER (WHERE u.near)]"
            " ELSE list(c.rid) END FROM cfg_now c JOIN (SELECT unnest(?::BIGINT[]) AS rid, unnest(?::INTEGER[]) AS unit,"
            " unnest(?::BOOLEAN[]) AS near) u ON u.rid = c.rid WHERE list_contains(?::VARCHAR[], c.key) AND c.val <> 'null'"
            " GROUP BY u.unit, c.key, coalesce(CAST(c.num AS VARCHAR), c.val) HAVING bool_or(u.near) OR count(*) >= ?",
            (*(list(column) for column in zip(*listed, strict=True)), kept, FEWEST),
        )
        found: dict[Unit, list[tuple[Setting, list[int]]]] = {}
        for at, param, val, rids in rows:
            value = loaded(val)
            if not is_place(value):
                found.setdefault(units[at], []).append((Setting(param, value), rids))
        return found

    def _of_hypotheses(
        self, known: Sequence[Hypothesis], ground: Ground, tried: Mapping[int, Attempt]
    ) -> list[DeadEnd]:
        here = {each.rid for each in ground.results}
        found = []
        for each in known:
            rids = [trial.rid for trial in each.trials if trial.rid in here]
            answer = each.answer
            dead = dead_hypothesis(each.id, answer.word if answer else None, rids, tried, ground.way) if rids else None
            if dead is not None:
                found.append(dead)
        return sorted(found, key=lambda each: -each.n)

    def _object(
        self,
        end: DeadEnd,
        tried: Mapping[int, Attempt],
        heads: Mapping[int, tuple[str, str, str]],
        texts: Mapping[str, str],
    ) -> Json:
        moments = [tried[rid].when for rid in end.runs if rid in tried]
        return {
            "why": end.why,
            "n": end.n,
            "params": [
                {"param": each.param, "value": each.value if self.show_secrets else mask(each.param, each.value)}
                for each in end.settings
            ],
            "hypothesis": {"id": end.hypothesis, "text": self._text(texts[end.hypothesis])} if end.hypothesis else None,
            "best": None if end.best is None else _best(end.best, heads),
            "first": iso(min(moments, default=None)),
            "last": iso(max(moments, default=None)),
            "runs": [heads[rid][0] for rid in end.runs[:MOST_NAMED] if rid in heads],
        }

    def _text(self, text: str) -> Json:
        return text if self.show_secrets else mask("", text)

    def _heads(self, rids: Sequence[int]) -> dict[int, tuple[str, str, str]]:
        """Uid, name and state of each run."""
        few, names = among(rids, "r.rid"), self.names_of(self.cursor, self.scope)
        rows = fetch(self.cursor, f"SELECT r.rid, r.uid, r.name, r.state FROM runs_now r WHERE {few.sql}", few.params)
        return {rid: (uid, names.get(rid, name), state) for rid, uid, name, state in rows}


def _best(best: Attempt, heads: Mapping[int, tuple[str, str, str]]) -> dict[str, Json]:
    uid, name, _ = heads[best.rid]
    percent = 100 * ((best.value - best.bar) / abs(best.bar)) if best.bar else math.nan
    return {
        "uid": uid, "name": name, "value": best.value, "record": best.bar,
        "percent": percent if math.isfinite(percent) else None,
    }  # fmt: skip
