"""What the runs of a scope are compared by and with: units, objectives, seed groups, champions, baselines, the best so far.

Two halves: `Ground` stands until runs come, end or are annotated; `Values` go with what live runs log.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from runspect import columns
from runspect.columns import Column, Lens, Names
from runspect.columns.baseline import BASES
from runspect.columns.guards import Guard, way_of
from runspect.dataclass import dataclass
from runspect.errors import UsageError
from runspect.index.reads import told
from runspect.index.reads.called import Called, called
from runspect.index.reads.cells import value_of
from runspect.index.reads.champions import Champion, champions
from runspect.index.reads.config_hashes import Hashes, config_hashes
from runspect.index.reads.judges import Judge, judges, numbers
from runspect.index.reads.scope import Cursor, Scope, fetch, inside
from runspect.index.reads.units import found_runs, runs_where
from runspect.index.reads.vocabulary import NamesIn
from runspect.index.reads.vocabulary import names as names_in
from runspect.objective import Direction
from runspect.practice.best import Found, Unit, units
from runspect.practice.grouping import makes_no_config

ALIVE = frozenset(("running", "quiet"))
ENDED = frozenset(("finished", "unknown", "gone"))
"""States of runs whose value says what their config comes to; what failed or was killed ended early."""

Group = tuple[int, str, int]
"""A seed group: the number of its unit, the project, and what stands for the config."""


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
    seeded: frozenset[Group]
    """Those of them whose runs tell their seeds."""
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
    metric: str = "",
    hashes: Hashes = config_hashes,
) -> Ground:
    """What the runs below some directories are compared by and with.

    Args:
        metric: A column spec that all are judged by; "" for what the policy says of each, else for a guess.
        hashes: Says what stands for the configs; one that remembers it saves a quarter of the time.

    Raises:
        UsageError: The metric could not be understood, or is no number.
    """
    names = known(cursor, scope)
    bases = dict(fetch(cursor, f"SELECT b.rid, b.base FROM ({BASES}) b"))
    found, states = runs_where(cursor, scope, inside(scope), lens)
    beside = {base for rid, base in bases.items() if rid in states} - states.keys()
    if beside:
        found, states = found_runs(cursor, scope, [*states, *beside], lens)
    together = units(found)
    judged = judges(cursor, together, metric, None, names, lens)
    unit_of = {rid: at for at, rids in enumerate(together.values()) for rid in rids}
    archived = {rid for (rid,) in fetch(cursor, "SELECT rid FROM ann_now WHERE key = 'archive' AND val = 'true'")}
    group_of, siblings, seeded = _groups(cursor, found, unit_of, states, archived, names, lens, hashes)
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
        seeded,
        tuple(_guarding(guard, names, lens) for guard in lens.guards),
    )


def _groups(
    cursor: Cursor,
    found: Sequence[Found],
    unit_of: Mapping[int, int],
    states: Mapping[int, str],
    archived: Collection[int],
    names: Names,
    lens: Lens,
    hashes: Hashes,
) -> tuple[dict[int, Group], dict[Group, tuple[int, ...]], frozenset[Group]]:
    """The seed group of each run that has a config, of each group the runs that σ is of, and the groups that tell seeds.

    A seed that was run twice counts once, with its newest run: the same run again says nothing of other seeds.
    """
    left_out = [param for param in names.params if makes_no_config(param) or not lens.counts(param)]
    told = hashes(cursor, [run.rid for run in found], names, left_out)
    group_of, ended = {}, defaultdict[Group, dict[int, int]](dict)
    for run in found:
        config, seeds = told.get(run.rid, (0, 0))
        if config:
            group = group_of[run.rid] = unit_of[run.rid], run.project or "", config
            if states[run.rid] in ENDED and run.rid not in archived:
                ended[group][seeds or -run.rid] = run.rid
    siblings = {group: tuple(by_seed.values()) for group, by_seed in ended.items()}
    return (
        group_of,
        siblings,
        frozenset(group for group, by_seed in ended.items() if any(seed >= 0 for seed in by_seed)),
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
