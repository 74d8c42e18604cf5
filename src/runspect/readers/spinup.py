"""OpenAI's Spinning Up: progress.txt, separated by tabs despite its name, a row an epoch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from runspect.model import Claim
from runspect.readers import lines
from runspect.readers.claims import columns_hint, weak
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.csv_table import CsvReader
from runspect.readers.numbers import number
from runspect.readers.steps import StepRule
from runspect.readers.tables import names_of

NAME, TOOL = "progress.txt", "spinningup"
_RULE = StepRule(("epoch",))


class SpinupReader:
    """On-policy agents count epochs from 0, off-policy ones from 1: the first row tells."""

    name = "spinup"
    mode: Mode = "append"
    precision = 3
    names = (NAME,)

    def claim(self, entry: Entry) -> Claim | None:
        """By name, tabs and an epoch among the columns."""
        if entry.name != NAME:
            return None
        names = names_of(lines.text_of(entry.head()).partition("\n")[0].strip("\r").split("\t"))
        known = len(names) > 1 and "epoch" in {name.lower() for name in names}
        return weak(entry, self.name, TOOL, strength=2, hints=columns_hint(names)) if known else None

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """Series by epoch, and how many epochs are done."""
        begun = _first_epoch(path)
        for batch in CsvReader(self.name, _RULE).read(path, cursor):
            last = max((int(series.steps[-1]) for series in batch.points.values() if len(series)), default=None)
            known = last is not None and begun is not None
            yield replace(batch, facts={"reached_steps": last - begun + 1}) if known else batch  # type: ignore[operator]


def _first_epoch(path: Path) -> int | None:
    with path.open("rb") as file:
        rows = [lines.text_of(row).strip("\r").split("\t") for row in file.read(8192).split(b"\n")[:2]]
    at = next((at for at, name in enumerate(rows[0]) if name.strip().lower() == "epoch"), None)
    epoch = number(rows[1][at]) if at is not None and len(rows) > 1 and at < len(rows[1]) else None
    return int(epoch) if epoch in (0.0, 1.0) else None


READER = SpinupReader()
