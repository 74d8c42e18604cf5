"""Detectron2's output directory: `metrics.json` (JSON lines with `iteration`), `config.yaml`, `last_checkpoint`.

A row comes every 20 iterations and at the last one; its losses are medians of 20. A resumed training appends, so
iterations may come twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from runspect.model import Claim, Json
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.json_lines import object_of
from runspect.readers.jsonl import read_rows

_COMMON = frozenset({"eta_seconds", "total_loss", "data_time", "lr"})
"""Keys of which every row has at least two beside `iteration`."""


class Detectron2Reader:
    """The rows as JSON lines."""

    name = "detectron2"
    mode: Mode = "append"
    precision = 3
    names = ("metrics.json",)

    def claim(self, entry: Entry) -> Claim | None:
        """`metrics.json` with rows as Detectron2's writer makes them."""
        if entry.name != "metrics.json":
            return None
        row = object_of(entry.head().partition(b"\n")[0])
        if row is None or "iteration" not in row or len(_COMMON & row.keys()) < 2:
            return None
        return Claim(self.name, entry.path, entry.directory, "tool", "series", 3, "detectron2")

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """As JSON lines, with the number of iterations that are done."""
        facts: dict[str, Json] = {}

        def seen(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
            for row in reversed(rows):
                if type(at := row.get("iteration")) is int:
                    facts["reached_steps"] = at + 1
                    break
            return rows

        for batch, _ in read_rows(path, cursor, self.name, shaped=seen):
            yield replace(batch, facts=dict(facts))


READER = Detectron2Reader()
