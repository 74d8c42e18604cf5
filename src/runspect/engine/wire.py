"""Batches on a pipe between our own processes: a JSON header, then the raw bytes of the arrays."""

from __future__ import annotations

import json
import math
import os
import re
import struct
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import Any, BinaryIO

import numpy as np
import orjson

from runspect.engine.reading import Piece, Task
from runspect.model import Json, Problem
from runspect.readers.contract import Batch, Cursor, Points, Said, Text

READ = 1 << 18
"""Bytes that are taken from a pipe at once."""
_LENGTHS = struct.Struct("<IQ")
_PLAIN = frozenset((str, int, float, bool, list, type(None)))
_LONG = re.compile(rb"[0-9]{19}")
_EXACTLY = b" "
"""Stands before JSON with integers of which orjson would make floats."""
_encode = json.JSONEncoder(default=str).encode


def send_task(stream: BinaryIO, task: Task) -> None:
    """Write a task as one line."""
    told = [*task[:4], _cursor(task.cursor), *task[5:]]
    try:
        stream.write(orjson.dumps(told) + b"\n")
    except TypeError:  # half of a surrogate pair
        stream.write(json.dumps(told).encode() + b"\n")


class Tasks:
    """Tasks from a pipe until the other side closes it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lines: deque[bytes] = deque()
        self._rest = b""

    @property
    def waiting(self) -> bool:
        """Whether another task is here already."""
        return bool(self._lines)

    def __iter__(self) -> Iterator[Task]:
        while self._lines or self._fill():
            number, reader, watch, path, cursor, *rest = _loads(self._lines.popleft())
            yield Task(number, reader, watch, path, Cursor(*cursor), *rest)

    def _fill(self) -> bool:
        while not self._lines:
            data = os.read(self._descriptor, READ)
            if not data:
                return False
            *lines, self._rest = (self._rest + data).split(b"\n")
            self._lines.extend(lines)
        return True


def send_piece(stream: BinaryIO, piece: Piece) -> None:
    """Write a piece: header length, body length, header, body."""
    batch = piece.batch
    arrays: list[bytes] = []
    told: list[Json] | None = None
    if batch is not None:
        for points in batch.points.values():
            arrays.append(points.steps.astype("<i8", copy=False).tobytes())
            arrays += [column.astype("<f8", copy=False).tobytes() for column in (points.times, points.values)]
        told = [
            _cursor(batch.cursor), batch.run, [(name, len(points)) for name, points in batch.points.items()],
            _dict(batch.params), _dict(batch.facts), batch.ids,
            [(text.key, text.step, text.time, text.value) for text in batch.texts],
            [asdict(problem) for problem in batch.problems],
            batch.writer_start, batch.purge_from, batch.whole, batch.restart, batch.more,
            [asdict(said) for said in batch.said],
        ]  # fmt: skip
    head = _encoded([piece.number, told, *piece[2:]], batch)
    stream.write(b"".join((_LENGTHS.pack(len(head), sum(map(len, arrays))), head, *arrays)))


def _encoded(head: list[Json], batch: Batch | None) -> bytes:
    """The header as JSON. orjson is ten times as fast, but makes null of NaN."""
    if batch is None or (
        not batch.texts
        and not batch.said
        and (batch.writer_start is None or math.isfinite(batch.writer_start))
        and _plain(batch.params)
        and _plain(batch.facts)
    ):
        with suppress(TypeError):  # half of a surrogate pair, a very long integer
            return orjson.dumps(head)
    text = _encode(head).encode()
    return _EXACTLY + text if _LONG.search(text) else text


def _plain(mapping: Mapping[str, Json]) -> bool:
    """Whether there are no numbers among the values but whole and finite ones, and no more than one level of lists."""
    for value in mapping.values():
        kind = type(value)
        if kind is float and not math.isfinite(value):
            return False
        if kind is list and any(type(each) is not str for each in value):
            return False
        if kind not in _PLAIN:
            return False
    return True


def _dict(mapping: Mapping[str, Json]) -> dict[str, Json]:
    return mapping if isinstance(mapping, dict) else dict(mapping)


def _cursor(cursor: Cursor) -> list[Json]:
    return [cursor.offset, cursor.size, cursor.head_sig, cursor.tail_sig, cursor.state]


class Pieces:
    """Pieces from a pipe; mutable, of one thread."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._held = bytearray()
        self.taken = 0
        """Bytes of the pieces that were received last."""

    def receive(self) -> list[Piece]:
        """The next ones, as many as came together; none when the other side is gone."""
        while True:
            data = os.read(self._descriptor, READ)
            if not data:
                return []
            self._held += data
            if pieces := self._parted():
                return pieces

    def _parted(self) -> list[Piece]:
        held, place, pieces = self._held, 0, list[Piece]()
        while len(held) >= place + _LENGTHS.size:
            head, body = _LENGTHS.unpack_from(held, place)
            begin = place + _LENGTHS.size
            if len(held) < begin + head + body:
                break
            place = begin + head + body
            pieces.append(_piece(bytes(held[begin : begin + head]), bytes(held[begin + head : place])))
        del held[:place]
        self.taken = place
        return pieces


def _loads(text: bytes) -> Any:
    if not text.startswith(_EXACTLY):
        with suppress(ValueError):  # NaN, half of a surrogate pair
            return orjson.loads(text)
    return json.loads(text)


def _piece(head: bytes, body: bytes) -> Piece:
    number, told, *rest = _loads(head)
    return Piece(number, None if told is None else _batch(told, body), *rest)


def _batch(told: list[Any], body: bytes) -> Batch:
    cursor, run, counts, params, facts, ids, texts, problems, *rest, said = told
    rest.append(tuple(Said(**each) for each in said) if said else ())
    points: dict[str, Points] = {}
    place = 0
    for name, n in counts:
        steps = np.frombuffer(body, "<i8", n, place)
        times = np.frombuffer(body, "<f8", n, place + 8 * n)
        values = np.frombuffer(body, "<f8", n, place + 16 * n)
        points[name] = Points(steps, times, values)
        place += 24 * n
    return Batch(
        Cursor(*cursor), run, points, params, facts, tuple(ids), tuple(Text(*text) for text in texts) if texts else (),
        tuple(Problem(**problem) for problem in problems) if problems else (), *rest,
    )  # fmt: skip
