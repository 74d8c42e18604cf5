"""What a program itself said of the run that `runspect record` keeps: `api.json` beside `run.json`.

Its params are those that count; how the program ended is the word of the other file, but for the error that it told.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from runspect.errors import ReaderFault
from runspect.model import Claim
from runspect.readers import json_plain
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.flatten import flatten
from runspect.readers.lines import utf8
from runspect.readers.runspect_facts import record_facts
from runspect.readers.runspect_losses import losses
from runspect.readers.whole import read_whole
from runspect.recorder.layout import ADDED, FORMAT, HEAD

LARGEST = 8 << 20
_NOT_ITS_OWN = ("pid", "process_started", "started", "ended", "exit_code", "signal")
"""Facts of the program as a whole, which the other file tells."""


class RunspectAddedReader:
    """Read anew whenever it is written."""

    name = "runspect-added"
    mode: Mode = "replace"
    precision = 3
    names = (ADDED,)

    def claim(self, entry: Entry) -> Claim | None:
        """By its name beside a `run.json`, and the format it says it has."""
        if entry.name != ADDED or HEAD not in entry.siblings or f'"{FORMAT}"'.encode() not in utf8(entry.head()):
            return None
        return Claim(self.name, entry.path, entry.directory, "container", "config", 2, "runspect")

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch of params and facts."""
        return read_whole(path, cursor, self.name, parse, LARGEST)


READER = RunspectAddedReader()


def parse(path: Path, text: str) -> Batch:
    """Params and facts in the text of `api.json`; the path is only named.

    Raises:
        ReaderFault: It is something else.
    """
    found = json_plain.load(text)
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise ReaderFault("no runspect record", 0)
    config = found.get("config")
    told = {fact: value for fact, value in record_facts(found).items() if fact not in _NOT_ITS_OWN}
    if told.get("end_state") != "failed":
        told = {fact: value for fact, value in told.items() if fact not in ("end_state", "end_reason")}
    params = flatten(config) if isinstance(config, dict) else {}
    return Batch(Cursor(), params=params, facts=told, problems=losses(path, found, READER.name))
