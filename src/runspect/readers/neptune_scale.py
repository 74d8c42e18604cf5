"""neptune-scale's queue of a run: the table `run_operations` of protocol buffers, in `.neptune/<run>/`.

Messages: neptune_pb.ingest.v1 `Run` {1 run_id, 2 fork_point{2 parent_run_id}, 3 creation_time, 5 experiment_id} and
`UpdateRunSnapshot` {1 step{1 whole, 2 micro}, 2 timestamp, 4 assign, 5 modify_sets, 8 append: entries {1 key, 2 value}};
`Value` {1 float64, 3 int64, 5 bool, 6 string, 8 timestamp, 12 string_set{1 values}}.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from runspect.dataclass import dataclass, field
from runspect.model import Claim, Json, Problem
from runspect.readers.claims import run_key
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.curves import Curves
from runspect.readers.neptune import PARAMETERS
from runspect.readers.protobuf import BYTES, FIXED64, VARINT, WireFault, fields, float64, signed, text
from runspect.readers.sqlite_store import MAGIC, Row, Store, read_store, tables_in
from runspect.readers.wandb_record import timestamp

_UPDATE, _CREATE = 0, 1
_STEP, _TIME, _ASSIGN, _SETS, _APPEND = 1, 2, 4, 5, 8
_ADD = 1
_SYSTEM = {"name": "name", "description": "notes", "owner": "user", "hostname": "host"}
_MACHINE = "runtime/"
"""Begins the names of what the client tells of the machine."""


class NeptuneScaleReader:
    """Reads the operations behind the last one seen; the client deletes what it has sent."""

    name = "neptune-scale"
    mode: Mode = "store"
    begins = MAGIC
    precision = 3

    def claim(self, entry: Entry) -> Claim | None:
        """By its tables; the run is the directory."""
        if not {"run_operations", "metadata"} <= tables_in(entry).keys():
            return None
        return Claim(self.name, entry.path, entry.directory, "tool", "store", 2, "neptune")

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch a page of operations; the last moves the cursor.

        Raises:
            OSError: The file cannot be read now.
        """
        return read_store(path, self.name, lambda store: _Pass(path, store, cursor).run())


READER = NeptuneScaleReader()


@dataclass(slots=True)
class _Told:
    curves: Curves = field(default_factory=Curves)
    params: dict[str, Json] = field(default_factory=dict)
    facts: dict[str, Json] = field(default_factory=dict)


class _Pass:
    """One read of one queue."""

    def __init__(self, path: Path, store: Store, cursor: Cursor) -> None:
        self._path, self._store = path, store
        self._row, self._tags, self._run_id = _seen(cursor)
        self._told = _Told()
        self._unreadable = 0

    def run(self) -> Iterator[Batch]:
        """All pieces."""
        found = next(self._store.rows("metadata", ("project", "run_id")), None)
        if found is None:
            return
        project, run_id = str(found[1]), str(found[2])
        key, ids = run_key(run_id), (f"neptune:{project}/{run_id}",)
        if run_id != self._run_id:
            self._row, self._tags = 0, []
        restart = self._row == 0
        self._told.facts = {"name": run_id, "run_id": run_id, "project": project}
        for page in self._store.pages("run_operations", ("operation_type", "operation"), self._row):
            for row in page:
                self._take(row)
            self._row, told, self._told = page[-1][0], self._told, _Told()
            points = told.curves.take()
            yield Batch(Cursor(), key, points, told.params, told.facts, ids, restart=restart, more=True)
            restart = False
        state = json.dumps({"row": self._row, "tags": self._tags, "run": run_id}, separators=(",", ":"))
        yield Batch(Cursor(state=state), problems=self._problems(), restart=restart)

    def _problems(self) -> tuple[Problem, ...]:
        if not self._unreadable:
            return ()
        what = f"{self._unreadable:,} operations that cannot be read"
        return (Problem(str(self._path), None, READER.name, what, "they are left out"),)

    def _take(self, row: Row) -> None:
        _, kind, data = row
        if not isinstance(data, bytes):
            return
        try:
            if kind == _CREATE:
                self._told.facts |= _created(data)
            elif kind == _UPDATE:
                self._update(data)
        except (WireFault, IndexError):
            self._unreadable += 1

    def _update(self, data: bytes) -> None:
        step, when = 0.0, None
        for part, wire, first, stop in fields(data):
            if wire != BYTES:
                continue
            if part == _STEP:
                step = _step(data, first, stop)
            elif part == _TIME:
                when = timestamp(data, first, stop)
            elif part == _APPEND:
                name, low, high = _entry(data, first, stop)
                value = _value(data, low, high)
                if not name.startswith(_MACHINE) and isinstance(value, int | float):
                    self._told.curves.add(name, step, when, float(value))
            elif part == _ASSIGN:
                name, low, high = _entry(data, first, stop)
                self._assign(name, _value(data, low, high))
            elif part == _SETS:
                name, low, high = _entry(data, first, stop)
                self._modify(name, data, low, high)

    def _assign(self, name: str, value: Json) -> None:
        parts = name.split("/")
        if parts[0] == "sys":
            if parts[-1] in _SYSTEM and len(parts) == 2 and value:
                self._told.facts[_SYSTEM[parts[-1]]] = value
            elif parts[-1] == "failed" and value is True:
                self._told.facts["end_state"] = "failed"
        elif not name.startswith(("source_code/", _MACHINE)):
            self._told.params[".".join(parts[1:] if parts[0] in PARAMETERS and len(parts) > 1 else parts)] = value

    def _modify(self, name: str, data: bytes, first: int, stop: int) -> None:
        """Tags that are added and taken away."""
        for text_, operation in _changes(data, first, stop):
            if name == "sys/tags" and operation == _ADD and text_ not in self._tags:
                self._tags.append(text_)
            elif name == "sys/tags" and operation != _ADD and text_ in self._tags:
                self._tags.remove(text_)
            elif name == "sys/group_tags" and operation == _ADD:
                self._told.facts["group"] = text_
        if name == "sys/tags":
            self._told.facts["tags"] = list(self._tags)


def _seen(cursor: Cursor) -> tuple[int, list[str], str]:
    try:
        seen = json.loads(cursor.state) if cursor.state else {}
        return int(seen.get("row", 0)), [str(tag) for tag in seen.get("tags", ())], str(seen.get("run", ""))
    except (ValueError, TypeError, AttributeError):
        return 0, [], ""


def _created(data: bytes) -> dict[str, Json]:
    facts: dict[str, Json] = {}
    for part, wire, first, stop in fields(data):
        if wire != BYTES:
            continue
        if part == 3:
            facts["started"] = timestamp(data, first, stop)
        elif part == 5 and first < stop:
            facts["group"] = text(data, first, stop)
        elif part == 2:
            parents = [text(data, low, high) for number, _, low, high in fields(data, first, stop) if number == 2]
            if parents:
                facts["parent"] = parents[0]
    return facts


def _step(data: bytes, first: int, stop: int) -> float:
    """Whole steps and millionths; zeros are left out on the wire."""
    parts = {part: value for part, wire, value, _ in fields(data, first, stop) if wire == VARINT}
    whole, micro = parts.get(1, 0), parts.get(2, 0)
    return whole + micro / 1e6 if micro else whole


def _entry(data: bytes, first: int, stop: int) -> tuple[str, int, int]:
    """Key and place of the value of a map's entry."""
    key, low, high = "", stop, stop
    for part, wire, begin, end in fields(data, first, stop):
        if wire == BYTES and part == 1:
            key = text(data, begin, end)
        elif wire == BYTES and part == 2:
            low, high = begin, end
    return key, low, high


def _value(data: bytes, first: int, stop: int) -> Json:
    for part, wire, low, high in fields(data, first, stop):
        if part == 1 and wire == FIXED64:
            return float64(data, low)
        if part == 3 and wire == VARINT:
            return signed(low)
        if part == 5 and wire == VARINT:
            return bool(low)
        if part == 6 and wire == BYTES:
            return text(data, low, high)
        if part == 8 and wire == BYTES:
            return timestamp(data, low, high)
        if part == 12 and wire == BYTES:
            return [text(data, begin, end) for number, _, begin, end in fields(data, low, high) if number == 1]
    return None


def _changes(data: bytes, first: int, stop: int) -> Iterator[tuple[str, int]]:
    """Texts and what is done with them, of a ModifySet."""
    for part, wire, low, high in fields(data, first, stop):
        for inner, kind, begin, end in fields(data, low, high) if part == 1 and wire == BYTES else ():
            if inner == 1 and kind == BYTES:
                word, operation = "", 0
                for number, how, at, until in fields(data, begin, end):
                    if number == 1 and how == BYTES:
                        word = text(data, at, until)
                    elif number == 2 and how == VARINT:
                        operation = at
                yield word, operation
