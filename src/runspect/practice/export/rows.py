"""Points as the lines of `metrics.jsonl`: what was logged together stands in one line, nothing is left out or rounded."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from runspect.model import Json

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
PLACES = ("step", "time")
"""Keys of a line that are no metrics."""
INSIDE = "metrics"
"""Key below which metrics stand that are called like one of `PLACES`, or like this."""

_Row = dict[str, Json]


def lines(metrics: Sequence[str], arrays: Mapping[str, Any]) -> Iterator[bytes]:
    """The lines of some points of one run, each metric's in their order; several at once, for the speed of it.

    Args:
        arrays: Equally long: code (index into `metrics`), segment, step, time (NaN where unknown), value.
    """
    for segment in np.unique(arrays["segment"]).tolist():
        chosen = np.flatnonzero(arrays["segment"] == segment)
        own = {key: arrays[key][chosen] for key in ("code", "step", "time", "value")}
        for rows in _in_pieces(_rows(metrics, own["code"], own["step"], own["time"], own["value"])):
            yield b"".join(map(_line, rows))


def _rows(metrics: Sequence[str], codes: Whole, steps: Whole, times: Floats, values: Floats) -> Iterator[_Row]:
    order = np.argsort(codes, kind="stable")
    cuts = np.flatnonzero(np.diff(codes[order])) + 1
    together: dict[tuple[bytes, bytes], list[npt.NDArray[np.intp]]] = {}
    for part in np.split(order, cuts):
        if len(part):
            together.setdefault((steps[part].tobytes(), times[part].tobytes()), []).append(part)
    groups = [_Group(metrics, parts, codes, steps, times, values) for parts in together.values()]
    if len(groups) > 1 and all(group.rises for group in groups):
        yield from _merged(groups)
        return
    for group in groups:
        for number in range(len(group.steps)):
            yield group.row(number)


class _Group:
    """Metrics that were logged at the same steps and times."""

    def __init__(
        self,
        metrics: Sequence[str],
        parts: Sequence[npt.NDArray[np.intp]],
        codes: Whole,
        steps: Whole,
        times: Floats,
        values: Floats,
    ) -> None:
        self.names = [metrics[int(codes[part[0]])] for part in parts]
        self.steps: list[int] = steps[parts[0]].tolist()
        self.times: list[float] = times[parts[0]].tolist()
        self.columns: list[list[float]] = [values[part].tolist() for part in parts]
        self.rises = bool((np.diff(steps[parts[0]]) >= 0).all())

    def row(self, number: int) -> _Row:
        """One line."""
        row: _Row = {"step": self.steps[number]}
        if not math.isnan(time := self.times[number]):
            row["time"] = time
        for name, column in zip(self.names, self.columns, strict=True):
            if name in PLACES or name == INSIDE:
                row.setdefault(INSIDE, {})[name] = column[number]
            else:
                row[name] = column[number]
        return row


def _merged(groups: Sequence[_Group]) -> Iterator[_Row]:
    """The rows of groups by step; those of one step and time are one, as long as no metric stands in it twice."""
    owner = np.concatenate([np.full(len(group.steps), at) for at, group in enumerate(groups)])
    number = np.concatenate([np.arange(len(group.steps)) for group in groups])
    order = np.argsort(np.concatenate([np.array(group.steps, np.int64) for group in groups]), kind="stable")
    held: _Row = {}
    for at, row_number in zip(owner[order].tolist(), number[order].tolist(), strict=True):
        row = groups[at].row(row_number)
        if held and row["step"] == held["step"] and row.get("time") == held.get("time") and _apart(held, row):
            held = {**held, **row}
            continue
        if held:
            yield held
        held = row
    if held:
        yield held


def _apart(one: _Row, other: _Row) -> bool:
    return not ((one.keys() & other.keys()) - set(PLACES))


def _in_pieces(rows: Iterator[_Row], most: int = 4096) -> Iterator[list[_Row]]:
    piece: list[_Row] = []
    for row in rows:
        piece.append(row)
        if len(piece) >= most:
            yield piece
            piece = []
    if piece:
        yield piece


def _line(row: _Row) -> bytes:
    plain = all(math.isfinite(value) for value in row.values() if isinstance(value, float)) and INSIDE not in row
    if plain:
        return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
    return json.dumps(row, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
