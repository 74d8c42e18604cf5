"""The best runs ever, data set by data set: values out of the index, ranked by `practice.best`."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from runspect.columns import Lens, Names
from runspect.columns.datasets import canonical
from runspect.columns.lens import PLAIN
from runspect.dataclass import dataclass
from runspect.errors import NotFound
from runspect.index.reads import told
from runspect.index.reads.called import Called, called
from runspect.index.reads.champions import champions
from runspect.index.reads.judges import Judge, heading, judges, numbers
from runspect.index.reads.moments import moments
from runspect.index.reads.plain import moment, plain
from runspect.index.reads.scope import Cursor, Scope
from runspect.index.reads.table import matching, window
from runspect.index.reads.units import found_runs
from runspect.index.reads.vocabulary import NamesIn
from runspect.index.reads.vocabulary import names as names_in
from runspect.masking import mask
from runspect.model import Json, RunRow
from runspect.objective import Direction
from runspect.practice.best import Placed, Ranking, Unit, rank, units
from runspect.practice.configs import changes, config_of


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for."""

    query: str = ""
    dataset: str = ""
    """Its name or a glob, with `@` and the beginning of a version if one is meant; "" for all."""
    metric: str = ""
    """A column spec; "" for what each data set is judged by."""
    direction: Direction | None = None
    """Of `metric`; None where its name, its aggregate or the policy tells."""
    most: int = 1
    """Runs of each data set; the second is told besides."""


def best(
    cursor: Cursor,
    scope: Scope,
    wanted: Wanted,
    known: NamesIn = names_in,
    lens: Lens = PLAIN,
    names_of: Called = called,
    runs: told.Runs = told.PLAIN,
    show_secrets: bool = False,
) -> list[dict[str, Json]]:
    """The best runs of each data set, those with most runs first.

    Returns:
        [{dataset, version, place, title, metric, direction, judged_by, unmet, runs, compared, ties, states: {state: runs},
        best: [{rank, rid, uid, name, state, reason, started, ended, value, step, time, change, champion}], second: as in `best`
        or null, differs: [{param, best, second}] or null, champion: {rid, uid, name, value, change, stage, since, who} or null,
        note}]; `change` is in percent of the best value.

    Raises:
        QueryError: The query could not be understood.
        UsageError: The metric could not be understood.
        NotFound: No run names that data set; the message says which ones there are.
    """
    rids = matching(cursor, scope, wanted.query, known=known, lens=lens)
    found, states = found_runs(cursor, scope, rids, lens)
    together = asked_for(units(found), wanted.dataset, lens)
    if not together:
        return []
    names = known(cursor, scope)
    judged = judges(cursor, together, wanted.metric, wanted.direction, names, lens)
    values = _values(cursor, judged, names, lens)
    ranked = _ranked(together, judged, values)
    shown = {unit: ranking.placed[: max(2, wanted.most)] for unit, ranking in ranked.items()}
    rids_of = {unit: [placed.rid for placed in each] for unit, each in shown.items()}
    listed = [rid for each in rids_of.values() for rid in each]
    rows = window(
        cursor, scope, listed, ("started", "ended", "updated"), known=known, runs=runs, names_of=names_of, lens=lens
    )
    telling_of = [rid for each in rids_of.values() for rid in each[:2]]
    answer = _Answer(
        {row.rid: row for row in rows},
        moments(cursor, rids_of, judged, names, lens),
        {rid: _config(words, lens) for rid, words in runs.params(cursor, telling_of).items()} if telling_of else {},
        states,
        show_secrets,
        _champions(cursor, scope, judged, values, lens, names_of),
    )
    return [
        answer.unit(unit, members, judged[unit], ranked.get(unit), shown.get(unit, ()), wanted.most)
        for unit, members in together.items()
    ]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What is known of the runs that are shown."""

    rows: Mapping[int, RunRow]
    moments: Mapping[tuple[Unit, int], tuple[int | None, str | None]]
    configs: Mapping[int, Mapping[str, Json]]
    states: Mapping[int, str]
    show_secrets: bool
    champions: Mapping[Unit, dict[str, Json]]

    def unit(
        self,
        unit: Unit,
        members: Sequence[int],
        judge: Judge | None,
        ranking: Ranking | None,
        shown: Sequence[Placed],
        most: int,
    ) -> dict[str, Json]:
        """One data set; see `best`."""
        runs = [self._run(unit, placed, shown[0].value) for placed in shown]
        placed = ranking.placed if ranking is not None else ()
        return {
            **heading(unit, judge),
            "runs": len(members),
            "compared": len(placed),
            "ties": ranking.ties if ranking is not None else 0,
            "states": dict(Counter(self.states[each.rid] for each in placed).most_common()),
            "best": list(runs[:most]),
            "second": runs[1] if len(runs) > 1 else None,
            "differs": self._differs(shown[0].rid, shown[1].rid) if len(runs) > 1 else None,
            "champion": self._champion(unit, shown[0].value if shown else None),
            "note": _note(judge, placed),
        }

    def _champion(self, unit: Unit, first: float | None) -> dict[str, Json] | None:
        found = self.champions.get(unit)
        if found is None:
            return None
        value = found["value"]
        told = isinstance(value, int | float) and first is not None and first != 0
        return {**found, "change": 100 * (float(value) - first) / abs(first) if told else None}  # type: ignore[arg-type,operator]

    def _run(self, unit: Unit, placed: Placed, first: float) -> dict[str, Json]:
        row, (step, time) = self.rows[placed.rid], self.moments.get((unit, placed.rid), (None, None))
        return {
            "rank": placed.rank,
            "rid": row.rid,
            "uid": row.uid,
            "name": row.name,
            "state": row.state,
            "reason": row.reason,
            "started": _iso(row.values[0]),
            "ended": _iso(row.values[1] or row.values[2]),
            "value": placed.value,
            "step": step,
            "time": time,
            "change": _percent(placed.value, first),
            "champion": unit in self.champions and self.champions[unit]["rid"] == row.rid,
        }

    def _differs(self, one: int, other: int) -> list[Json] | None:
        """Where the config of the best departs from that of the second; None where one of them recorded none."""
        if not self.configs.get(one) or not self.configs.get(other):
            return None
        shown: Callable[[str, Json], Json] = (lambda key, value: value) if self.show_secrets else mask
        return [
            {
                "param": each.param,
                "best": plain(shown(each.param, each.one)),
                "second": plain(shown(each.param, each.other)),
            }
            for each in changes(self.configs[one], self.configs[other])
        ]


def _values(
    cursor: Cursor, judged: Mapping[Unit, Judge | None], names: Names, lens: Lens
) -> dict[str, dict[int, float | None]]:
    """By column spec, then by run: what the units are judged by."""
    columns_of = {judge.column.spec: judge.column for judge in judged.values() if judge is not None}
    return {spec: numbers(cursor, column, names, lens) for spec, column in columns_of.items()}


def _champions(
    cursor: Cursor,
    scope: Scope,
    judged: Mapping[Unit, Judge | None],
    values: Mapping[str, Mapping[int, float | None]],
    lens: Lens,
    names_of: Called,
) -> dict[Unit, dict[str, Json]]:
    """The champions of these units, whatever the query."""
    found: dict[Unit, dict[str, Json]] = {}
    for unit, champion in champions(cursor, scope, lens, names_of=names_of).items():
        judge = judged.get(unit)
        standing = champion.standing
        found[unit] = {
            "rid": champion.rid,
            "uid": champion.uid,
            "name": champion.name,
            "value": None if judge is None else values[judge.column.spec].get(champion.rid),
            "stage": standing.stage,
            "since": _iso(standing.since),
            "who": standing.who,
        }
    return found


def _ranked(
    together: Mapping[Unit, Sequence[int]],
    judged: Mapping[Unit, Judge | None],
    values: Mapping[str, Mapping[int, float | None]],
) -> dict[Unit, Ranking]:
    """The runs of each unit that can be judged."""
    return {
        unit: rank(members, values[judge.column.spec], judge.way)
        for unit, members in together.items()
        if (judge := judged[unit]) is not None and judge.way is not None
    }


def asked_for(together: dict[Unit, list[int]], dataset: str, lens: Lens) -> dict[Unit, list[int]]:
    """The units of the data set that is meant; see `Wanted.dataset`.

    Raises:
        NotFound: No run is on it.
    """
    if not dataset or not together:
        return together
    name, _, version = dataset.partition("@")
    named = canonical(name, lens.datasets).lower()
    found = {
        unit: rids
        for unit, rids in together.items()
        if unit.dataset is not None
        and fnmatchcase(unit.dataset.lower(), named)
        and (not version or (unit.version or "").startswith(version))
    }
    if not found:
        there = dict.fromkeys(unit.title for unit in together if unit.dataset is not None)
        raise NotFound(
            f"no run is on a data set {dataset!r}; there {'are ' + ', '.join(there) if there else 'is none'}"
        )
    return found


def _config(words: Mapping[str, told.Word], lens: Lens) -> dict[str, Json]:
    return config_of({key: _loaded(word.val) for key, word in words.items()}, lens.counts, lens)


def _percent(value: float, first: float) -> float | None:
    """By how many percent a value differs; None where that is beyond what a number holds."""
    percent = 100 * ((value - first) / abs(first)) if first else math.nan
    return percent if math.isfinite(percent) else None


def _note(judge: Judge | None, placed: Sequence[Placed]) -> str:
    if judge is None:
        return "no metric whose name tells which way it is better; name one with --metric, or in the policy"
    if judge.way is None:
        return f"nothing tells which way {judge.column.spec} is better: say --direction, or [directions] in the policy"
    return "" if placed else f"no run has a finite {judge.column.spec}"


def _iso(seconds: float | None) -> str | None:
    return None if seconds is None else moment(datetime.fromtimestamp(seconds, UTC))


def _loaded(text: str) -> Json:
    try:
        return json.loads(text)
    except ValueError:
        return text
