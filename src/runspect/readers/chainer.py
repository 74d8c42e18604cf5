"""Chainer's LogReport, and pytorch-pfn-extras': `log`, a JSON list of rows that is replaced as a whole at each report.

Each row is the mean since the last one: what was observed (`main/loss`, `validation/main/loss`, `lr`), `epoch`, `iteration`
and `elapsed_time` (chainer/training/extensions/log_report.py). ESPnet 1 trains by it and puts its arguments beside it, as
the last element of the list in `model.json`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from runspect.errors import ReaderFault
from runspect.model import Claim, Json
from runspect.readers import json_plain, number_lists
from runspect.readers.claims import among_data, extension, named_like_a_log, weak
from runspect.readers.conflicts import first_side
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.flatten import flatten
from runspect.readers.jsonl import fold_objects
from runspect.readers.lines import text_of
from runspect.readers.series import Carry
from runspect.readers.steps import StepRule
from runspect.readers.whole import read_whole

TOOL = "chainer"
LOG, SETTINGS = "log", "model.json"
LARGEST = 256 << 20
_ROWS = re.compile(r"\[\s*\{\s*\"")
_COUNTED = re.compile(r'"(epoch|iteration)"\s*:\s*\d')
_OBSERVED = re.compile(r'"(?:elapsed_time|main/[^"]+|validation/main/[^"]+)"\s*:')
_ESPNET = re.compile(rb"\s*\[\s*(?:\d+|\[[\d,\s]*\])\s*,\s*\d+\s*,\s*\{")
"""Input size (one for each encoder), output size, arguments."""
_RULE = StepRule(("iteration",))


class ChainerReader:
    """Points by iteration; the file has no mark of an end."""

    name = TOOL
    mode: Mode = "replace"
    precision = 3
    names = ("*.", "*.json")

    def claim(self, entry: Entry) -> Claim | None:
        """By the keys of the first row: `log` is only the default name."""
        if entry.name == SETTINGS:
            arguments = LOG in entry.siblings and _ESPNET.match(entry.head())
            return weak(entry, self.name, TOOL, kind="config", strength=2) if arguments else None
        if extension(entry.name) not in ("", "json") or not named_like_a_log(entry.name) or among_data(entry.path):
            return None
        text = text_of(first_side(entry.head())).lstrip()
        return weak(entry, self.name, TOOL, strength=2) if _is_report(text, entry.name == LOG) else None

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch of all series, or of ESPnet's arguments."""
        return read_whole(path, cursor, self.name, _parse, LARGEST)


def _is_report(text: str, named: bool) -> bool:
    """Whether rows begin that count epochs and iterations; under another name than `log` what is observed must tell."""
    if not _ROWS.match(text):
        return False
    row, whole, _ = text.partition("}")
    counts = len(set(_COUNTED.findall(row))) == 2 or not whole  # a long row counts behind the head
    return counts and bool((named and whole) or _OBSERVED.search(row))


def _parse(path: Path, text: str) -> Batch:
    found = json_plain.load(text)
    if path.name == SETTINGS:
        return Batch(Cursor(), params=_arguments(found))
    if not isinstance(found, list):
        raise ReaderFault("no list of reports", 0)
    told = fold_objects([row for row in found if isinstance(row, dict)], Carry(), _RULE)
    return Batch(Cursor(), points=told.points, problems=number_lists.problems(told.left, path, TOOL))


def _arguments(found: Json) -> dict[str, Json]:
    """The last of [input size, output size, arguments]."""
    last = found[-1] if isinstance(found, list) and found else None
    return flatten(last) if isinstance(last, dict) else {}


READER = ChainerReader()
