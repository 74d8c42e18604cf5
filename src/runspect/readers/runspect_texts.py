"""The texts of runspect's own record: `texts.jsonl`, `{"key": "samples", "step": 12, "time": "2026-…Z", "value": "…"}` each.

`time` is ISO 8601, or seconds since 1970, or absent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from runspect.model import Claim
from runspect.readers.contract import Batch, Cursor, Entry, Mode, Text
from runspect.readers.jsonl import first_keys, read_values
from runspect.readers.lines import Block
from runspect.readers.runspect_points import HEAD
from runspect.readers.times import moment

_KEYS = {"key", "step", "value"}


class RunspectTextsReader:
    """Reads on by byte offset."""

    name = "runspect-texts"
    mode: Mode = "append"
    precision = 3
    names = ("texts.jsonl",)

    def claim(self, entry: Entry) -> Claim | None:
        """By its name beside a `run.json`, and the keys of its first line."""
        if entry.name != "texts.jsonl" or HEAD not in entry.siblings or not set(first_keys(entry.head())) >= _KEYS:
            return None
        return Claim(self.name, entry.path, entry.directory, "weak", "status", 2, "")

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch a block of lines."""
        return read_texts(path, cursor)


READER = RunspectTextsReader()


def read_texts(path: Path, cursor: Cursor, blocks: Iterable[Block] | None = None) -> Iterator[Batch]:
    """One batch a block of lines; see `read_pieces`."""
    for batch, rows in read_values(path, cursor, READER.name, dict, blocks):
        yield replace(batch, texts=tuple(text for row in rows if (text := _text(row)) is not None))


def _text(row: Mapping[str, Any]) -> Text | None:
    key, step, value, time = row.get("key"), row.get("step"), row.get("value"), row.get("time")
    if not isinstance(key, str) or not isinstance(value, str) or not isinstance(step, int) or abs(step) > 2**62:
        return None
    when = moment(time) if isinstance(time, str) else time if isinstance(time, int | float) else None
    return Text(key, step, when, value)
