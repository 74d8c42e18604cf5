"""What an index keeps of the runs of a store."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from runspect.readers.contract import Batch, Cursor


class Kept:
    """The sum of what was read so far; `values` by run and metric."""

    def __init__(self) -> None:
        self.cursor = Cursor()
        self.facts: dict[str, dict[str, Any]] = {}
        self.params: dict[str, dict[str, Any]] = {}
        self.steps: dict[str, dict[str, list[int]]] = {}
        self.values: dict[str, dict[str, list[float]]] = {}
        self.restarts = 0

    def add(self, batches: Iterable[Batch]) -> list[str]:
        """Take what was read; the runs that it told of."""
        told: list[str] = []
        for batch in batches:
            if batch.restart:
                self.restarts += 1
                self.facts, self.params, self.steps, self.values = {}, {}, {}, {}
            if batch.run:
                told.append(batch.run)
                self.facts.setdefault(batch.run, {}).update(batch.facts)
                self.params.setdefault(batch.run, {}).update(batch.params)
                for name, points in batch.points.items():
                    self.steps.setdefault(batch.run, {}).setdefault(name, []).extend(points.steps.tolist())
                    self.values.setdefault(batch.run, {}).setdefault(name, []).extend(points.values.tolist())
            self.cursor = batch.cursor
        return list(dict.fromkeys(told))
