"""Logs framed as LevelDB's (`.wandb`, `.swanlab`): the walk over their records, whatever these hold."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from runspect.errors import ReaderFault
from runspect.model import Json, Problem
from runspect.readers.contract import Batch, Cursor, with_offset
from runspect.readers.protobuf import WireFault
from runspect.readers.records import BLOCK, log_records

LOST = "the records in this block are lost"


class FramedLog:
    """One read of one such file; a format says what to do with a record and what a batch is made of.

    The file begins with one of the `headers`, all of one length; a strange header costs the first block.
    """

    tool = ""
    """As in "not a … log"."""
    headers: tuple[bytes, ...] = ()

    def __init__(self, reader: str, path: Path, cursor: Cursor) -> None:
        self.seen = _state(cursor)
        """What `state` said when the last batch was made."""
        self._reader, self._path, self._cursor = reader, path, cursor
        self._told = _told(self.seen)
        self._problems: list[Problem] = []

    def take(self, payload: bytes, end: int) -> None:
        """Gather what a record holds; it ends at `end` in the file.

        Raises:
            WireFault: It is no record of this format.
            IndexError: It ends too soon.
        """
        raise NotImplementedError

    def full(self) -> bool:
        """Whether enough is gathered for a batch."""
        raise NotImplementedError

    def gathered(self) -> Batch:
        """What was gathered since the last call, with any cursor and without problems."""
        raise NotImplementedError

    def state(self) -> dict[str, Json]:
        """What the next read must know."""
        raise NotImplementedError

    def run(self, file: BinaryIO) -> Iterator[Batch]:
        """Read on to the end of the file as it is now."""
        size = os.fstat(file.fileno()).st_size
        end = self._cursor.offset
        if end == 0:
            end = self._begin(file, size)
        take, full = self.take, self.full
        records = log_records(file, end, size) if end else iter(())
        for end, payload, damage in records:
            if damage is None:
                try:
                    take(payload, end)
                except (WireFault, IndexError):
                    what = f"a record that is no {self.tool} record"
                    self.report(ReaderFault(what, end - len(payload)), "it is left out")
            else:
                self.report(damage, LOST)
            if full():
                yield self._batch(end)
        if end != self._cursor.offset or self._problems:
            yield self._batch(end)

    def report(self, fault: ReaderFault, effect: str) -> None:
        """Report damage, once in the life of the cursor."""
        if fault.offset is not None and fault.offset <= self._told:
            return
        self._told = -1 if fault.offset is None else fault.offset
        self._problems.append(Problem(str(self._path), fault.offset, self._reader, fault.what, effect))

    def _begin(self, file: BinaryIO, size: int) -> int:
        """Check the file's header; the offset of the first record, 0 while it has none."""
        head = file.read(64)
        if head.startswith(self.headers):
            return len(self.headers[0])
        if head and any(header.startswith(head) for header in self.headers):
            return 0
        what = f"not a {self.tool} log: its header is missing" if head else "an empty file"
        self.report(ReaderFault(what, 0), "this run has no metrics from it" if size <= BLOCK else LOST)
        return BLOCK if size > BLOCK else 0

    def _batch(self, end: int) -> Batch:
        batch = self.gathered()
        state = json.dumps({"told": self._told, **self.state()}, separators=(",", ":"))
        problems, self._problems = tuple(self._problems), []
        return Batch(
            with_offset(self._cursor, end, state),
            points=batch.points,
            params=batch.params,
            facts=batch.facts,
            ids=batch.ids,
            problems=problems,
            writer_start=batch.writer_start,
        )


def _state(cursor: Cursor) -> dict[str, Json]:
    try:
        seen = json.loads(cursor.state) if cursor.state else {}
    except ValueError:
        return {}
    return seen if isinstance(seen, dict) else {}


def _told(seen: dict[str, Json]) -> int:
    told = seen.get("told", -1)
    return told if isinstance(told, int) else -1
