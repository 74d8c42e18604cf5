"""PyTorch Lightning's metrics.csv: a CSV of its own directory, one version a run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from runspect.model import Claim
from runspect.readers.claims import weak
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.csv_table import CsvReader
from runspect.readers.lines import utf8
from runspect.readers.tables import names_of, split

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
        placed = "hparams.yaml" in entry.siblings or bool(_VERSION.fullmatch(entry.folder))
        if not placed or not (columns >= {"step"} or columns >= {"epoch"} or not first):
            return None
        return weak(entry, self.name, "lightning", strength=2)

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """As a table; a new column rewrites the file and so begins it anew."""
        for batch in CsvReader(self.name).read(path, cursor):
            points = {name: series for name, series in batch.points.items() if not _is_placeholder(name, series.values)}
            yield replace(batch, points=points)


def _is_placeholder(name: str, values: object) -> bool:
    """Lightning writes hp_metric = -1 where nobody gave a metric: no measurement."""
    import numpy as np

    return name == "hp_metric" and bool(np.all(np.asarray(values) == -1))


READER = LightningReader()
