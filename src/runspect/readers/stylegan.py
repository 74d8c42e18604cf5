"""NVIDIA's generators (StyleGAN2-ADA, StyleGAN3, EDM): stats.jsonl and metric-<name>.jsonl.

`stats.jsonl` is a row a tick, `{"Loss/G/loss": {"num": 100, "mean": 1.5, "std": 0.1}, …, "timestamp": s}`; a row of
`metric-fid50k_full.jsonl` tells the snapshot that was measured. Steps are thousands of images, as in their event files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from runspect.model import Claim
from runspect.readers.claims import columns_hint
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.jsonl import first_keys, read_rows
from runspect.readers.numbers import number
from runspect.readers.steps import StepRule

STATS, TOOL = "stats.jsonl", "stylegan"
_MEASURED = re.compile(r"metric-[\w.-]{1,80}\.jsonl")
_SNAPSHOT = re.compile(r"(\d{3,9})\.pkl\Z")
_KIMG = "kimg"
_RULE = StepRule((_KIMG,))
_STATS_MARKS = (b'"num":', b'"mean":', b'"std":')
_MEASURED_MARKS = (b'"results"', b'"metric"', b'"snapshot_pkl"')


class StyleganReader:
    """Which of them a file is says its name."""

    name = "stylegan"
    mode: Mode = "append"
    precision = 3
    names = (STATS, "metric-*.jsonl")

    def claim(self, entry: Entry) -> Claim | None:
        """By name and the keys that stand in every row."""
        if entry.name != STATS and not _MEASURED.fullmatch(entry.name):
            return None
        marks = _STATS_MARKS if entry.name == STATS else _MEASURED_MARKS
        if not all(mark in entry.head() for mark in marks):
            return None
        hints = columns_hint(first_keys(entry.head()))
        return Claim(self.name, entry.path, entry.directory, "tool", "series", 2, TOOL, hints)

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """Series of means, and of what was measured on snapshots."""
        return (batch for batch, _ in read_rows(path, cursor, self.name, _RULE, _shaped))


def _shaped(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [_measured(row) if isinstance(row.get("results"), dict) else _means(row) for row in rows]


def _means(row: dict[str, Any]) -> dict[str, Any]:
    """The mean of each statistic; how many and how they spread is left out."""
    told = {key: inner["mean"] if isinstance(inner, dict) and "mean" in inner else inner for key, inner in row.items()}
    kimg = number(told.get("Progress/kimg"))
    return told if kimg is None else {_KIMG: int(kimg), **told}


def _measured(row: dict[str, Any]) -> dict[str, Any]:
    found = _SNAPSHOT.search(str(row.get("snapshot_pkl") or ""))
    step = {_KIMG: int(found[1])} if found else {}
    return {
        **step,
        **{f"Metrics/{name}": value for name, value in row["results"].items()},
        "timestamp": row.get("timestamp"),
    }


READER = StyleganReader()
