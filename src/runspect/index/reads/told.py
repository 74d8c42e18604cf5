"""What the index holds of single runs, table by table, with statements that DuckDB plans in a moment.

The `*_now` views are for questions about many runs: planning a statement over several of them takes longer than reading
one run's rows. Whoever asks for the same runs again and again keeps the answers and gives them as `Runs`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

from runspect.dataclass import dataclass
from runspect.index.reads.scope import Condition, Cursor, among, fetch
from runspect.index.reads.tested import Tested, tested
from runspect.model import Json

T = TypeVar("T")

Loader = Callable[[Cursor, Sequence[int]], dict[int, T]]
"""What is known of each of some runs; runs of which nothing is known are left out."""


@dataclass(frozen=True, slots=True)
class Head:
    """The row of a run that is not hidden, as its logs tell it."""

    uid: str
    watch: str
    path: str
    name: str
    project: str | None
    grp: str | None
    tools: str | None
    state: str
    reason: str
    started: datetime | None
    ended: datetime | None
    updated: datetime | None
    steps: int | None
    host: str | None
    owner: str | None
    parent: str | None
    problems: int | None

    @property
    def abspath(self) -> str:
        """The run's directory."""
        return self.watch if self.path == "." else f"{self.watch.rstrip('/')}/{self.path}"


@dataclass(frozen=True, slots=True)
class Series:
    """What counts of one metric; the names are those of the view `series_now`."""

    mid: int
    n: int
    nonfinite: int
    first_nonfinite_step: int | None
    first_step: int | None
    first_v: float | None
    last_step: int | None
    last_v: float | None
    lo: float | None
    lo_step: int | None
    hi: float | None
    hi_step: int | None
    mean_tail: float | None
    spark: str | None


class Word(NamedTuple):
    """A param or a fact that counts: JSON text and the file that told it, relative to the watch. A window has thousands."""

    val: str
    source: str | None
    shared: bool = False


_HEAD = ", ".join(f"t.{name}" for name in Head.__dataclass_fields__)
_SERIES = tuple(Series.__dataclass_fields__)


def heads(cursor: Cursor, rids: Sequence[int]) -> dict[int, Head]:
    """The rows of `runs` that count."""
    current = newest("runs", "rid", rids)
    return {
        row[0]: Head(*row[1:])
        for row in fetch(cursor, f"SELECT t.rid, {_HEAD} FROM {current.sql} AND NOT t.hidden", current.params)
    }


def series(cursor: Cursor, rids: Sequence[int]) -> dict[int, dict[str, Series]]:
    """The summaries of each run, by metric."""
    rows = _counting(cursor, "series", rids, _SERIES[1:], keys="rid, mid")
    names = metric_names(cursor, {row[1] for row in rows})
    found: dict[int, dict[str, Series]] = {}
    for rid, *values in rows:
        summary = Series(*values)
        found.setdefault(rid, {})[names[summary.mid]] = summary
    return {rid: dict(sorted(told.items())) for rid, told in found.items()}


def params(cursor: Cursor, rids: Sequence[int]) -> dict[int, dict[str, Word]]:
    """The params of each run, by key."""
    return _words(_counting(cursor, "cfg", rids, ("key", "val", "source", "shared"), order="rid, key"))


def facts(cursor: Cursor, rids: Sequence[int]) -> dict[int, dict[str, Word]]:
    """The facts of each run, by name."""
    return _words(_counting(cursor, "facts", rids, ("name", "val", "source"), order="rid, name"))


def _words(rows: Sequence[tuple[Any, ...]]) -> dict[int, dict[str, Word]]:
    """Per run and name, in their order."""
    found: dict[int, dict[str, Word]] = {}
    for run, told in groupby(rows, itemgetter(0)):
        found[run] = {row[1]: Word(*row[2:]) for row in told}
    return found


def said(cursor: Cursor, rids: Sequence[int]) -> dict[int, dict[str, str]]:
    """What people say of each run: JSON text by key, what was taken back left out."""
    if not fetch(cursor, "SELECT 1 FROM ann LIMIT 1"):
        return {}
    few = among(rids)
    found: dict[int, dict[str, str]] = {}
    for rid, key, val in fetch(
        cursor, f"SELECT rid, key, val FROM ann_all WHERE val <> 'null' AND {few.sql}", few.params
    ):
        found.setdefault(rid, {})[key] = val
    return found


@dataclass(frozen=True, slots=True)
class Runs:
    """Where what is told of single runs comes from: the index, or what was read from it before."""

    heads: Loader[Head] = heads
    series: Loader[dict[str, Series]] = series
    params: Loader[dict[str, Word]] = params
    facts: Loader[dict[str, Word]] = facts
    said: Loader[dict[str, str]] = said
    tested: Loader[Tested] = tested


PLAIN = Runs()
"""From the index each time."""


@dataclass(frozen=True, slots=True)
class Told:
    """All of it, of one run."""

    rid: int
    head: Head
    series: Mapping[str, Series]
    params: Mapping[str, Word]
    facts: Mapping[str, Word]
    said: Mapping[str, str]
    tested: Tested | None = None
    """Only where it was asked for."""

    @property
    def name(self) -> str:
        """The user's name for the run, or its own."""
        own = self.said.get("name")
        return self.head.name if own is None else _text(own)

    @property
    def project(self) -> str | None:
        """The user's project for the run, or its own."""
        own = self.said.get("project")
        return self.head.project if own is None else _text(own)

    @property
    def tags(self) -> list[str]:
        """The user's tags and those of the tool that the user did not take off, sorted."""
        own = {key[4:] for key, val in self.said.items() if key.startswith("tag:") and val == "true"}
        word = self.facts.get("tags")
        listed = json.loads(word.val) if word is not None else ()
        tools = {_plain(tag) for tag in listed if tag is not None} if isinstance(listed, list) else set()
        return sorted(own | {tag for tag in tools if self.said.get(f"tag:{tag}") != "false"})


def told(cursor: Cursor, rids: Sequence[int], runs: Runs, *, with_tested: bool = False) -> dict[int, Told]:
    """All that is told of these runs; hidden and unknown ones are left out."""
    found = runs.heads(cursor, rids)
    there = [rid for rid in rids if rid in found]
    if not there:
        return {}
    metrics, words = runs.series(cursor, there), runs.params(cursor, there)
    known, own = runs.facts(cursor, there), runs.said(cursor, there)
    claims = runs.tested(cursor, there) if with_tested else {}
    return {
        rid: Told(
            rid,
            found[rid],
            metrics.get(rid, {}),
            words.get(rid, {}),
            known.get(rid, {}),
            own.get(rid, {}),
            claims.get(rid),
        )
        for rid in there
    }


def _text(val: str) -> str:
    return _plain(json.loads(val))


def _plain(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _counting(
    cursor: Cursor, table: str, rids: Sequence[int], columns: Sequence[str], keys: str = "rid", order: str = "rid"
) -> list[tuple[Any, ...]]:
    """The keys and these columns of the newest rows of these runs, where they are listed.

    The table is looked through once: 50 runs that stand apart, of 10,000 x 60 params, take 7 ms like this, 16 by the view.
    """
    listed = ", ".join((keys, *columns))
    few = among(rids) if len(rids) <= 1 else Condition("rid IN (SELECT unnest(?::BIGINT[]))", (list(rids),))
    return fetch(
        cursor,
        f"WITH few AS MATERIALIZED (SELECT {listed}, live, upd FROM {table} WHERE {few.sql}) SELECT {listed} FROM few "
        f"JOIN (SELECT {keys}, max(upd) AS upd FROM few GROUP BY {keys}) USING ({keys}, upd) WHERE live ORDER BY {order}",
        few.params,
    )


def newest(table: str, keys: str, rids: Sequence[int]) -> Condition:
    """What follows FROM: the newest rows, as `t`, of these runs in a table; the filter is on both sides of the join."""
    few, t_few = among(rids), among(rids, "t.rid")
    return Condition(
        f"{table} t JOIN (SELECT {keys}, max(upd) AS upd FROM {table} WHERE {few.sql} GROUP BY {keys}) newest "
        f"USING ({keys}, upd) WHERE {t_few.sql}",
        few.params + t_few.params,
    )


def metric_names(cursor: Cursor, mids: Collection[int]) -> dict[int, str]:
    """What these metrics are called."""
    if not mids:
        return {}
    few = among(sorted(mids), "mid")
    return dict(fetch(cursor, f"SELECT mid, name FROM metrics WHERE {few.sql}", few.params))
