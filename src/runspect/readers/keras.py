"""Keras's CSVLogger: any file name, `epoch` and then the metrics by name; CRLF, as Python's csv module ends lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from runspect.model import Claim
from runspect.readers import lines
from runspect.readers.claims import among_data, columns_hint, extension, named_like_a_log, weak
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.csv_table import CsvReader
from runspect.readers.steps import StepRule
from runspect.readers.tables import names_of, sniff, split

TOOL = "keras"
_ENDINGS = ("csv", "tsv", "log", "txt", "history", "hist")
_RULE = StepRule(("epoch",))


class KerasReader:
    """The generic table reader; a restart appends rows that count from 0 again or from where it went on."""

    name = TOOL
    mode: Mode = "append"
    precision = 3
    names = ("*.", *(f"*.{ending}" for ending in _ENDINGS))

    def claim(self, entry: Entry) -> Claim | None:
        """By the columns; files without an ending only where the name speaks of a log."""
        ending = extension(entry.name)
        if ending not in _ENDINGS and (ending or not named_like_a_log(entry.name)):
            return None
        first, _, rest = entry.head().partition(b"\n")
        if not first.startswith(b"epoch") or among_data(entry.path):
            return None
        line = lines.text_of(first).strip("\r")
        names = names_of(split(line, sniff(line)))
        if not _is_logged(names, first.endswith(b"\r")) or not _counts(rest):
            return None
        return weak(entry, self.name, TOOL, strength=2, hints=columns_hint(names))

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """As a table by epoch."""
        return CsvReader(self.name, _RULE).read(path, cursor)


def _is_logged(names: Sequence[str], crlf: bool) -> bool:
    """`epoch` and sorted metrics, one of them a loss; without CRLF (git may have taken it) pairs `x` and `val_x` too."""
    rest = list(names[1:])
    if (
        names[0] != "epoch"
        or "step" in rest
        or not rest
        or rest != sorted(rest)
        or not any(name.endswith("loss") for name in rest)
    ):
        return False
    return crlf or sum(f"val_{name}" in rest for name in rest) > 1


def _counts(rest: bytes) -> bool:
    """Whether the first row, where there is one, begins with a whole number."""
    cell = rest.partition(b"\n")[0].lstrip()
    digits = len(cell) - len(cell.lstrip(b"0123456789"))
    return not cell or digits > 0


READER = KerasReader()
