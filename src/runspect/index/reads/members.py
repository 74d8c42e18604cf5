"""Which runs belong together, without what they measured: the lines of a table of groups, and the cells of some of them.

`groups` answers both at once and takes seconds for 10,000 runs; a screen asks for the members of all groups, and for
the cells of those that are in view.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from runspect import columns
from runspect.columns import Column, Lens, Names
from runspect.columns.lens import PLAIN as GUESSED
from runspect.columns.versus import NUMBERS
from runspect.dataclass import dataclass
from runspect.errors import UsageError
from runspect.index.reads.called import Called, called
from runspect.index.reads.groups import configs_of, same
from runspect.index.reads.plain import plain
from runspect.index.reads.scope import Cursor, Scope, among, fetch
from runspect.index.reads.table import matching, window
from runspect.index.reads.told import PLAIN, Runs
from runspect.index.reads.vocabulary import NamesIn
from runspect.index.reads.vocabulary import names as names_in
from runspect.masking import mask
from runspect.model import Json, SortKey
from runspect.objective import direction
from runspect.practice.grouping import PARENT, SEEDS, Spread, common_name, spread

AVERAGED = ("metric", "at", "param", "fact")
"""Kinds of columns by whose mean groups are sorted; by any other column, by the first of their runs."""
AVERAGED_FIELDS = ("took", "steps", "problems", *NUMBERS)
"""Built-in columns of whose values a mean says something."""
_WORDS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


@dataclass(frozen=True, slots=True)
class Members:
    """Runs that belong together, in the order of the list."""

    title: str
    """What the names of the runs share."""
    keys: tuple[Json, ...]
    """The value of each column that is grouped by; of `seeds` the title, of `parent` the parent's uid."""
    rids: tuple[int, ...]
    head: int | None = None
    """Of a group by `parent`: the rid of the parent, when it is listed, too."""


@dataclass(frozen=True, slots=True)
class Summed:
    """A set of runs as one row."""

    cells: tuple[Spread, ...]
    """One a column."""
    states: Mapping[str, int]
    """How many of the runs are in which state."""
    best: int | None
    """The rid of the run with the best value; None where no run has one, or no direction is known."""


def members(
    cursor: Cursor,
    scope: Scope,
    query: str,
    by: Sequence[str],
    sort: Sequence[SortKey] = (),
    *,
    archived: bool = False,
    ignore: Sequence[str] = (),
    known: NamesIn = names_in,
    names_of: Called = called,
    lens: Lens = GUESSED,
    show_secrets: bool = False,
) -> tuple[Members, ...]:
    """The runs that match, by what they share; both groups and their runs are sorted.

    Args:
        by: Column specs, and `seeds` and `parent`, see `groups`.
        sort: Groups are sorted by the mean of a column of numbers, else by the run that the level puts first.
        ignore: Globs of params that `seeds` leaves out besides those it knows.

    Raises:
        QueryError: The query could not be understood.
        UsageError: A column could not be understood, or there is none.
    """
    if not by:
        raise UsageError("group by what? name columns, seeds or parent")
    rids = matching(cursor, scope, query, sort, archived, known, lens)
    names = known(cursor, scope)
    levels = _to_last_averaged(sort, names)
    keyed = [columns.meant(spec, names) for spec in by if spec != SEEDS]
    told = _told(cursor, rids, [*keyed, *(column for _, column in levels)], names)
    configs = configs_of(cursor, rids, names, ignore) if SEEDS in by else {}
    together: dict[tuple[str, ...], list[int]] = {}
    for rid in (rid for rid in rids if rid in told):
        values = iter(told[rid].values)
        key = tuple(configs.get(rid, f"run {rid}") if spec == SEEDS else same(next(values)) for spec in by)
        together.setdefault(key, []).append(rid)
    shorter = names_of(cursor, scope)
    heads = _heads(cursor, told) if tuple(by) == (PARENT,) else {}

    def of(inside: Sequence[int]) -> Members:
        title = common_name([shorter.get(rid, told[rid].name) for rid in inside])
        raw = zip(keyed, told[inside[0]].values, strict=False)
        values = iter(value if show_secrets else mask(column.name, value) for column, value in raw)
        keys = tuple(title if spec == SEEDS else next(values) for spec in by)
        return Members(title, keys, tuple(inside), heads.get(str(keys[0])))

    def in_order(level: SortKey) -> Sequence[int]:
        return matching(cursor, scope, query, [level], archived, known, lens)

    return tuple(map(of, _sorted([*together.values()], told, len(keyed), levels, in_order)))


def spreads(
    cursor: Cursor,
    scope: Scope,
    together: Sequence[Sequence[int]],
    specs: Sequence[str],
    *,
    known: NamesIn = names_in,
    runs: Runs = PLAIN,
    show_secrets: bool = False,
    judge: str = "",
    lens: Lens = GUESSED,
) -> list[Summed]:
    """What each column is over each of these sets of runs.

    Args:
        judge: The metric by which the best of each set is told; "" for none.

    Raises:
        UsageError: A column could not be understood.
    """
    every = list(dict.fromkeys(rid for inside in together for rid in inside))
    way = direction(judge, lens.directions) if judge else None
    shown = [*specs, f"{judge}:best"] if way is not None else list(specs)
    rows = {row.rid: row for row in window(cursor, scope, every, shown, show_secrets, known, runs, lens=lens)}
    answer = []
    for inside in together:
        there = [rows[rid] for rid in inside if rid in rows]
        cells = tuple(spread(_number(row.values[at]) for row in there) for at in range(len(specs)))
        judged = [] if way is None else [(row.values[-1], row.rid) for row in there if _is_number(row.values[-1])]
        best = min(judged, key=lambda entry: entry[0] if way == "down" else -entry[0], default=(None, None))[1]
        answer.append(Summed(cells, Counter(row.state for row in there), best))
    return answer


@dataclass(frozen=True, slots=True)
class _Told:
    name: str
    uid: str
    values: tuple[Json, ...]


def _told(cursor: Cursor, rids: Sequence[int], shown: Sequence[Column], names: Names) -> dict[int, _Told]:
    picked = [columns.value_sql(column, names) for column in shown]
    few = among(rids, "r.rid")
    rows = fetch(
        cursor,
        f"SELECT r.rid, r.name, r.uid{''.join(f', {sql}' for sql, _ in picked)} FROM runs_now r WHERE {few.sql}",
        (*(value for _, params in picked for value in params), *few.params),
    )
    return {
        rid: _Told(name, uid, tuple(plain(columns.decode(*each)) for each in zip(shown, values, strict=True)))
        for rid, name, uid, *values in rows
    }


def _heads(cursor: Cursor, told: Mapping[int, _Told]) -> dict[str, int]:
    """The listed run of each id that a run ever had."""
    few = among(list(told))
    found: dict[str, int] = dict(fetch(cursor, f"SELECT uid, rid FROM ids_now WHERE {few.sql}", few.params))
    return found | {run.uid: rid for rid, run in told.items()}


def _sorted(
    together: list[list[int]],
    told: Mapping[int, _Told],
    first: int,
    levels: Sequence[tuple[SortKey, Column]],
    in_order: Callable[[SortKey], Sequence[int]],
) -> list[list[int]]:
    """By the values from `first` on: by the means of numbers, else by the run that a level puts first.

    What the levels leave equal stays in the order of the first runs, as `together` is.
    """
    for at, (level, column) in reversed([*enumerate(levels, first)]):
        if _is_averaged(column) and any(_is_number(run.values[at]) for run in told.values()):
            keys = {inside[0]: _ranked([told[rid].values[at] for rid in inside], level) for inside in together}
        else:
            places = _places([rid for rid in in_order(level) if rid in told], told, at)
            keys = {inside[0]: (False, min(places[rid] for rid in inside)) for inside in together}
        together = sorted(together, key=lambda inside, keys=keys: keys[inside[0]])  # type: ignore[misc]
    return together


def _places(rids: Sequence[int], told: Mapping[int, _Told], at: int) -> dict[int, int]:
    """The place of each run in this order; runs of the same value share one."""
    places: dict[int, int] = {}
    before: Json = None
    for place, rid in enumerate(rids):
        value = told[rid].values[at]
        same_place = bool(places) and value == before
        places[rid] = places[rids[place - 1]] if same_place else place
        before = value
    return places


def _resolved(spec: str, names: Names) -> Column:
    column = columns.parse_column(spec)
    try:
        return columns.resolve(column, names)
    except UsageError:
        return column


def _to_last_averaged(sort: Sequence[SortKey], names: Names) -> Sequence[tuple[SortKey, Column]]:
    """The levels that the order of the first runs does not give by itself: means, and what goes before them."""
    levels = [(level, _resolved(level.column, names)) for level in sort]
    means = [at for at, (_, column) in enumerate(levels) if _is_averaged(column)]
    return levels[: means[-1] + 1] if means else ()


def _is_averaged(column: Column) -> bool:
    return column.kind in AVERAGED or (column.kind == "field" and column.name in AVERAGED_FIELDS)


def _ranked(values: Sequence[Json], level: SortKey) -> tuple[bool, float]:
    """The mean as a key to sort by; groups without a number come last in both directions."""
    numbers = [value for value in values if _is_number(value)]
    mean = math.fsum(numbers) / len(numbers) if numbers else 0.0
    return not numbers, -mean if level.descending else mean


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(value: Json) -> Json:
    """A number that is not finite comes out of the index as a word."""
    return _WORDS.get(value, value) if isinstance(value, str) else value
