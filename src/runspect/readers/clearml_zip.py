"""The archive that ClearML makes of an offline session when it is closed: the same files, at its top level."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from runspect.errors import ReaderFault
from runspect.model import Claim, Json, Problem
from runspect.readers import json_plain
from runspect.readers.bounded_zip import members, read_archive
from runspect.readers.clearml import scalars
from runspect.readers.clearml_paths import is_session, session_claim
from runspect.readers.clearml_task import console_facts, task
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.lines import text_of

_TASK, _METRICS, _CONSOLE = "task.json", "metrics.jsonl", "log.jsonl"


class ClearmlZipReader:
    """Read whole; its scalars count where the directory beside it is gone."""

    name = "clearml-zip"
    mode: Mode = "replace"
    precision = 2
    names = ("*.zip",)

    def claim(self, entry: Entry) -> Claim | None:
        """By name."""
        if not entry.name.endswith(".zip") or not is_session(entry.name):
            return None
        return session_claim(self.name, entry, entry.path, "series")

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch."""
        return read_archive(path, cursor, self.name, _parse)


READER = ClearmlZipReader()


def _parse(path: Path) -> Batch:
    found = members(path, (_TASK, _METRICS, _CONSOLE))
    if _TASK not in found:
        raise ReaderFault("an archive without a task.json")
    batch = task(text_of(found[_TASK]))
    facts: dict[str, Json] = {**batch.facts, **console_facts(found.get(_CONSOLE, b""))}
    if "console_verdict" not in facts:
        facts |= {"end_state": "finished", "end_reason": "the session was closed"}
    lists, torn = [], 0
    for line in text_of(found.get(_METRICS, b"")).splitlines():
        try:
            events = json_plain.load(line) if line.strip() else []
            lists += events if isinstance(events, list) else []
        except ReaderFault:
            torn += 1
    what = f"{torn} lines of {_METRICS} that are no JSON"
    problems = (Problem(str(path), None, READER.name, what, "skipped"),) if torn else ()
    return replace(batch, points=scalars(lists), facts=facts, problems=problems)
