"""ClearML's scalars of an offline session: `metrics.jsonl`, a list of events a line, about every 5 seconds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from runspect.model import Claim
from runspect.readers.clearml_paths import is_events, is_session, session_claim
from runspect.readers.contract import Batch, Cursor, Entry, Mode, Points
from runspect.readers.curves import Curves
from runspect.readers.jsonl import read_values
from runspect.readers.numbers import number

SINGLE_VALUE = -(2**31)
"""What stands for the iteration of `report_single_value` (clearml/logger.py)."""


class ClearmlReader:
    """Reads on by byte offset."""

    name = "clearml"
    mode: Mode = "append"
    precision = 3
    names = ("metrics.jsonl",)

    def claim(self, entry: Entry) -> Claim | None:
        """By name, and by the directory or the first event."""
        if entry.name != "metrics.jsonl":
            return None
        if not is_session(entry.folder) and not is_events(entry.head()):
            return None
        return session_claim(self.name, entry, entry.directory, "series")

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch a block of lines."""
        for batch, lists in read_values(path, cursor, self.name, list):
            yield replace(batch, points=scalars(event for events in lists for event in events))


READER = ClearmlReader()


def scalars(events: Iterable[Any]) -> dict[str, Points]:
    """The series among events; a metric is called `<title>/<series>`."""
    found = Curves()
    for event in events:
        if isinstance(event, dict) and event.get("type") == "training_stats_scalar":
            parts = (str(event.get(key) or "") for key in ("metric", "variant"))
            moment = event.get("timestamp")
            when = moment / 1000 if isinstance(moment, int | float) else None
            step = 0 if event.get("iter") == SINGLE_VALUE else event.get("iter")
            found.add("/".join(part for part in parts if part), step, when, number(event.get("value")))
    return found.take()
