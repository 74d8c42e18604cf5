"""Answers of the engine as frozen values; NumPy and Arrow are loaded only when curves are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from runspect.dataclass import dataclass, field
from runspect.model import Json, LogPage, Progress, Push, RunOrder, RunRow

if TYPE_CHECKING:
    from runspect.objective import Direction
    from runspect.practice.grouping import Spread
    from runspect.readers.contract import Floats, Steps


@dataclass(frozen=True, slots=True)
class Curve:
    """One metric of one run, thinned for a chart; `x` and `y` have equal length."""

    rid: int
    metric: str
    x: Floats
    """Steps, seconds since 1970 or seconds since the start, as was asked."""
    y: Floats


@dataclass(frozen=True, slots=True)
class Band:
    """Mean and spread of one metric over the runs of a group; the arrays have equal length, x ascending."""

    rid: int
    """What the group was called in the question."""
    metric: str
    x: Floats
    y: Floats
    """The mean."""
    std: Floats
    """Sample standard deviation; NaN where fewer than two runs count."""
    n: Steps
    """Runs that have logged up to here and beyond; the others count for nothing."""
    lost: Steps
    """Runs whose value here is not finite."""


@dataclass(frozen=True, slots=True)
class PointsPage:
    """Points of some runs, none left out, each metric's in their order."""

    metrics: tuple[str, ...]
    arrays: Mapping[str, Any]
    """Equally long: rid, code (index into `metrics`), segment (0 for the first writer), step, time (NaN where unknown), value."""
    after: tuple[int, int] | None
    """Where the next page begins; None at the end."""
    stamp: str
    """Pages with different ones do not fit together: begin anew."""
    lost: bool = False
    """The place where it should have begun is no more: begin anew."""


@dataclass(frozen=True, slots=True)
class Members:
    """Runs that belong together, sorted."""

    title: str
    """What their names share."""
    keys: tuple[Json, ...]
    """The value of each column that is grouped by; of `seeds` the title."""
    rids: tuple[int, ...]
    head: int | None = None
    """Of runs that are grouped by their parent: the parent itself, when it is listed, too."""


@dataclass(frozen=True, slots=True)
class Summed:
    """A group of runs as a row: what each column is over them."""

    cells: tuple[Spread, ...]
    states: Mapping[str, int]
    """How many of the runs are in which state."""
    best: int | None = None
    """The run with the best value; None where that is not known."""


@dataclass(frozen=True, slots=True)
class Measured:
    """How one run did in one metric; None where there is no such number, numbers that are not finite as text."""

    n: int
    last: float | str | None
    lowest: float | None
    highest: float | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What some runs are called and what they recorded."""

    names: Mapping[int, str]
    """By rid, in the order that was asked for."""
    longest: Mapping[str, int]
    """Every metric that any of them has, with the points of its longest series."""
    values: Mapping[str, Mapping[int, Measured]]
    """By metric, as far as it was asked for, and rid."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to choose from in a scope: each with the number of its runs, the most frequent first."""

    params: tuple[tuple[str, int, int], ...]
    """(name, runs, distinct values)."""
    metrics: tuple[tuple[str, int], ...]
    facts: tuple[tuple[str, int], ...]
    tags: tuple[tuple[str, int], ...]
    usual_params: tuple[str, ...] = ()
    """What a table of these runs shows when nobody chose columns, the most telling first."""
    usual_metrics: tuple[str, ...] = ()
    """The main metric, then those of the runs that lack it."""
    objective: str = ""
    """The column spec by which runs are judged: the policy's, else guessed; "" when there is none."""
    directions: Mapping[str, Direction] = field(default_factory=dict)
    """Of metrics, as the policy states them; those of others are to be guessed."""
    unmet: str = ""
    """What is to be said where the policy judges runs by a metric that none in scope has."""
    usual_words: tuple[str, ...] = ()
    """The columns of what people write that some of these runs have."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The finite values of a metric column over all listed runs."""

    runs: int
    low: float
    high: float
    best: float | None
    """None where it is not known which way the column is better."""


@dataclass(frozen=True, slots=True)
class Completions:
    """What may follow in a query at a position."""

    start: int
    """Offset of the token that an item replaces."""
    items: tuple[tuple[str, str], ...]
    """(text, what it is)."""


@dataclass(frozen=True, slots=True)
class SqlAnswer:
    """The answer to a read-only SQL statement."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Json, ...], ...]
    truncated: bool
    """There were more rows than were asked for."""


def order_from(found: Mapping[str, Json]) -> RunOrder:
    """The order of runs in a reply."""
    return RunOrder(tuple(found["rids"]), found["total"], found["live"], found["generation"])


def rows_from(found: list[list[Json]]) -> tuple[RunRow, ...]:
    """Table rows in a reply."""
    return tuple(
        RunRow(rid, uid, name, state, reason, tuple(values), star, archived)
        for rid, uid, name, state, reason, values, star, archived in found
    )


def members_from(found: list[list[Json]]) -> tuple[Members, ...]:
    """Groups from the answer to `members`."""
    return tuple(Members(str(title), tuple(keys), tuple(rids), head) for title, keys, rids, head in found)


def summed_from(found: list[list[Json]]) -> tuple[Summed, ...]:
    """Rows of groups from the answer to `spreads`."""
    from runspect.practice.grouping import Spread

    return tuple(Summed(tuple(Spread(**cell) for cell in cells), dict(states), best) for cells, states, best in found)


def recorded_from(found: Mapping[str, Json]) -> Recorded:
    """Names and metrics of runs in a reply."""
    names = {int(rid): str(name) for rid, name in found["runs"]}
    return Recorded(
        names,
        found["longest"],
        {
            metric: {rid: Measured(*each) for rid, each in zip(names, measured, strict=True) if each is not None}
            for metric, measured in found["values"].items()
        },
    )


def choices_from(found: Mapping[str, Json]) -> Choices:
    """What there is to choose from, in a reply."""
    return Choices(
        tuple((item["name"], item["runs"], item["distinct"]) for item in found["params"]),
        _counted(found["metrics"]),
        _counted(found["facts"]),
        _counted(found["tags"]),
        tuple(found["usual_params"]),
        tuple(found["usual_metrics"]),
        found["objective"],
        found["directions"],
        found["unmet"],
        tuple(found["usual_words"]),
    )


def completions_from(found: Mapping[str, Json]) -> Completions:
    """Completions in a reply."""
    return Completions(found["start"], tuple((text, what) for text, what in found["items"]))


def sql_answer_from(found: Mapping[str, Json]) -> SqlAnswer:
    """The answer to a SQL statement in a reply."""
    return SqlAnswer(tuple(found["columns"]), tuple(tuple(row) for row in found["rows"]), found["truncated"])


def page_from(found: Mapping[str, Json]) -> LogPage:
    """A piece of a console log in a reply."""
    return LogPage(**{**found, "lines": tuple(found["lines"]), "files": tuple(found["files"])})


def push_from(args: Mapping[str, Json]) -> Push:
    """News from the engine."""
    return Push(
        frozenset(args.get("rids", ())),
        args.get("generation", 0),
        bool(args.get("everything", False)),
        progress_from(args.get("progress")),
    )


def progress_from(found: Mapping[str, Json] | None) -> Progress | None:
    """How far the engine is, if it said so."""
    return Progress(**found) if found else None


def curves_from(body: bytes) -> tuple[Curve, ...]:
    """Curves in an Arrow stream of (rid, metric, x, y), ordered by rid and metric."""
    import numpy as np

    columns, parts = _table(body, "rid", ("x", "y"))
    return tuple(
        Curve(rid, metric, *(column[part].astype(np.float64, copy=False) for column in columns))
        for rid, metric, part in parts
    )


def bands_from(body: bytes, names: Sequence[int]) -> tuple[Band, ...]:
    """Bands in an Arrow stream of (group, metric, x, mean, std, n, lost); `names` are those of the groups."""
    columns, parts = _table(body, "group", ("x", "mean", "std", "n", "lost"))
    return tuple(Band(names[group], metric, *(column[part] for column in columns)) for group, metric, part in parts)


def _table(body: bytes, key: str, wanted: Sequence[str]) -> tuple[list[Any], list[tuple[int, str, slice]]]:
    """Some columns of an Arrow stream, and its stretches with one `key` and one metric each."""
    import numpy as np
    import pyarrow as pa

    with pa.ipc.open_stream(body) as stream:
        batches = list(stream)
    if not batches:
        return [], []
    (batch,) = batches
    metrics, keys = batch.column("metric"), batch.column(key).to_numpy()
    names, codes = metrics.dictionary.to_pylist(), metrics.indices.to_numpy()
    changes = np.flatnonzero((np.diff(keys) != 0) | (np.diff(codes) != 0)) + 1
    starts = [0, *changes.tolist()]
    parts = [
        (int(keys[start]), names[codes[start]], slice(start, end))
        for start, end in zip(starts, [*starts[1:], len(keys)], strict=True)
    ]
    return [batch.column(name).to_numpy() for name in wanted], parts


def points_from(args: Mapping[str, Json], body: bytes) -> PointsPage:
    """A page of points in a reply."""
    import pyarrow as pa

    stamp = str(args["stamp"])
    if args["lost"]:
        return PointsPage((), {}, None, stamp, lost=True)
    with pa.ipc.open_stream(body) as stream:
        table = stream.read_all()
    names = ("rid", "code", "segment", "step", "time", "value")
    arrays = {name: table.column(name).to_numpy() for name in names}
    after = args["after"]
    return PointsPage(tuple(args["metrics"]), arrays, None if after is None else (after[0], after[1]), stamp)


def _counted(found: list[Mapping[str, Json]]) -> tuple[tuple[str, int], ...]:
    return tuple((item["name"], item["runs"]) for item in found)
