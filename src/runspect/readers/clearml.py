"""ClearML's scalars of an offline session: `metrics.jsonl`, a list of events a line, about every 5 seconds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from runspect.model import Claim
from runspect.readers.clearml_paths import is_events, is_session, session_claim
from runspect.readers.contract import Batch, Cursor, Entry, Mode, Points
from runspect.readers.jsonl import read_values
from runspect.readers.numbers import number


class ClearmlReader:
    """Reads on by byte offset."""

    name = "clearml"
    mode: Mode = "append"
    precision = 3

    def claim(self, entry: Entry) -> Claim | None:
        """By name, and by the directory or the first event."""
        if entry.name != "metrics.jsonl":
            return None
        if not is_session(entry.directory.rpartition("/")[2]) and not is_events(entry.head()):
            return None
        return session_claim(self.name, entry, entry.directory, "series")

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch a block of lines."""
        for batch, lists in read_values(path, cursor, self.name, list):
            yield replace(batch, points=scalars(event for events in lists for event in events))


READER = ClearmlReader()


def scalars(events: Iterable[Any]) -> dict[str, Points]:
    """The series among events; a metric is called `<title>/<series>`."""
    found: dict[str, tuple[list[int], list[float], list[float]]] = {}
    for event in events:
        if not isinstance(event, dict) or event.get("type") != "training_stats_scalar":
            continue
        step, value, moment = event.get("iter"), number(event.get("value")), event.get("timestamp")
        if value is None or not isinstance(step, int) or abs(step) >= 1 << 62:
            continue
        parts = (str(event.get(key) or "") for key in ("metric", "variant"))
        steps, times, values = found.setdefault("/".join(part for part in parts if part), ([], [], []))
        steps.append(step)
        times.append(moment / 1000 if isinstance(moment, int | float) else np.nan)
        values.append(value)
    return {
        name: Points(np.array(steps, np.int64), np.array(times, np.float64), np.array(values, np.float64))
        for name, (steps, times, values) in found.items()
    }
