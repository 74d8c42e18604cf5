"""PyTorch Lightning's metrics.csv: a CSV of its own directory, one version a run.

A version that holds nothing but its hyperparameters is a run that never got to log: each start of a program makes one.
Where there are no hyperparameters either (`{}`, which a mere `trainer.predict` leaves), nothing is told and there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from math import isfinite
from pathlib import Path

from runspect.model import Claim
from runspect.readers.claims import CHECKPOINTS, saved_hint, weak
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.csv_table import CsvReader
from runspect.readers.first_values import OF_EACH, values_hint
from runspect.readers.lines import text_of, utf8
from runspect.readers.numbers import number
from runspect.readers.tables import names_of, rows_of, split

HPARAMS = "hparams.yaml"
_VERSION = re.compile(r"version_\d+")


class LightningReader:
    """The generic table reader under Lightning's signature; problems carry this reader's name."""

    name = "lightning"
    mode: Mode = "append"
    precision = 3
    names = ("metrics.csv",)

    def claim(self, entry: Entry) -> Claim | None:
        """`metrics.csv` in a version directory or beside hparams.yaml, with `epoch` and `step` among its columns."""
        if entry.name != "metrics.csv":
            return None
        first = utf8(entry.head()).partition(b"\n")[0].decode("latin-1").strip("\r")
        columns = set(names_of(split(first, ",")))
        placed = HPARAMS in entry.siblings or bool(_VERSION.fullmatch(entry.folder))
        if not placed or not (columns >= {"step"} or columns >= {"epoch"} or not first):
            return None
        hints = (*_first_values(entry), *saved_hint(entry))
        return weak(entry, self.name, "lightning", strength=2, hints=hints)

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """As a table; a new column rewrites the file and so begins it anew."""
        for batch in CsvReader(self.name).read(path, cursor):
            points = {name: series for name, series in batch.points.items() if not _is_placeholder(name, series.values)}
            yield replace(batch, points=points)


def is_lone_version(entry: Entry) -> bool:
    """Whether `hparams.yaml` is all that a start of a program left, checkpoints apart, and tells something."""
    others = set(entry.siblings) - {HPARAMS}
    if entry.name != HPARAMS or not _VERSION.fullmatch(entry.folder) or not others <= {CHECKPOINTS}:
        return False
    return bool(others) or entry.head().strip() not in (b"", b"{}", b"null")


def _first_values(entry: Entry) -> tuple[tuple[str, str], ...]:
    """What the event files of the same run in another tree must agree with."""
    header, *rows = rows_of(text_of(utf8(entry.head()).rpartition(b"\n")[0]), ",") or [[]]
    names = names_of(header)
    told: dict[str, list[tuple[str, int, float]]] = {name: [] for name in names if name not in ("", "step")}
    for row in rows if "step" in names else ():
        cells = dict(zip(names, map(number, row), strict=False))
        step = cells.get("step")
        if step is None or not isfinite(step):
            continue
        for name, value in cells.items():
            if name in told and len(told[name]) < OF_EACH and value is not None:
                told[name].append((name, int(step), value))
    return values_hint(point for points in told.values() for point in points)


def _is_placeholder(name: str, values: object) -> bool:
    """Lightning writes hp_metric = -1 where nobody gave a metric: no measurement."""
    import numpy as np

    return name == "hp_metric" and bool(np.all(np.asarray(values) == -1))


READER = LightningReader()
