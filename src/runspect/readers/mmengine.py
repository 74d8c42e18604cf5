"""MMEngine's work directory: `<work_dir>/<YYYYmmdd_HHMMSS>/vis_data/scalars.json`, one time-stamped directory a start.

A row of training has `step` = iteration, a row of validation `step` = EPOCH; both stand in the one file. The backend
writes every row a second time to `vis_data/<time stamp>.json`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from runspect.dataclass import dataclass
from runspect.model import Claim, ClaimKind
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.jsonl import JsonlReader
from runspect.readers.times import moment

STAMP = re.compile(r"\d{8}_\d{6}")
"""Name of the directory that each start of the program makes."""
SERIES = "vis_data"
STRENGTH = 3
TOOL = "mmengine"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file lies: the run's work directory, and the session's own directory in it, "" if it has another name."""

    root: str
    session: str = ""


class MmengineReader:
    """The rows as JSON lines."""

    name = "mmengine"
    mode: Mode = "append"
    precision = 3
    names = ("*.json",)

    def claim(self, entry: Entry) -> Claim | None:
        """`scalars.json` or its twin in `vis_data`."""
        place = place_of(entry)
        if place is None or entry.folder != SERIES:
            return None
        twin = bool(STAMP.fullmatch(entry.name.removesuffix(".json")))
        if entry.name != "scalars.json" and not (twin and entry.name.endswith(".json")):
            return None
        more = (("copy", f"{entry.directory}/scalars.json"),) if twin else ()
        return claim_at(entry, place, self.name, "series", (*more, *_begins(entry.head())))

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """As JSON lines; the session's time orders the segments of a resumed run."""
        for batch in JsonlReader().read(path, cursor):
            problems = tuple(replace(problem, reader=self.name) for problem in batch.problems)
            yield replace(batch, problems=problems, writer_start=session_start(path))


def place_of(entry: Entry) -> Place | None:
    """The work directory that a file of this layout belongs to, or None; by the path alone, whatever else is there."""
    above, _, here = entry.directory.rpartition("/")
    if here == SERIES:
        root, _, session = above.rpartition("/")
        if STAMP.fullmatch(session):
            return Place(root or ".", session)
        return Place(above or ".")
    if STAMP.fullmatch(here) and entry.name.startswith(here):
        return Place(above or ".", here)
    return None


def claim_at(
    entry: Entry, place: Place, reader: str, kind: ClaimKind, hints: tuple[tuple[str, str], ...] = ()
) -> Claim:
    """A claim on a file of the run in `place`."""
    session = (("session", place.session),) if place.session else ()
    return Claim(reader, entry.path, place.root, "container", kind, STRENGTH, TOOL, (*session, *hints))


def session_start(path: Path) -> float | None:
    """When the session began whose directory holds the file (seconds since 1970); its name is local time."""
    name = next((folder.name for folder in (path.parent, path.parent.parent) if STAMP.fullmatch(folder.name)), "")
    return moment(name) if name else None


def _begins(head: bytes) -> tuple[tuple[str, str], ...]:
    """The iteration from which a session trained on, by its first rows: 0 for one that was not resumed."""
    first: list[tuple[int, object]] = []
    for line in head.split(b"\n"):
        row = _row(line)
        if row is not None and type(at := row.get("iter")) is int:
            first.append((at, row.get("epoch", 1)))
    if not first:
        return ()
    start = first[0][0] if first[0][1] != 1 else 0
    if len(first) > 1:
        start = 2 * first[0][0] - first[1][0]
    return (("begins", str(max(0, start))),)


def _row(line: bytes) -> dict[str, object] | None:
    if not line.startswith(b"{"):
        return None
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


READER = MmengineReader()
