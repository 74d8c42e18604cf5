"""Trackio's SQLite file of a project: `metrics` (a JSON object a row) and `configs`, told apart by run.

Nothing says how a run ended. A run that is deleted takes its rows with it, one that is renamed keeps its id.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from pathlib import Path

from runspect.dataclass import dataclass, field
from runspect.errors import ReaderFault
from runspect.model import Claim, Json
from runspect.readers import json_plain, number_lists
from runspect.readers.claims import run_key, stem_of
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.curves import Curves
from runspect.readers.flatten import flatten
from runspect.readers.sqlite_store import MAGIC, Row, Store, read_store, tables_in
from runspect.readers.times import moment

_METRICS = ("run_name", "timestamp", "step", "metrics", "run_id")
_CONFIGS = ("run_name", "config", "created_at", "run_id")
_OWN = {"_Username": "user", "_Group": "group"}
"""What Trackio itself puts among the settings, by the fact that it is."""


class TrackioReader:
    """Reads what is new since the cursor."""

    name = "trackio"
    mode: Mode = "store"
    begins = MAGIC
    precision = 3

    def claim(self, entry: Entry) -> Claim | None:
        """By its tables; runs have ids only since version 0.40."""
        tables = tables_in(entry)
        if not set(_METRICS[:4]) <= tables.get("metrics", frozenset()) or "configs" not in tables:
            return None
        return Claim(self.name, entry.path, entry.path, "tool", "store", 2, "trackio")

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch a run and page of rows; the last moves the cursor.

        Raises:
            OSError: The file cannot be read now.
        """
        return read_store(path, self.name, lambda store: _read(store, cursor, stem_of(path.name)))


READER = TrackioReader()


@dataclass(slots=True)
class _Seen:
    """What the cursor knows of the last read."""

    row: int = 0
    """The last row of metrics, and what it was."""
    mark: str = ""
    configs: int = 0
    """Checksum of all settings."""
    runs: list[str] = field(default_factory=list)
    """Runs with settings."""

    @classmethod
    def of(cls, cursor: Cursor) -> _Seen:
        """Read back from a cursor; a strange state is a fresh one."""
        try:
            seen = json.loads(cursor.state) if cursor.state else {}
            runs = [str(run) for run in seen.get("runs", ())]
            return cls(int(seen.get("row", 0)), str(seen.get("mark", "")), int(seen.get("configs", 0)), runs)
        except (ValueError, TypeError, AttributeError):
            return cls()

    def cursor(self) -> Cursor:
        """For the next read."""
        state = {"row": self.row, "mark": self.mark, "configs": self.configs, "runs": self.runs}
        return Cursor(state=json.dumps(state, separators=(",", ":")))


def _read(store: Store, cursor: Cursor, project: str) -> Iterator[Batch]:
    seen = _Seen.of(cursor)
    configs = list(store.rows("configs", _CONFIGS))
    runs = [_key(row) for row in configs]
    restart = not _goes_on(store, seen, runs)
    if restart:
        seen = _Seen()
    checksum = zlib.crc32(repr(configs).encode("utf-8", "replace"))
    for row in configs if checksum != seen.configs else ():
        yield _config(row, project, restart)
        restart = False
    for page in store.pages("metrics", _METRICS, seen.row):
        for batch in _points(page, project):
            yield Batch(Cursor(), batch.run, batch.points, {}, batch.facts, batch.ids, restart=restart, more=True)
            restart = False
        seen.row, seen.mark = page[-1][0], _mark(page[-1])
    seen.configs, seen.runs = checksum, runs
    yield Batch(seen.cursor(), restart=restart)


def _goes_on(store: Store, seen: _Seen, runs: list[str]) -> bool:
    """Whether this is the file that the cursor speaks of, with all its runs still there."""
    if not seen.row or not set(seen.runs) <= set(runs):
        return False
    last = next(store.rows("metrics", _METRICS, seen.row - 1), None)
    return last is not None and _mark(last) == seen.mark


def _mark(row: Row) -> str:
    return f"{row[0]}:{_key((row[0], row[1], None, None, row[-1]))}:{row[2]}:{row[3]}"


def _key(row: Row) -> str:
    """The run's id, or its name in a file of a version that has no ids."""
    return run_key(str(row[-1] or row[1]))


def _facts(row: Row, project: str) -> dict[str, Json]:
    facts: dict[str, Json] = {"name": str(row[1]), "project": project}
    return {**facts, "run_id": str(row[-1])} if row[-1] else facts


def _ids(row: Row) -> tuple[str, ...]:
    return (f"trackio:{row[-1]}",) if row[-1] else ()


def _config(row: Row, project: str, restart: bool) -> Batch:
    config = _object(row[2])
    facts = _facts(row, project)
    facts |= {fact: config[key] for key, fact in _OWN.items() if isinstance(config.get(key), str) and config[key]}
    begun = config.get("_Created") or row[3]
    if isinstance(begun, str) and (when := moment(begun)) is not None:
        facts["started"] = when
    params = flatten({key: value for key, value in config.items() if not str(key).startswith("_")})
    return Batch(Cursor(), _key(row), {}, params, facts, _ids(row), restart=restart, more=True)


def _points(page: list[Row], project: str) -> Iterator[Batch]:
    """A batch for each run that has rows in the page."""
    curves: dict[str, Curves] = {}
    first: dict[str, Row] = {}
    for row in page:
        key = _key(row)
        first.setdefault(key, row)
        told = curves.setdefault(key, Curves())
        when = moment(row[2]) if isinstance(row[2], str) else None
        values, _ = number_lists.last_values(flatten(_object(row[4]), "/"))
        for name, value in values.items():
            told.add(name, row[3], when, value)
    for key, told in curves.items():
        yield Batch(Cursor(), key, told.take(), {}, _facts(first[key], project), _ids(first[key]))


def _object(data: object) -> dict[str, Json]:
    """The object in a cell: JSON as text, or as bytes since 0.6; of an image or a table only plain numbers count."""
    text = data.decode("utf-8", "replace") if isinstance(data, bytes) else data
    try:
        found = json_plain.load(text) if isinstance(text, str) else None
    except ReaderFault:
        return {}
    if not isinstance(found, dict):
        return {}
    return {key: value for key, value in found.items() if not (isinstance(value, dict) and "_type" in value)}
