"""What the runs of a scope are compared by and with: units, objectives, seed groups, champions, baselines, the best so far.

Two halves: `Ground` stands until runs come, end or are annotated; `Values` go with what live runs log.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from runspect import columns
from runspect.columns import Column, Lens, Names
from runspect.columns.baseline import BASES
from runspect.columns.guards import Guard, way_of
from runspect.errors import UsageError
from runspect.index.reads import told
from runspect.index.reads.best import found_in_order
from runspect.index.reads.called import Called, called
from runspect.index.reads.cells import value_of
from runspect.index.reads.champions import Champion, champions
from runspect.index.reads.groups import configs_without
from runspect.index.reads.judges import Judge, judges, numbers
from runspect.index.reads.scope import Cursor, Scope, among, fetch, inside
from runspect.index.reads.vocabulary import NamesIn
from runspect.index.reads.vocabulary import names as names_in
from runspect.objective import Direction
from runspect.practice.best import Unit, units
from runspect.practice.configs import is_seed
from runspect.practice.grouping import makes_no_config

ALIVE = frozenset(("running", "quiet"))
ENDED = frozenset(("finished", "unknown", "gone"))
"""States of runs whose value says what their config comes to; what failed or was killed ended early."""

Group = tuple[int, str]
"""A seed group: the number of its unit, and what stands for the config."""


@dataclass(frozen=True, slots=True)
class Guarding:
    """A guard with its column; None where no run has such a metric."""

    guard: Guard
    column: Column | None
    way: Direction | None


@dataclass(frozen=True, slots=True)
class Ground:
    """Of the runs of a scope, in the order in which they began."""

    names: Names
    lens: Lens
    units: tuple[Unit, ...]
    judges: tuple[Judge | None, ...]
    """One a unit."""
    members: tuple[tuple[int, ...], ...]
    """The same: rids."""
    unit_of: Mapping[int, int]
    states: Mapping[int, str]
    aside: frozenset[int]
    """Runs that are archived, or only the baseline of others: nothing is measured against them unasked."""
    champions: Mapping[Unit, Champion]
    bases: Mapping[int, int]
    """The marked baseline of each run that has one."""
    group_of: Mapping[int, Group]
    siblings: Mapping[Group, tuple[int, ...]]
    """Of each seed group the ended runs, each seed once."""
    guards: tuple[Guarding, ...]

    def judge(self, rid: int) -> Judge | None:
        """By what a run is judged; None where nothing tells, or not which way."""
        unit = self.unit_of.get(rid)
        judge = None if unit is None else self.judges[unit]
        return judge if judge is not None and judge.way is not None else None

    def is_alive(self, rid: int) -> bool:
        """Whether a run still runs."""
        return self.states.get(rid) in ALIVE


Values = Mapping[str, Mapping[int, float | None]]
"""By column spec: a number of each run that has one."""


def ground(
    cursor: Cursor,
    scope: Scope,
    known: NamesIn = names_in,
    lens: Lens = columns.lens.PLAIN,
    names_of: Called = called,
) -> Ground:
    """What the runs below some directories are compared by and with."""
    names, place = known(cursor, scope), inside(scope)
    listed = [rid for (rid,) in fetch(cursor, f"SELECT r.rid FROM runs_now r WHERE {place.sql}", place.params)]
    bases = dict(fetch(cursor, f"SELECT b.rid, b.base FROM ({BASES}) b"))
    within = frozenset(listed)
    beside = {base for rid, base in bases.items() if rid in within} - within
    found, states = found_in_order(cursor, scope, [*listed, *beside], lens)
    together = units(found)
    judged = judges(cursor, together, "", None, names, lens)
    unit_of = {rid: at for at, rids in enumerate(together.values()) for rid in rids}
    archived = {rid for (rid,) in fetch(cursor, "SELECT rid FROM ann_now WHERE key = 'archive' AND val = 'true'")}
    group_of, siblings = _groups(cursor, [run.rid for run in found], unit_of, states, archived, names, lens)
    return Ground(
        names,
        lens,
        tuple(together),
        tuple(judged[unit] for unit in together),
        tuple(map(tuple, together.values())),
        unit_of,
        states,
        frozenset(archived | beside),
        champions(cursor, scope, lens, together, names_of),
        bases,
        group_of,
        siblings,
        tuple(_guarding(guard, names, lens) for guard in lens.guards),
    )


def _groups(
    cursor: Cursor,
    rids: Sequence[int],
    unit_of: Mapping[int, int],
    states: Mapping[int, str],
    archived: Collection[int],
    names: Names,
    lens: Lens,
) -> tuple[dict[int, Group], dict[Group, tuple[int, ...]]]:
    """The seed group of each run that has a config, and of each group the runs that σ is of.

    A seed that was run twice counts once, with its newest run: the same run again says nothing of other seeds.
    """
    left_out = [param for param in names.params if makes_no_config(param) or not lens.counts(param)]
    configs = configs_without(cursor, rids, left_out)
    seeds = _seeds(cursor, rids, [param for param in names.params if is_seed(param)])
    group_of = {rid: (unit_of[rid], configs[rid]) for rid in rids if rid in configs}
    ended: dict[Group, dict[str, int]] = defaultdict(dict)
    for rid, group in group_of.items():
        if states[rid] in ENDED and rid not in archived:
            ended[group][seeds.get(rid, f"run {rid}")] = rid
    return group_of, {group: tuple(by_seed.values()) for group, by_seed in ended.items()}


def _seeds(cursor: Cursor, rids: Sequence[int], params: Sequence[str]) -> dict[int, str]:
    """The seeds of each run that tells any, as one text."""
    if not params:
        return {}
    few = among(rids, "c.rid")
    return dict(
        fetch(
            cursor,
            "SELECT c.rid, string_agg(c.key || '=' || coalesce(CAST(c.num AS VARCHAR), c.val), chr(31) ORDER BY c.key) "
            f"FROM cfg_now c WHERE list_contains(?::VARCHAR[], c.key) AND c.val <> 'null' AND {few.sql} GROUP BY c.rid",
            (list(params), *few.params),
        )
    )


def _guarding(guard: Guard, names: Names, lens: Lens) -> Guarding:
    try:
        column = columns.resolve(columns.parse_column(guard.spec), names)
    except UsageError:
        return Guarding(guard, None, way_of(guard, columns.parse_column(guard.spec).name, lens.directions))
    return Guarding(guard, column, way_of(guard, column.name, lens.directions))


def measured(cursor: Cursor, found: Ground) -> Values:
    """The objective and the guards of all runs."""
    return {column.spec: numbers(cursor, column, found.names, found.lens) for column in _columns(found)}


def renewed(cursor: Cursor, found: Ground, before: Values, changed: Sequence[int], runs: told.Runs) -> Values:
    """As `measured`, where only some runs logged anything since `before`."""
    if not changed:
        return before
    known, after = told.told(cursor, changed, runs), {}
    for column in _columns(found):
        read = value_of(column, found.names, found.lens)
        if read is None:  # it takes points
            after[column.spec] = numbers(cursor, column, found.names, found.lens)
            continue
        fresh = {rid: _number(read(run)) for rid, run in known.items()}
        after[column.spec] = {**before[column.spec], **fresh}
    return after


def _columns(found: Ground) -> Iterator[Column]:
    judged = (judge.column for judge in found.judges if judge is not None and judge.way is not None)
    guarding = (guard.column for guard in found.guards if guard.column is not None)
    yield from {column.spec: column for column in (*judged, *guarding)}.values()


def _number(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and not math.isnan(value) else None  # type: ignore[arg-type]  # it is a number
