"""Files of a directory as discovery shows them to the readers, and what a reader found in one, put together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from runspect.model import Problem
from runspect.readers.contract import Batch, Cursor, Entry, Reader


def entry_of(root: Path, path: Path) -> Entry:
    """The entry of one file below `root`."""
    status = path.stat()
    beside, above = _names(path.parent), _names(path.parent.parent)
    name = path.relative_to(root).as_posix()
    return Entry(name, path, status.st_size, status.st_mtime, beside, above)


def _names(directory: Path) -> frozenset[str]:
    return frozenset(path.name for path in directory.iterdir())


def entries(root: Path) -> Iterator[Entry]:
    """All files below `root`, sorted."""
    for path in sorted(root.rglob("*")):
        if path.is_file():
            yield entry_of(root, path)


@dataclass
class Found:
    """The sum of a file's batches."""

    steps: dict[str, list[int]] = field(default_factory=dict)
    times: dict[str, list[float]] = field(default_factory=dict)
    values: dict[str, list[float]] = field(default_factory=dict)
    params: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    cursor: Cursor = field(default_factory=Cursor)

    def add(self, batches: Iterable[Batch]) -> None:
        """Add what a read gave."""
        for batch in batches:
            for name, points in batch.points.items():
                assert len(points.steps) == len(points.times) == len(points.values)
                assert points.steps.dtype == np.int64
                self.steps.setdefault(name, []).extend(points.steps.tolist())
                self.times.setdefault(name, []).extend(np.nan_to_num(points.times, nan=-1.0).tolist())
                self.values.setdefault(name, []).extend(points.values.tolist())
            self.params.update(batch.params)
            self.facts.update(batch.facts)
            self.problems += batch.problems
            self.cursor = batch.cursor

    def series(self) -> dict[str, tuple[list[int], list[float], list[str]]]:
        """Comparable: NaN equals NaN."""
        return {name: (self.steps[name], self.times[name], list(map(repr, self.values[name]))) for name in self.steps}


def found_in(reader: Reader, path: Path) -> Found:
    """All that a reader finds in a file."""
    found = Found()
    found.add(reader.read(path, Cursor()))
    return found
