"""Superseded rows of the append-only tables are dropped when they outnumber the living."""

from __future__ import annotations

import duckdb

from runspect.dataclass import dataclass
from runspect.index import outline_rows

SMALL = 20_000
"""Rows that a table may hold before it is worth looking at."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table and what its `*_now` view groups by."""

    name: str
    keys: tuple[str, ...]
    factor: int = 3
    """Rewritten when it holds more than this many times the rows that count."""


TABLES = (
    Table("runs", ("rid",)),
    Table("series", ("rid", "mid")),
    Table("sources", ("watch", "path", "rid")),
    Table("claims", ("watch", "path"), 2),
    Table("facts", ("rid",)),
    Table("cfg", ("rid",), 2),
    Table("artifacts", ("rid",), 2),
    Table("problems", ("watch", "path", "reader"), 2),
    Table("segments", ("segment",)),
)


def compact(cursor: duckdb.DuckDBPyConnection, small: int = SMALL) -> tuple[str, ...]:
    """Rewrite, inside the running transaction, every table with too many superseded rows; return their names.

    The living rows are copied out, the table is emptied and they are put back: no DDL on a stored table, so readers
    with an older snapshot are not disturbed and the write-ahead log stays simple.
    """
    return tuple(table.name for table in TABLES if _overgrown(cursor, table, small) and _rewrite(cursor, table))


def drop_dead_points(cursor: duckdb.DuckDBPyConnection) -> int:
    """Delete the points, outlines and texts of retired segments when they outnumber the living; how many points went."""
    dead, total = cursor.execute(
        "SELECT count(*) FILTER (WHERE segment NOT IN (SELECT segment FROM segments_now)), count(*) FROM points"
    ).fetchall()[0]
    if dead * 2 <= total or not dead:
        return 0
    cursor.execute("DELETE FROM points WHERE segment NOT IN (SELECT segment FROM segments_now)")
    outline_rows.drop_dead(cursor)
    cursor.execute("DELETE FROM texts WHERE segment NOT IN (SELECT segment FROM segments_now)")
    return int(dead)


def _overgrown(cursor: duckdb.DuckDBPyConnection, table: Table, small: int) -> bool:
    rows = cursor.execute(f"SELECT count(*) FROM {table.name}").fetchall()[0][0]
    if rows <= small:
        return False
    living = cursor.execute(f"SELECT count(*) FROM ({_newest(table)})").fetchall()[0][0]
    return bool(rows > table.factor * max(1, living))


def _rewrite(cursor: duckdb.DuckDBPyConnection, table: Table) -> bool:
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE kept AS {_newest(table)}")
    cursor.execute(f"DELETE FROM {table.name}")
    cursor.execute(f"INSERT INTO {table.name} BY NAME SELECT * FROM kept")
    cursor.execute("DROP TABLE temp.kept")
    return True


def _newest(table: Table) -> str:
    keys = ", ".join(table.keys)
    return (
        f"SELECT t.* FROM {table.name} t JOIN (SELECT {keys}, max(upd) AS upd FROM {table.name} GROUP BY {keys}) newest "
        f"USING ({keys}, upd)"
    )
