"""Writing many rows at once: columns become NumPy arrays, DuckDB reads them as a view, one INSERT stores them.

Every column name means one kind of value in all tables, so arrays are typed by name and DuckDB guesses nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import duckdb
import numpy as np
import numpy.typing as npt

from runspect.model import Json

Column = npt.NDArray[np.generic]

_TIMES = frozenset({"t", "last_t", "started", "ended", "updated", "modified"})
_FLOATS = frozenset({"num", "lo", "hi", "mean_tail", "writer_start", "mtime"})
_NAN_KEPT = frozenset({"v", "first_v", "last_v"})
"""NaN is a value here. DuckDB reads NaN from an array as NULL, so on the way in NULL becomes NaN again."""
_FLAGS = frozenset({"live", "shared", "hidden"})
_TEXTS = frozenset(
    {
        "uid",
        "watch",
        "path",
        "key",
        "name",
        "project",
        "grp",
        "tools",
        "evidence",
        "state",
        "reason",
        "host",
        "owner",
        "parent",
        "val",
        "living",
        "parts",
        "source",
        "reader",
        "spark",
        "kind",
        "use",
        "prefix",
        "head_sig",
        "tail_sig",
        "claim",
        "what",
        "effect",
        "told",
        "id",
        "who",
        "target",
    }
)
# all other columns are whole numbers

_FEW = 120
"""So many values are quicker handed over one by one than as arrays."""
_HALF_PAIR = re.compile("[\ud800-\udfff]")
_NO_NUMBER = -(2**63)
_NO_TEXT = "\x00"
_EPOCH = datetime(1970, 1, 1)


def insert(cursor: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, Column]) -> None:
    """Append rows to `table`, given as equally long typed columns in any order; nothing happens for no rows."""
    if not columns or not len(next(iter(columns.values()))):
        return
    picked = ", ".join(map(_picked, columns))
    cursor.register("incoming", dict(columns))
    try:
        cursor.execute(f"INSERT INTO {table} BY NAME SELECT {picked} FROM incoming")
    finally:
        cursor.unregister("incoming")


def insert_rows(
    cursor: duckdb.DuckDBPyConnection,
    table: str,
    names: Sequence[str],
    rows: Sequence[Sequence[Json]],
    upd: int | None = None,
) -> None:
    """Append `rows` of plain values, None for NULL, times as seconds since 1970; `upd` becomes a column when given."""
    if not rows:
        return
    if len(rows) * (len(names) + 1) <= _FEW:
        _insert_few(cursor, table, names, rows, upd)
        return
    columns = {name: _column(name, values) for name, values in zip(names, zip(*rows, strict=True), strict=True)}
    if upd is not None:
        columns["upd"] = np.full(len(rows), upd, dtype=np.int64)
    insert(cursor, table, columns)


def timestamps(seconds: npt.NDArray[np.float64]) -> Column:
    """Seconds since 1970 as a column of microsecond time stamps; what is no time is NULL."""
    with np.errstate(invalid="ignore", over="ignore"):
        micro = np.rint(seconds * 1e6)
        known = np.abs(micro) < 2.5e17  # the year 9,900; what lies beyond is damage
        whole = np.where(known, micro, 0).astype(np.int64)
    stamps = whole.view("datetime64[us]")
    stamps[~known] = np.datetime64("NaT")
    return stamps


def seconds(stamp: datetime | None) -> float | None:
    """A time stamp from the index as seconds since 1970."""
    return None if stamp is None else stamp.replace(tzinfo=UTC).timestamp()


def read_again(name: str, value: Json) -> Json | datetime:
    """A value as the index gives it back once it is stored in the column `name`."""
    found = _value(name, value)
    return found if found is None or name not in _TIMES else _EPOCH + timedelta(microseconds=int(found))


def storable(text: str) -> str:
    """`text` without what UTF-8 cannot hold: half surrogate pairs, from undecodable file names or `"\\ud800"` in JSON."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return _HALF_PAIR.sub("\N{REPLACEMENT CHARACTER}", text)
    return text


def _picked(name: str) -> str:
    if name in _NAN_KEPT:
        return f"coalesce({name}, 'NaN'::DOUBLE) AS {name}"
    if name in _TEXTS:
        return f"nullif({name}, chr(0)) AS {name}"
    if name in _TIMES or name in _FLOATS or name in _FLAGS:
        return name
    return f'nullif("{name}", {_NO_NUMBER}) AS "{name}"'


def _insert_few(
    cursor: duckdb.DuckDBPyConnection, table: str, names: Sequence[str], rows: Sequence[Sequence[Json]], upd: int | None
) -> None:
    versioned = upd is not None
    slots = ", ".join(["make_timestamp(?)" if name in _TIMES else "?" for name in names] + ["?"] * versioned)
    values = [each for row in rows for each in (*map(_value, names, row), *([upd] if versioned else ()))]
    columns = ", ".join([f'"{name}"' for name in names] + ["upd"] * versioned)
    cursor.execute(f"INSERT INTO {table} ({columns}) VALUES {', '.join([f'({slots})'] * len(rows))}", values)


def _value(name: str, value: Json) -> Json:
    """One value as the statement takes it: the same that `_column` makes of it."""
    if name in _FLAGS:
        return bool(value)
    if name in _NAN_KEPT:
        return math.nan if value is None else float(value)
    if value is None:
        return None
    if name in _TEXTS:
        return storable(value)
    if name in _TIMES:
        stamp = timestamps(_floats([value]))
        return None if np.isnat(stamp)[0] else int(stamp.astype(np.int64)[0])
    if name in _FLOATS:
        return None if math.isnan(value) else float(value)
    return int(value)


def _column(name: str, values: Sequence[Json]) -> Column:
    if name in _TEXTS:
        texts = np.empty(len(values), dtype=object)
        texts[:] = [_NO_TEXT if value is None else value if value.isascii() else storable(value) for value in values]
        return texts
    if name in _FLAGS:
        return np.array([bool(value) for value in values], dtype=bool)
    if name in _TIMES:
        return timestamps(_floats(values))
    if name in _FLOATS or name in _NAN_KEPT:
        return _floats(values)
    return np.array([_NO_NUMBER if value is None else value for value in values], dtype=np.int64)


def _floats(values: Sequence[Json]) -> npt.NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
