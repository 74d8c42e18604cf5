"""runspect's own record of a run: `run.json`, beside `metrics.jsonl` and `console.log`.

`{"format": "runspect-record", "version": 1, "name", "status": "running" | "finished" | "failed" | "killed", "exit_code",
"reason", "started", "ended", "host", "pid", …, "config": {…}}`; times are ISO 8601, what is not known is absent or null.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from runspect.errors import ReaderFault
from runspect.model import Claim
from runspect.readers import json_plain, runspect_export, runspect_links
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.flatten import flatten
from runspect.readers.lines import read_text, utf8
from runspect.readers.runspect_facts import record_facts
from runspect.readers.runspect_losses import losses
from runspect.readers.whole import read_whole
from runspect.recorder.layout import FORMAT

LARGEST = 8 << 20


class RunspectRecordReader:
    """Read anew whenever it is written: at the start and at the end of a run."""

    name = "runspect"
    mode: Mode = "replace"
    precision = 3
    marks_end = True
    names = ("run.json",)

    def claim(self, entry: Entry) -> Claim | None:
        """By its name and the format it says it has: other tools call files `run.json` too."""
        if entry.name != "run.json" or f'"{FORMAT}"'.encode() not in utf8(entry.head()):
            return None
        exported = b'"exported"' in entry.head()
        hints = runspect_export.hints(_head(entry)) if exported else runspect_links.hints(entry, _head(entry))
        return Claim(self.name, entry.path, entry.directory, "container", "status", 2, "runspect", hints)

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch of params and facts."""
        return read_whole(path, cursor, self.name, parse, LARGEST)


def _head(entry: Entry) -> dict[str, Any]:
    """All that the record says; nothing where it cannot be read."""
    try:
        found = json_plain.load(read_text(entry.absolute, LARGEST)[0])
    except (OSError, ReaderFault):
        return {}
    return found if isinstance(found, dict) else {}


def parse(path: Path, text: str) -> Batch:
    """Params, facts and ids in the text of `run.json`; the path is only named.

    Raises:
        ReaderFault: It is something else.
    """
    found = json_plain.load(text)
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise ReaderFault("no runspect record", 0)
    config = found.get("config")
    params = flatten(config) if isinstance(config, dict) else {}
    facts = record_facts(found)
    if isinstance(found.get("exported"), dict):
        own, said = runspect_export.facts(found, facts), runspect_export.said(found)
        return Batch(Cursor(), params=params, facts=own, ids=runspect_export.ids(found), said=said)
    own_id = found.get("id")
    ids = (f"runspect:{own_id}",) if isinstance(own_id, str) and own_id else ()
    return Batch(Cursor(), params=params, facts=facts, ids=ids, problems=losses(path, found, READER.name))


READER = RunspectRecordReader()
