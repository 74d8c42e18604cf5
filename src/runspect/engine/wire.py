"""Batches on a pipe between our own processes: a JSON header, then the raw bytes of the arrays."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import asdict
from typing import BinaryIO

import numpy as np

from runspect.engine.reading import Piece, Task
from runspect.model import Json, Problem
from runspect.readers.contract import Batch, Cursor, Points, Text

_LENGTHS = struct.Struct("<IQ")


def send_task(stream: BinaryIO, task: Task) -> None:
    """Write a task as one line."""
    stream.write(json.dumps(asdict(task)).encode() + b"\n")


def tasks(stream: BinaryIO) -> Iterator[Task]:
    """Tasks until the other side closes."""
    for line in stream:
        told = json.loads(line)
        yield Task(**{**told, "cursor": Cursor(**told["cursor"])})


def send_piece(stream: BinaryIO, piece: Piece) -> None:
    """Write a piece: header length, body length, header, body."""
    batch = piece.batch
    arrays: list[bytes] = []
    header: dict[str, Json] = {
        "number": piece.number, "fresh": piece.fresh, "size": piece.size, "mtime": piece.mtime, "ctime": piece.ctime,
        "missing": piece.missing, "busy": piece.busy, "batch": None,
    }  # fmt: skip
    if batch is not None:
        for points in batch.points.values():
            arrays.append(points.steps.astype("<i8", copy=False).tobytes())
            arrays += [column.astype("<f8", copy=False).tobytes() for column in (points.times, points.values)]
        header["batch"] = {
            "cursor": asdict(batch.cursor), "run": batch.run, "params": dict(batch.params), "facts": dict(batch.facts),
            "points": [(name, len(points)) for name, points in batch.points.items()], "ids": batch.ids,
            "texts": [(text.key, text.step, text.time, text.value) for text in batch.texts],
            "problems": [asdict(problem) for problem in batch.problems],
            "writer_start": batch.writer_start, "purge_from": batch.purge_from, "whole": batch.whole,
            "restart": batch.restart, "more": batch.more,
        }  # fmt: skip
    head = json.dumps(header, default=str).encode()
    stream.write(b"".join((_LENGTHS.pack(len(head), sum(map(len, arrays))), head, *arrays)))


def receive_piece(stream: BinaryIO) -> Piece | None:
    """The next piece; None when the other side is gone."""
    lengths = stream.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    head_length, body_length = _LENGTHS.unpack(lengths)
    head, body = stream.read(head_length), stream.read(body_length)
    if len(head) < head_length or len(body) < body_length:
        return None
    told = json.loads(head)
    batch = None if told["batch"] is None else _batch(told["batch"], body)
    return Piece(
        told["number"], batch, told["fresh"], told["size"], told["mtime"], told["ctime"], told["missing"], told["busy"]
    )


def _batch(told: dict[str, Json], body: bytes) -> Batch:
    points: dict[str, Points] = {}
    place = 0
    for name, n in told["points"]:
        steps = np.frombuffer(body, "<i8", n, place)
        times = np.frombuffer(body, "<f8", n, place + 8 * n)
        values = np.frombuffer(body, "<f8", n, place + 16 * n)
        points[name] = Points(steps, times, values)
        place += 24 * n
    return Batch(
        Cursor(**told["cursor"]),
        told["run"],
        points,
        told["params"],
        told["facts"],
        tuple(told["ids"]),
        tuple(Text(*text) for text in told["texts"]),
        tuple(Problem(**problem) for problem in told["problems"]),
        told["writer_start"],
        told["purge_from"],
        told["whole"],
        told["restart"],
        told["more"],
    )
