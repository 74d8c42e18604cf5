"""A buffer of event records as series, texts, params and facts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

import numpy as np

from runspect.dataclass import dataclass, field
from runspect.model import Json
from runspect.readers.contract import Floats, Points, Text
from runspect.readers.protobuf import WireFault
from runspect.readers.records import FRAME_HEAD, FRAME_TAIL, intact
from runspect.readers.tfevents_event import HPARAMS, SCALARS, TEXT, Event, Value, decode_event, scalar_of
from runspect.readers.tfevents_fast import decode_regular
from runspect.readers.tfevents_layout import Index, Piece
from runspect.readers.tfevents_plugins import session_end, session_params, text_key, text_params
from runspect.readers.tfevents_walk import Walk

SMALL = 64
"""Records up to which a chunk is decoded exactly one by one: a tail that just grew."""
_MOST_FAULTS = 20
"""Damaged places told one by one in a chunk."""
_NONE: Index = np.empty(0, np.int64)
_BAD_SUM = "whose checksum is wrong"


@dataclass(frozen=True, slots=True)
class Fault:
    """Records that are damaged or no events, the first of them at a position in the buffer."""

    at: int
    what: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Span:
    """What one writer wrote in the chunk."""

    end: int
    """Position in the buffer behind its records."""
    points: dict[str, Points]
    purge_from: int | None
    """It declared earlier points at or after this step void."""


@dataclass(slots=True)
class Chunk:
    """All that a buffer of records tells; filled while decoding."""

    pieces: list[Piece]
    first_wall: float
    """Wall time of the first record; 0 when it has none."""
    sessions: list[tuple[int, int, int]] = field(default_factory=list)
    """(record number, position, step) where a writer began."""
    params: dict[str, Json] = field(default_factory=dict)
    facts: dict[str, Json] = field(default_factory=dict)
    texts: list[Text] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def spans(self) -> list[Span]:
        """The series, cut where writers began."""
        parts = _in_order(self.pieces)
        if not self.sessions:
            return [Span(0, {tag: _points(pieces) for tag, pieces in parts.items()}, None)]
        series = {
            tag: (np.concatenate([piece.order for piece in pieces]), _points(pieces)) for tag, pieces in parts.items()
        }
        bounds = [number for number, _, _ in self.sessions]
        cuts = {tag: [0, *np.searchsorted(order, bounds).tolist(), len(order)] for tag, (order, _) in series.items()}
        spans = []
        for at in range(len(bounds) + 1):
            points = {
                tag: _slice(points, cuts[tag][at], cuts[tag][at + 1])
                for tag, (_, points) in series.items()
                if cuts[tag][at] < cuts[tag][at + 1]
            }
            if at == 0 and not points and bounds[0] <= 1:
                continue
            end = self.sessions[at][1] if at < len(bounds) else 0
            spans.append(Span(end, points, self.sessions[at - 1][2] if at else None))
        return spans


def decode_chunk(buffer: bytes, records: Walk, plugins: dict[str, str]) -> Chunk:
    """Decode records whose checksums are right; `plugins` remembers tags of other plug-ins and is updated."""
    starts, sizes = records.starts + FRAME_HEAD, records.ends - records.starts - FRAME_HEAD - FRAME_TAIL
    pieces = [piece for stretch in records.stretches for piece in stretch.pieces]
    if len(starts) > SMALL:
        found = decode_regular(buffer, starts, sizes)
        pieces += [replace(piece, order=records.numbers[piece.order]) for piece in found.pieces]
        left, damaged = np.sort(np.concatenate(found.left)), np.concatenate([_NONE, *found.damaged])
    else:
        left, damaged = np.arange(len(starts), dtype=np.int64), _NONE
    sound = intact(buffer, starts[left], sizes[left])
    damaged = np.concatenate([damaged, left[~sound]])
    chunk = Chunk(pieces, 0.0)
    exact = _Exact(chunk, plugins)
    faults = _damaged(
        np.concatenate([records.numbers[damaged], *(stretch.damaged for stretch in records.stretches)]),
        np.concatenate([records.starts[damaged], *(stretch.damaged_at for stretch in records.stretches)]),
    )
    for at in left[sound].tolist():
        start = int(starts[at])
        try:
            event = decode_event(buffer, start, start + int(sizes[at]))
        except WireFault as fault:
            faults.append(Fault(start - FRAME_HEAD, f"a record that is no event ({fault.what})"))
            continue
        exact.take(int(records.numbers[at]), start - FRAME_HEAD, event)
    pieces.extend(exact.pieces())
    chunk.faults = _first_of(sorted(faults, key=lambda fault: fault.at))
    if len(starts) and starts[0] == FRAME_HEAD and 0 not in damaged:
        chunk.first_wall = _wall(buffer, FRAME_HEAD, int(sizes[0]))
    return chunk


def _damaged(numbers: Index, positions: Index) -> list[Fault]:
    """One fault for damaged records that follow each other."""
    order = np.argsort(numbers)
    numbers, positions = numbers[order], positions[order]
    firsts = np.flatnonzero(np.diff(numbers, prepend=-2) > 1)
    counts = np.diff(firsts, append=len(numbers))
    return [
        Fault(at, f"a record {_BAD_SUM}" if count == 1 else f"{count:,} records {_BAD_SUM}", count)
        for at, count in zip(positions[firsts].tolist(), counts.tolist(), strict=True)
    ]


def _first_of(faults: list[Fault]) -> list[Fault]:
    """The first faults, and one that counts the others."""
    if len(faults) <= _MOST_FAULTS:
        return faults
    told, rest = faults[: _MOST_FAULTS - 1], faults[_MOST_FAULTS - 1 :]
    count = sum(fault.count for fault in rest)
    return [*told, Fault(rest[0].at, f"{count:,} more damaged records from here on", count)]


def _wall(buffer: bytes, start: int, size: int) -> float:
    try:
        return decode_event(buffer, start, start + size).wall
    except WireFault:
        return 0.0


class _Exact:
    """Takes decoded events one by one; holds the points until `pieces`."""

    def __init__(self, chunk: Chunk, plugins: dict[str, str]) -> None:
        self._chunk = chunk
        self._plugins = plugins
        self._points: dict[str, tuple[list[int], list[int], list[float], list[float]]] = {}

    def take(self, number: int, position: int, event: Event) -> None:
        """Take the event of record `number`, which begins at `position`."""
        if event.session_start:
            self._chunk.sessions.append((number, position, event.step))
        if event.writer:
            self._chunk.facts["writer"] = event.writer
        for value in event.values:
            plugin = self._plugin(value)
            scalar = scalar_of(value, plugin)
            if plugin == HPARAMS and value.content:
                self._chunk.params.update(session_params(value.content))
                self._chunk.facts.update(session_end(value.content))
            elif scalar is not None:
                orders, steps, walls, values = self._points.setdefault(value.tag, ([], [], [], []))
                orders.append(number)
                steps.append(event.step)
                walls.append(event.wall)
                values.append(scalar)
            elif plugin == TEXT and value.strings:
                self._text(value, event)

    def pieces(self) -> Iterable[Piece]:
        """The points taken, a piece a tag."""
        for tag, (orders, steps, walls, values) in self._points.items():
            yield Piece(
                tag,
                np.array(orders, np.int64),
                np.array(steps, np.int64),
                np.array(walls, np.float64),
                np.array(values, np.float64),
            )

    def _plugin(self, value: Value) -> str:
        """The plug-in of the value's tag: its own word, else the word given with an earlier value."""
        if value.plugin is None:
            return self._plugins.get(value.tag, "")
        if value.plugin not in ("", SCALARS) and (value.strings or value.tensor is not None):
            self._plugins[value.tag] = value.plugin
        return value.plugin

    def _text(self, value: Value, event: Event) -> None:
        key, body = text_key(value.tag), "\n".join(value.strings)
        params = text_params(key, body)
        if params is None:
            self._chunk.texts.append(Text(key, event.step, event.wall or None, body))
        else:
            self._chunk.params.update(params)


def _in_order(pieces: list[Piece]) -> dict[str, list[Piece]]:
    """The pieces of each tag; one after another is in file order."""
    by_tag: dict[str, list[Piece]] = {}
    for piece in filter(len, pieces):
        by_tag.setdefault(piece.tag, []).append(piece)
    for tag, parts in by_tag.items():
        parts.sort(key=lambda part: int(part.order[0]))
        if _overlap(parts):
            parts[:] = _apart(parts)
        if _overlap(parts):
            order = np.concatenate([part.order for part in parts])
            rank = np.argsort(order, kind="stable")
            points = _points(parts)
            by_tag[tag] = [Piece(tag, order[rank], points.steps[rank], points.times[rank], points.values[rank])]
    return by_tag


def _overlap(parts: list[Piece]) -> bool:
    """Whether one piece begins before the one before it ends."""
    return any(before.order[-1] > after.order[0] for before, after in pairwise(parts))


def _apart(parts: list[Piece]) -> list[Piece]:
    """The pieces by their beginnings, each cut where another one begins: records around a stretch come as one piece."""
    begins = sorted(int(part.order[0]) for part in parts)
    cut: list[Piece] = []
    for part in parts:
        bounds = [0, *np.unique(part.order.searchsorted(begins)).tolist(), len(part)]
        cut += [part.chosen(slice(low, high)) for low, high in pairwise(bounds) if low < high]
    return sorted(cut, key=lambda part: int(part.order[0]))


def _points(parts: list[Piece]) -> Points:
    if len(parts) == 1:
        return Points(parts[0].steps, _times(parts[0].walls), parts[0].values)
    return Points(
        np.concatenate([part.steps for part in parts]),
        _times(np.concatenate([part.walls for part in parts])),
        np.concatenate([part.values for part in parts]),
    )


def _times(walls: Floats) -> Floats:
    """A wall time of 0 is how the format writes none, as Guild's own event files do."""
    none = walls == 0
    return np.where(none, np.nan, walls) if none.any() else walls


def _slice(points: Points, low: int, high: int) -> Points:
    return Points(points.steps[low:high], points.times[low:high], points.values[low:high])
