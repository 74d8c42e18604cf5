"""The settings that NVIDIA's generators write when a training begins."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from runspect.errors import ReaderFault
from runspect.model import Claim
from runspect.readers import json_plain
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.flatten import flatten
from runspect.readers.stylegan import TOOL
from runspect.readers.told import goal
from runspect.readers.whole import read_whole

OPTIONS = "training_options.json"
LARGEST = 4 << 20


class StyleganOptionsReader:
    """A directory with nothing but these is a run that never got to log."""

    name = "stylegan-options"
    mode: Mode = "replace"
    precision = 3
    names = (OPTIONS,)

    def claim(self, entry: Entry) -> Claim | None:
        """By name and keys."""
        if entry.name != OPTIONS or b'_kwargs"' not in entry.head():
            return None
        return Claim(self.name, entry.path, entry.directory, "tool", "config", 3, TOOL)

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """Params, and how many thousands of images it shall see."""
        return read_whole(path, cursor, self.name, _parse, LARGEST)


def _parse(_: Path, text: str) -> Batch:
    found = json_plain.load(text)
    if not isinstance(found, dict):
        raise ReaderFault("no settings", 0)
    return Batch(Cursor(), params=flatten(found), facts=goal(found.get("total_kimg")))


READER = StyleganOptionsReader()
