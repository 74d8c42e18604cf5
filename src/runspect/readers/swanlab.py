"""SwanLab's logs, written in every mode but the oldest: `run-<id>.swanlab` (0.10) and `backup.swanlab` (0.6 to 0.9).

The former holds protocol buffers, the latter a JSON text a record; both are framed as LevelDB's log.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from runspect.errors import ReaderFault
from runspect.model import Claim, Json, State
from runspect.readers import json_plain
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.curves import Curves
from runspect.readers.framed_log import FramedLog
from runspect.readers.numbers import number
from runspect.readers.protobuf import BYTES, FIXED64, VARINT, WireFault, fields, float64, signed, text
from runspect.readers.sqlite_store import MAGIC
from runspect.readers.swanlab_paths import swanlab_id, swanlab_place
from runspect.readers.times import moment
from runspect.readers.wandb_record import timestamp

HEADERS = (b":SWL\xd6\xe1\x01", b":SWL\xd6\xe1\x02")
MOST_POINTS = 100_000
"""Points in a batch."""
SYSTEM = "__swanlab__"
"""Begins the names of the curves that SwanLab draws of the machine."""
_START, _FINISH, _SCALAR = 10, 11, 13
_START_TEXTS = {1: "project", 2: "entity", 4: "name", 5: "notes", 7: "group", 8: "job_type", 10: "run_id"}
_STATES: dict[int, State] = {1: "finished", 2: "crashed", 3: "killed"}
_WAY_TO_VALUE = 5


class SwanlabReader:
    """Reads on as the log grows, in blocks of 32 KiB; values are float64."""

    name = "swanlab"
    mode: Mode = "append"
    precision = 3
    names = ("*.swanlab",)
    marks_end = True

    def claim(self, entry: Entry) -> Claim | None:
        """Claim `*.swanlab`, but not the oldest versions' `runs.swanlab`, a database of the dashboard."""
        if not entry.name.endswith(".swanlab") or entry.head().startswith(MAGIC):
            return None
        place = swanlab_place(entry)
        root = entry.directory if place is None else place.root
        run_id = swanlab_id(entry.name)
        hints = (("id", f"swanlab-id:{run_id}"),) if run_id else ()
        return Claim(self.name, entry.path, root, "tool", "series", 2, "swanlab", hints)

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """Yield the complete records behind the cursor."""
        with path.open("rb") as file:
            yield from _Pass(self.name, path, cursor).run(file)


READER = SwanlabReader()


class _Pass(FramedLog):
    """One read of one file; holds what is gathered for the next batch."""

    tool = "SwanLab"
    headers = HEADERS

    def __init__(self, reader: str, path: Path, cursor: Cursor) -> None:
        super().__init__(reader, path, cursor)
        started = self.seen.get("started")
        self._started = float(started) if isinstance(started, int | float) else None
        self._curves = Curves()
        self._facts: dict[str, Json] = {}
        self._ids: tuple[str, ...] = ()

    def take(self, payload: bytes, end: int) -> None:
        """A scalar, the run's start or its end; columns, media, console lines and files are left out."""
        if payload[:1] == b"{":
            self._take_json(payload)
            return
        for kind, wire, first, stop in fields(payload):
            if wire != BYTES:
                continue
            if kind == _SCALAR:
                self._take_scalar(payload, first, stop)
            elif kind == _START:
                self._take_start(payload, first, stop)
            elif kind == _FINISH:
                self._take_finish(payload, first, stop)

    def full(self) -> bool:
        """Whether enough is gathered for a batch."""
        return self._curves.count >= MOST_POINTS

    def gathered(self) -> Batch:
        """The series and facts since the last call."""
        batch = Batch(
            Cursor(), points=self._curves.take(), facts=self._facts, ids=self._ids, writer_start=self._started
        )
        self._facts, self._ids = {}, ()
        return batch

    def state(self) -> dict[str, Json]:
        """When the run began."""
        return {"started": self._started}

    def _add(self, key: str, step: int, time: float | None, value: float | None) -> None:
        if not key.startswith(SYSTEM):
            self._curves.add(key, step, time, value)

    def _take_scalar(self, payload: bytes, first: int, stop: int) -> None:
        key, step, time, value = "", 0, None, None
        for part, wire, low, high in fields(payload, first, stop):
            if part == 1 and wire == BYTES:
                key = text(payload, low, high)
            elif part == 2 and wire == VARINT:
                step = signed(low)
            elif part == 4 and wire == BYTES:
                time = timestamp(payload, low, high)
            elif part == _WAY_TO_VALUE and wire == BYTES:
                value = _value(payload, low, high)
        self._add(key, step, time, value)

    def _take_start(self, payload: bytes, first: int, stop: int) -> None:
        tags: list[str] = []
        for part, wire, low, high in fields(payload, first, stop):
            if wire != BYTES:
                continue
            if part in _START_TEXTS and low < high:
                self._facts[_START_TEXTS[part]] = text(payload, low, high)
            elif part == 6:
                tags.append(text(payload, low, high))
            elif part == 12:
                self._facts["started"] = self._started = timestamp(payload, low, high)
        if tags:
            self._facts["tags"] = tags
        if run_id := self._facts.get("run_id"):
            scope = f"{self._facts.get('entity', '')}/{self._facts.get('project', '')}"
            self._ids = (f"swanlab:{scope}:{run_id}",)

    def _take_finish(self, payload: bytes, first: int, stop: int) -> None:
        state = 0
        for part, wire, low, high in fields(payload, first, stop):
            if part == 1 and wire == VARINT:
                state = low
            elif part == 2 and wire == BYTES and low < high:
                self._facts["end_reason"] = _last_line(text(payload, low, high))
            elif part == 3 and wire == BYTES:
                self._facts["ended"] = timestamp(payload, low, high)
        if state in _STATES:
            self._facts["end_state"] = _STATES[state]

    def _take_json(self, payload: bytes) -> None:
        try:
            record = json_plain.load(text(payload, 0, len(payload)))
        except ReaderFault as error:
            raise WireFault(error.what) from error
        kind = record.get("model_type") if isinstance(record, dict) else None
        data = record.get("data") if kind else None
        if not isinstance(data, dict):
            return
        if kind == "Scalar":
            self._take_json_scalar(data)
        elif kind == "Project":
            self._tell({"project": data.get("name"), "entity": data.get("workspace")})
        elif kind == "Experiment":
            told = {name: data.get(name) for name in ("name", "tags")}
            self._tell({**told, "notes": data.get("description"), "run_id": data.get("id")})
        elif kind == "Header" and (begun := _moment(data)) is not None:
            self._facts["started"] = self._started = begun
        elif kind == "Footer":
            self._tell({"end_state": "finished" if data.get("success") else "crashed", "ended": _moment(data)})

    def _take_json_scalar(self, data: dict[str, Any]) -> None:
        metric, key, step = data.get("metric"), data.get("key"), data.get("step")
        if isinstance(metric, dict) and isinstance(key, str) and isinstance(step, int):
            self._add(key, step, _moment(metric), number(metric.get("data")))

    def _tell(self, facts: dict[str, Json]) -> None:
        self._facts.update({name: value for name, value in facts.items() if value not in (None, "", [])})


def _value(payload: bytes, first: int, stop: int) -> float:
    """A scalar's number; the wire leaves a zero out."""
    for part, wire, low, _ in fields(payload, first, stop):
        if part == 1 and wire == FIXED64:
            return float64(payload, low)
    return 0.0


def _moment(data: dict[str, Any]) -> float | None:
    told = data.get("create_time")
    return moment(told) if isinstance(told, str) else None


def _last_line(message: str) -> str:
    lines = [line for line in message.splitlines() if line.strip()]
    return lines[-1].strip()[:200] if lines else ""
