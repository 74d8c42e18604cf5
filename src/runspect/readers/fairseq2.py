"""fairseq2's metric recorder: `<run>/metrics/<category>.jsonl`, rows of `{"Time": ISO, "Step": n, "<name>": value}`.

A category may have slashes, and is what the event files beside call the directory: it stands before the names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from runspect.model import Claim
from runspect.readers.claims import weak
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.json_lines import object_of
from runspect.readers.jsonl import read_rows

_PATH = re.compile(r"(?:(?P<root>.+)/)?metrics/(?P<category>[\w/-]+)\.jsonl")


class Fairseq2Reader:
    """The rows as JSON lines."""

    name = "fairseq2"
    mode: Mode = "append"
    precision = 3
    names = ("*.jsonl",)

    def claim(self, entry: Entry) -> Claim | None:
        """By the place and the first keys of a row."""
        match = _PATH.fullmatch(entry.path)
        row = object_of(entry.head().partition(b"\n")[0]) if match else None
        if match is None or row is None or list(row)[:2] not in (["Time", "Step"], ["Step", "Time"]):
            return None
        return weak(entry, self.name, "fairseq2", strength=2, root=match["root"] or ".")

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """As JSON lines, the category before the names."""
        match = _PATH.fullmatch(path.as_posix())
        category = match["category"] if match else path.stem
        for batch, _ in read_rows(path, cursor, self.name):
            yield replace(batch, points={f"{category}/{name}": series for name, series in batch.points.items()})


READER = Fairseq2Reader()
