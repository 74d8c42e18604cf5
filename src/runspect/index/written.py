"""Rows that a transaction writes, as they will be read again: who has read them before need not ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from runspect.index import series_rows
from runspect.index.reads.told import Head, Series
from runspect.index.rows import read_again
from runspect.index.waiting import Row

MOST_ROWS = 500
"""Of a write of more rows nothing is to be told: that is no news of live runs, and nobody has read most of them."""


def heads(columns: Sequence[str], rows: Sequence[Row]) -> dict[int, Head | None]:
    """By rid, the rows of `runs`; None for hidden ones."""
    found: dict[int, Head | None] = {}
    for row in rows:
        values = _read_again(columns, row)
        found[values["rid"]] = None if values["hidden"] else _head(values)
    return found


def series(rows: Sequence[Row], names: Mapping[int, str]) -> dict[int, dict[str, Series | None]]:
    """By rid and metric, the rows of `series`; None for those that do not count."""
    found: dict[int, dict[str, Series | None]] = {}
    for row in rows:
        values = _read_again(series_rows.COLUMNS, row)
        found.setdefault(values["rid"], {})[names[values["mid"]]] = _series(values) if values["live"] else None
    return found


def _read_again(columns: Sequence[str], row: Row) -> dict[str, Any]:
    return {name: read_again(name, value) for name, value in zip(columns, row, strict=True)}


def _head(values: Mapping[str, Any]) -> Head:
    return Head(**{name: values[name] for name in Head.__dataclass_fields__})


def _series(values: Mapping[str, Any]) -> Series:
    return Series(**{name: values[name] for name in Series.__dataclass_fields__})
