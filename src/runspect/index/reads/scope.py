"""Which runs a request is about: those under the directories that were asked for."""

from __future__ import annotations

import os.path
import re
from collections.abc import Sequence
from typing import Any

import duckdb
import numpy as np

from runspect.dataclass import dataclass

Cursor = duckdb.DuckDBPyConnection
Scope = Sequence[str]
"""Absolute directories without a slash at the end; none for all known roots."""

_ODD = re.compile(r"(?:^|/)(?:\.|/|$)")
"""What `relpath` would write in another way, and names with a dot in front."""

LISTED = "listed"
WRITTEN_OUT = 500
"""So many run ids stand in a statement as they are."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A piece of SQL and its positional parameters."""

    sql: str
    params: tuple[Any, ...] = ()

    def __and__(self, other: Condition) -> Condition:
        return Condition(f"({self.sql}) AND ({other.sql})", self.params + other.params)


def inside(scope: Scope, column: str = "r.abspath") -> Condition:
    """The condition that the path in `column` lies in one of the directories."""
    if not scope or "/" in scope:
        return Condition("true")
    one = f"({column} = ? OR starts_with({column}, ?))"
    return Condition(
        " OR ".join([one] * len(scope)), tuple(text for directory in scope for text in (directory, f"{directory}/"))
    )


def among(rids: Sequence[int], column: str = "rid") -> Condition:
    """The condition that `column` is one of `rids`.

    Few are written out: only what is plain in the statement is looked for before the newest rows are picked.
    """
    if len(rids) <= WRITTEN_OUT:
        return Condition(f"{column} IN ({', '.join(str(int(rid)) for rid in rids) or 'NULL'})")
    return Condition(f"{column} IN (SELECT unnest(?::BIGINT[]))", (list(rids),))


def put(cursor: Cursor, rids: Sequence[int], places: Sequence[int] | None = None, table: str = LISTED) -> None:
    """Have run ids stand in a table of this cursor, as `rid` and `place`, until others are put into it.

    As a parameter, a list of 10,000 takes three times as long.

    Args:
        places: A number of each, which may be that of a group; how many stand before it by default.
    """
    numbers = np.arange(len(rids)) if places is None else np.array(places, dtype=np.int64)
    cursor.register(table, {"rid": np.array(rids, dtype=np.int64), "place": numbers})


def held(cursor: Cursor, rids: Sequence[int], column: str = "rid", table: str = LISTED) -> Condition:
    """As `among`, but many are put into a table: the condition holds until others are, in `listed` by the next who asks."""
    if len(rids) <= WRITTEN_OUT:
        return among(rids, column)
    put(cursor, rids, table=table)
    return Condition(f"{column} IN (SELECT rid FROM {table})")


def split(scope: Scope, watch: str, abspath: str) -> tuple[str, str]:
    """(root, path relative to it) of a run as shown to who asked: the innermost asked directory, else the known root."""
    holding = [
        directory for directory in scope if abspath == directory or abspath.startswith(directory.rstrip("/") + "/")
    ]
    root = max(holding, key=len) if holding else watch
    below = abspath[len(root) + 1 :]
    if abspath.startswith(f"{root}/") and below and not _ODD.search(below):
        return root, below
    return root, os.path.relpath(abspath, root)


def fetch(cursor: Cursor, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of a statement; a cursor is never left with an open result."""
    return cursor.execute(sql, list(params)).fetchall()


def watches(cursor: Cursor) -> tuple[str, ...]:
    """All directories that are known."""
    return tuple(watch for (watch,) in fetch(cursor, "SELECT watch FROM watches_now ORDER BY watch"))
