"""W&B's `.wandb` transaction logs, versions 0.12 to 0.31."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from runspect.errors import ReaderFault
from runspect.model import Claim, Json, Problem
from runspect.readers.contract import Batch, Cursor, Entry, Mode, with_offset
from runspect.readers.protobuf import BYTES, WireFault, fields
from runspect.readers.records import BLOCK, LogRecord, log_records
from runspect.readers.wandb_history import History
from runspect.readers.wandb_paths import run_ids, wandb_run_id, wandb_run_root
from runspect.readers.wandb_record import apply_config, environment_record, run_record, timestamp, varints

HEADER = b":W&B\xe1\xbe\x00"
MOST_BYTES = 4 << 20
"""History bytes in a batch: some 130,000 values."""
_HISTORY_TAG = 0x12
_SKIPPED_TAGS = frozenset((0x1A, 0x6A))
"""Summary and console output: half of a file's records, and nothing in them that we show."""
_HISTORY, _CONFIG, _STATS, _RUN, _EXIT, _ENVIRONMENT = 2, 5, 7, 17, 18, 26
_LOST = "the records in this block are lost"


@dataclass(slots=True)
class _Gathered:
    """What was read and not yet given out."""

    params: dict[str, Json] = field(default_factory=dict)
    facts: dict[str, Json] = field(default_factory=dict)
    ids: tuple[str, ...] = ()
    problems: list[Problem] = field(default_factory=list)


class WandbReader:
    """Reads `.wandb` files as they grow; values are JSON texts of float64."""

    name = "wandb"
    mode: Mode = "append"
    precision = 2
    marks_end = True

    def claim(self, entry: Entry) -> Claim | None:
        """Claim `*.wandb`; the run is the W&B run directory, or the file's own where that was renamed."""
        if not entry.name.endswith(".wandb"):
            return None
        root = wandb_run_root(entry.path) or entry.directory
        run_id = wandb_run_id(root, [entry.name])
        hints = (("id", f"wandb-id:{run_id}"),) if run_id else ()
        return Claim(self.name, entry.path, root, "tool", "series", 2, "wandb", hints)

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """Yield the complete records behind the cursor."""
        with path.open("rb") as file:
            yield from _Pass(self.name, path, cursor).run(file)


READER = WandbReader()


class _Pass:
    """One read of one file; holds what is gathered for the next batch."""

    def __init__(self, reader: str, path: Path, cursor: Cursor) -> None:
        seen = _state(cursor)
        self._reader, self._path, self._cursor = reader, path, cursor
        self._told = int(seen.get("told", -1))
        self._started: float | None = seen.get("started")
        self._history = History(int(seen.get("step", -1)), seen.get("time"))
        self._runtime: int | None = None
        self._gathered = _Gathered()

    def run(self, file: BinaryIO) -> Iterator[Batch]:
        """Read on to the end of the file as it is now."""
        size = os.fstat(file.fileno()).st_size
        end = self._cursor.offset
        if end == 0:
            end = self._begin(file, size)
        for record in log_records(file, end, size) if end else ():
            end = record.end
            self._take(record)
            if self._history.size >= MOST_BYTES:
                yield self._batch(end)
        if end != self._cursor.offset or self._gathered.problems:
            yield self._batch(end)

    def _begin(self, file: BinaryIO, size: int) -> int:
        """Check the file's header; the offset of the first record, 0 while it has none."""
        head = file.read(64)
        if head.startswith(HEADER):
            return len(HEADER)
        if head and HEADER.startswith(head):
            return 0
        what = "not a W&B log: its header is missing" if head else "an empty file"
        self._report(ReaderFault(what, 0), "this run has no metrics from it" if size <= BLOCK else _LOST)
        return BLOCK if size > BLOCK else 0

    def _take(self, record: LogRecord) -> None:
        if record.damage is not None:
            self._report(record.damage, _LOST)
            return
        payload = record.payload
        try:
            tag_at = _behind_number(payload)
            tag = payload[tag_at]
            if tag in _SKIPPED_TAGS:
                return
            if tag == _HISTORY_TAG and (start := _last_field(payload, tag_at)):
                self._history.add(payload[start:], record.end)
            else:
                self._dispatch(payload, tag_at, record.end)
        except (WireFault, IndexError):
            self._report(ReaderFault("a record that is no W&B record", record.end - len(payload)), "it is left out")

    def _dispatch(self, payload: bytes, tag_at: int, end: int) -> None:
        for number, wire, first, stop in fields(payload, tag_at):
            if wire != BYTES:
                continue
            if number == _HISTORY:
                self._history.add(payload[first:stop], end)
            elif number == _CONFIG:
                apply_config(payload, first, stop, self._gathered.params)
            elif number == _STATS:
                self._take_stats(payload, first, stop)
            elif number == _RUN:
                self._take_run(payload, first, stop)
            elif number == _EXIT:
                self._take_exit(payload, first, stop)
            elif number == _ENVIRONMENT:
                self._take_environment(payload, first, stop)

    def _take_run(self, payload: bytes, first: int, stop: int) -> None:
        facts, config = run_record(payload, first, stop)
        self._gathered.params.update(config)
        self._gathered.facts.update(facts)
        self._started = facts.get("started", self._started)
        run_id = facts.get("run_id")
        if run_id:
            self._gathered.ids = (*run_ids(facts, self._path), f"wandb-id:{run_id}")

    def _take_environment(self, payload: bytes, first: int, stop: int) -> None:
        facts = environment_record(payload, first, stop)
        # the run record's own start wins: the environment is noted a little earlier or later
        if self._started is not None:
            facts.pop("started", None)
        self._gathered.facts.update(facts)

    def _take_exit(self, payload: bytes, first: int, stop: int) -> None:
        numbers = varints(payload, first, stop)
        code = numbers.get(1, 0)
        self._gathered.facts["exit_code"] = code
        self._gathered.facts["end_state"] = "finished" if code == 0 else "failed"
        self._runtime = numbers.get(2, 0)

    def _take_stats(self, payload: bytes, first: int, stop: int) -> None:
        for number, wire, low, high in fields(payload, first, stop):
            if number == 2 and wire == BYTES:
                self._gathered.facts["heartbeat"] = timestamp(payload, low, high)

    def _report(self, fault: ReaderFault, effect: str) -> None:
        """Report damage, once in the life of the cursor."""
        if fault.offset is not None and fault.offset <= self._told:
            return
        self._told = -1 if fault.offset is None else fault.offset
        self._gathered.problems.append(Problem(str(self._path), fault.offset, self._reader, fault.what, effect))

    def _batch(self, end: int) -> Batch:
        points, gathered = self._history.take_points(), self._gathered
        for offset in self._history.unreadable:
            self._report(ReaderFault("a history record that is none", offset), "it is left out")
        self._gathered = _Gathered()
        if self._runtime is not None and self._started is not None:
            # whole seconds, so the last row may be a little later
            gathered.facts["ended"] = max(self._started + self._runtime, self._history.last_time or 0.0)
        state = {
            "told": self._told,
            "started": self._started,
            "step": self._history.last_step,
            "time": self._history.last_time,
        }
        return Batch(
            with_offset(self._cursor, end, json.dumps(state, separators=(",", ":"))),
            points=points,
            params=gathered.params,
            facts=gathered.facts,
            ids=gathered.ids,
            problems=tuple(gathered.problems),
            writer_start=self._started,
        )


def _state(cursor: Cursor) -> dict[str, Json]:
    try:
        seen = json.loads(cursor.state) if cursor.state else {}
    except ValueError:
        return {}
    return seen if isinstance(seen, dict) else {}


def _behind_number(payload: bytes) -> int:
    """Where the record's second field begins: all records open with their number."""
    if payload[0] != 0x08:
        return 0
    at = 1
    while payload[at] >= 0x80:
        at += 1
    return at + 1


def _last_field(payload: bytes, at: int) -> int:
    """Where the content of the field at `at` begins, if it is the record's last and of usual length; else 0."""
    length, start = payload[at + 1], at + 2
    if length >= 0x80:
        length, start = length & 0x7F | payload[at + 2] << 7, at + 3
    return start if length < 1 << 14 and start + length == len(payload) else 0
