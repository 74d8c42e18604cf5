"""What YOLO writes once: its settings at the start, which make a directory a run, and results.png at the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from runspect.errors import ReaderFault
from runspect.model import Claim, ClaimKind, Json
from runspect.readers import yaml_plain
from runspect.readers.contract import Batch, Cursor, Entry, Mode, with_offset
from runspect.readers.flatten import flatten
from runspect.readers.told import goal
from runspect.readers.whole import read_whole
from runspect.readers.yolo import TABLE, TEXT, TOOL

LARGEST = 4 << 20
SETTINGS, OPTIONS, HYPERPARAMETERS, PICTURE = "args.yaml", "opt.yaml", "hyp.yaml", "results.png"
_KEYS = {
    SETTINGS: (b"\ntask:", b"\nmode:", b"\nmodel:"),
    OPTIONS: (b"\nweights:", b"\nepochs:", b"\ndata:"),
    HYPERPARAMETERS: (b"\nlr0:", b"\nmomentum:"),
}
"""Top-level keys of v8 and later, of v5, v7 and v9, and of the latter's hyperparameters."""
_KEYS_BESIDE_RESULTS = (b"\nmodel:", b"\nepochs:")
"""Of settings that a person wrote by hand: the results beside them say that there was a training."""


class YoloFilesReader:
    """Settings without results are a run that never got to log."""

    name = "yolo-files"
    mode: Mode = "replace"
    precision = 3
    names = (PICTURE, *_KEYS)

    def claim(self, entry: Entry) -> Claim | None:
        """By name and keys; the picture by what lies beside it."""
        if entry.name == PICTURE:
            drawn = {TABLE, TEXT} & entry.siblings and {SETTINGS, OPTIONS} & entry.siblings
            return self._claim(entry, "status") if drawn else None
        keys = _KEYS.get(entry.name)
        if entry.name == SETTINGS and {TABLE, TEXT} & entry.siblings:
            keys = _KEYS_BESIDE_RESULTS
        if keys is None or not all(key in b"\n" + entry.head() for key in keys):
            return None
        if entry.name == HYPERPARAMETERS and OPTIONS not in entry.siblings:
            return None
        return self._claim(entry, "config")

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """Params and the goal; of the picture only that it is there."""
        if path.name != PICTURE:
            return read_whole(path, cursor, self.name, _parse, LARGEST)
        facts: dict[str, Json] = {"end_state": "finished", "end_reason": f"{PICTURE} was drawn"}
        size = path.stat().st_size
        return iter([Batch(with_offset(cursor, size), facts=facts if size else {})])

    def _claim(self, entry: Entry, kind: ClaimKind) -> Claim:
        return Claim(self.name, entry.path, entry.directory, "tool", kind, 3, TOOL)


def _parse(path: Path, text: str) -> Batch:
    found = yaml_plain.load(text)
    if not isinstance(found, dict):
        raise ReaderFault("no settings", 0)
    return Batch(Cursor(), params=flatten(found), facts=goal(found.get("epochs")))


READER = YoloFilesReader()
