"""What Keras's BackupAndRestore leaves of a training that did not come to its end; the end would have removed it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from runspect.errors import ReaderFault
from runspect.model import Claim
from runspect.readers import json_plain
from runspect.readers.claims import weak
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.keras import TOOL
from runspect.readers.whole import read_whole

NAME = "training_metadata.json"
LARGEST = 1 << 16


class KerasBackupReader:
    """Status of the run that it lies beside or just below."""

    name = "keras-backup"
    mode: Mode = "replace"
    precision = 3
    names = (NAME,)
    marks_end = True
    """By removing the file."""

    def claim(self, entry: Entry) -> Claim | None:
        """By name and the key that it has in every version."""
        known = entry.name == NAME and b'"epoch"' in entry.head()
        return weak(entry, self.name, TOOL, kind="status", strength=2) if known else None

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """The epochs that were complete when it was written."""
        return read_whole(path, cursor, self.name, _parse, LARGEST)


def _parse(path: Path, text: str) -> Batch:
    found = json_plain.load(text)
    epoch = found.get("epoch") if isinstance(found, dict) else None
    if not isinstance(epoch, int):
        raise ReaderFault("no state of a training", 0)
    return Batch(Cursor(), facts={"reached_steps": epoch})


READER = KerasBackupReader()
