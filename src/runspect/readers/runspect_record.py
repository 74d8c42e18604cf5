"""runspect's own record of a run: `run.json`, beside `metrics.jsonl` and `console.log`.

`{"format": "runspect-record", "version": 1, "name", "status": "running" | "finished" | "failed" | "killed",
"exit_code", "reason", "started", "ended", "host", "pid", "user", "command", "cwd", "python", "seed", "dataset", "git":
{"commit", "branch", "dirty", "remote"}, "config": {…}}`; times are ISO 8601, what is not known is absent or null.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from runspect.errors import ReaderFault
from runspect.model import Claim, Json
from runspect.readers import json_plain, runspect_export
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.flatten import flatten
from runspect.readers.lines import utf8
from runspect.readers.times import moment
from runspect.readers.told import texts
from runspect.readers.whole import read_whole

FORMAT = "runspect-record"
LARGEST = 8 << 20

_TEXTS = {
    **{name: name for name in ("name", "project", "group", "host", "user", "command", "program", "cwd", "writer")},
    **{name: name for name in ("python", "os", "gpu", "dataset", "dataset_version")},
    "reason": "end_reason",
}
"""Texts of the record by the fact that they are."""
_NUMBERS = ("pid", "seed", "exit_code", "max_steps")
_GIT = {"commit": "git_commit", "branch": "git_branch", "remote": "git_remote"}


class RunspectRecordReader:
    """Read anew whenever it is written: at the start and at the end of a run."""

    name = "runspect"
    mode: Mode = "replace"
    precision = 3
    names = ("run.json",)

    def claim(self, entry: Entry) -> Claim | None:
        """By its name and the format it says it has: other tools call files `run.json` too."""
        if entry.name != "run.json" or f'"{FORMAT}"'.encode() not in utf8(entry.head()):
            return None
        hints = (("exported", "yes"),) if b'"exported"' in entry.head() else ()
        return Claim(self.name, entry.path, entry.directory, "container", "status", 2, "runspect", hints)

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch of params and facts."""
        return read_whole(path, cursor, self.name, parse, LARGEST)


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
    facts = _facts(found)
    if isinstance(found.get("exported"), dict):
        return Batch(Cursor(), params=params, facts=runspect_export.facts(found, facts), ids=runspect_export.ids(found))
    return Batch(Cursor(), params=params, facts=facts)


def _facts(found: Mapping[str, Any]) -> dict[str, Json]:
    facts = texts(found, _TEXTS)
    facts |= {key: found[key] for key in _NUMBERS if _is_number(found.get(key))}
    for key in ("started", "ended"):
        if isinstance(found.get(key), str) and (time := moment(found[key])) is not None:
            facts[key] = time
    if found.get("status") in ("finished", "failed", "killed", "crashed"):
        facts["end_state"] = found["status"]
    if isinstance(found.get("tags"), list):
        facts["tags"] = [str(tag) for tag in found["tags"]]
    return facts | _git(found.get("git"))


def _git(found: object) -> dict[str, Json]:
    if not isinstance(found, Mapping):
        return {}
    facts = texts(found, _GIT)
    if isinstance(found.get("dirty"), bool):
        facts["git_dirty"] = found["dirty"]
    return facts


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


READER = RunspectRecordReader()
