"""The points of runspect's own record: `metrics.jsonl`, and `metrics-rank3.jsonl` of another rank.

`{"step": 12, "time": 1764115200.123, "train/loss": 0.5}`: `step` and `time` (s since 1970) are what they say and nothing
else is, so that a metric may be called `epoch` or `timestamp`; one that is called `step`, `time` or `metrics` stands in an
object under the key `metrics`. Without a step rows count, without a time none is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from runspect.model import Claim
from runspect.readers.claims import weak
from runspect.readers.contract import Batch, Cursor, Entry, Floats, Mode, Points
from runspect.readers.jsonl import group_or_rows, read_pieces
from runspect.readers.lines import Block
from runspect.readers.numbers import floats
from runspect.readers.series import Carry, Group, Rows, group_rows, points_of, steps_of
from runspect.readers.state import TextState

HEAD = "run.json"
INSIDE = "metrics"
_NAME = re.compile(r"metrics(?:-rank(\d{1,6}))?\.jsonl")
_BEGINS = re.compile(rb'\s*\{\s*"(?:step|time)"\s*:\s*-?\d')
_LARGEST = float(2**53)


class RunspectPointsReader:
    """Reads on by byte offset; lines of one shape as fast as any JSON lines."""

    name = "runspect-points"
    mode: Mode = "append"
    precision = 3
    names = ("metrics.jsonl", "metrics-rank*.jsonl")

    def claim(self, entry: Entry) -> Claim | None:
        """By its name beside a `run.json`, and a first line that begins with its step or time."""
        if not is_points(entry.name) or HEAD not in entry.siblings:
            return None
        if entry.head().strip() and not _BEGINS.match(entry.head()):
            return None
        return weak(
            entry, self.name, "runspect", strength=2
        )  # without its columns: files of ranks are told apart by `read`

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch a block of lines."""
        return read_points(path, path.name, cursor)


READER = RunspectPointsReader()


def is_points(name: str) -> bool:
    """Whether a record keeps points under this name."""
    return _NAME.fullmatch(name) is not None


def read_points(path: Path, name: str, cursor: Cursor, blocks: Iterable[Block] | None = None) -> Iterator[Batch]:
    """One batch a block of lines; see `read_pieces`. `name` tells whose points they are."""
    match = _NAME.fullmatch(name)
    rank = f"rank{match[1]}/" if match and match[1] else ""
    carry = TextState.of(cursor).carry
    for piece in read_pieces(path, cursor, READER.name, dict, group_or_rows, blocks):
        groups, count = _groups(piece.found)
        points, carry = _points(groups, count, carry)
        named = {f"{rank}{key}": series for key, series in points.items()}
        yield Batch(piece.state.cursor(cursor, piece.end, carry), points=named, problems=piece.problems)


def _groups(found: Group | list[dict[str, Any]] | None) -> tuple[list[Group], int]:
    if isinstance(found, Group):
        return [found], len(found.rows)
    rows = found or []
    flat = (({**row, **_named(row[INSIDE])} if isinstance(row.get(INSIDE), dict) else row) for row in rows)
    return group_rows((at, tuple(row), list(row.values())) for at, row in enumerate(flat)), len(rows)


def _named(inside: dict[str, Any]) -> dict[str, Any]:
    """Metrics whose names are also those of something else, told apart by a mark."""
    return {f"\0{name}": value for name, value in inside.items()}


def _points(groups: Sequence[Group], count: int, carry: Carry) -> tuple[dict[str, Points], Carry]:
    raw, times = np.full(count, np.nan), np.full(count, np.nan)
    pieces: dict[str, list[tuple[Rows, Floats]]] = {}
    for group in groups:
        for key, cells in zip(group.keys, group.columns, strict=True):
            values, mask = floats(cells)
            known = np.ones(len(values), np.bool_) if mask is None else mask
            if key == "step":
                known = known & (np.abs(values) < _LARGEST) & (values == np.floor(values))
                raw[group.rows[known]] = values[known]
            elif key == "time":
                times[group.rows[known]] = values[known]
            elif known.any():
                pieces.setdefault(key.removeprefix("\0"), []).append((group.rows[known], values[known]))
    steps, after, _ = steps_of(raw, carry)
    return {name: points_of(parts, steps, times) for name, parts in pieces.items()}, after
