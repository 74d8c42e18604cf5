"""`metadata.json` beside the queue of Neptune's legacy client: the run's id, when it began, where."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from runspect.errors import ReaderFault
from runspect.model import Claim
from runspect.readers import json_plain
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.neptune import metadata_claim
from runspect.readers.times import moment
from runspect.readers.told import texts
from runspect.readers.whole import read_whole

_TEXTS = {"containerId": "run_id", "os": "os", "pythonVersion": "python"}


class NeptuneMetadataReader:
    """Read anew whenever it is written."""

    name = "neptune-metadata"
    mode: Mode = "replace"
    precision = 3
    names = ("metadata.json",)

    def claim(self, entry: Entry) -> Claim | None:
        """By name and content."""
        return metadata_claim(entry, self.name)

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch of facts."""
        return read_whole(path, cursor, self.name, _parse)


READER = NeptuneMetadataReader()


def _parse(_: Path, text: str) -> Batch:
    found = json_plain.load(text)
    if not isinstance(found, dict):
        raise ReaderFault("no JSON object", 0)
    facts = texts(found, _TEXTS)
    created = found.get("createdAt")
    if isinstance(created, str) and (when := moment(created)) is not None:
        facts["started"] = when
    if isinstance(found.get("neptuneClientVersion"), str):
        facts["writer"] = f"neptune {found['neptuneClientVersion']}"
    ids = (f"neptune:{facts['run_id']}",) if "run_id" in facts else ()
    return Batch(Cursor(), facts=facts, ids=ids)
