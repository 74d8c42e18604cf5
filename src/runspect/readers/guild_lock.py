"""Guild's `.guild/LOCK`: the process that executes the run. It is removed at the end, and stays when that was killed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from runspect.model import Claim, Json
from runspect.readers.contract import Batch, Cursor, Entry, Mode, with_offset
from runspect.readers.guild import run_root

_LONGEST = 1024


class GuildLockReader:
    """A reader of its own, so that its file says that an end record is due."""

    name = "guild-lock"
    mode: Mode = "replace"
    precision = 3
    names = ("LOCK",)
    marks_end = True

    def claim(self, entry: Entry) -> Claim | None:
        """By its place."""
        root = run_root(entry.directory) if entry.name == "LOCK" else None
        return None if root is None else Claim(self.name, entry.path, root, "container", "status", 3, "guild")

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """The process id."""
        with path.open("rb") as file:
            text = file.read(_LONGEST).strip()
            size = file.seek(0, 2)
        known = text.isdigit() and len(text) < 12
        facts: dict[str, Json] = {"pid": int(text)} if known else {}
        yield Batch(with_offset(cursor, size), facts=facts)


READER = GuildLockReader()
