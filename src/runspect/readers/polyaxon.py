"""Polyaxon's curves (traceml, offline): `events/metric/<name>.plx`, `step|timestamp|metric` lines.

Each new line brings its newline with it, so the last has none; a file is small and read whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from runspect.errors import ReaderFault
from runspect.model import Claim
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.series import Carry, fold, group_rows
from runspect.readers.tables import rows_of
from runspect.readers.whole import read_whole

EVENTS = "events/metric/"
LARGEST = 64 << 20
_COLUMNS = ("step", "timestamp", "metric")


class PolyaxonReader:
    """Reads the curves; each file is small and read whole, because its last line has no end."""

    name = "polyaxon"
    mode: Mode = "replace"
    precision = 3
    names = ("*.plx",)

    def claim(self, entry: Entry) -> Claim | None:
        """By the place of a curve below the run's directory."""
        root, events, _ = f"/{entry.path}".rpartition(f"/{EVENTS}")
        if not events or not entry.name.endswith(".plx"):
            return None
        return Claim(self.name, entry.path, root[1:] or ".", "tool", "series", 2, "polyaxon")

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One metric, named after its file."""
        return read_whole(path, cursor, self.name, _curve, LARGEST)


READER = PolyaxonReader()


def _curve(path: Path, text: str) -> Batch:
    rows = list(rows_of(text, "|"))
    header = tuple(cell.strip() for cell in rows[0]) if rows else ()
    if header != _COLUMNS:
        raise ReaderFault("no curve of Polyaxon: its header is missing", 0)
    name = path.as_posix().rpartition(f"/{EVENTS}")[2].removesuffix(".plx")
    whole = [row for row in rows[1:] if len(row) == len(_COLUMNS)]
    groups = group_rows((at, ("step", "timestamp", name), row) for at, row in enumerate(whole))
    points, _ = fold(groups, len(whole), Carry())
    return Batch(Cursor(), points=points)
