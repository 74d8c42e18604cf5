"""NeMo's exp_manager: `cmd-args.log` and `git-info.log` beside Lightning's files, event files and `nemo_log_*.txt`.

At a resume the files of the attempt before are moved to `run_<n>/`: all of them are one run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from runspect.model import Claim, Json
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.whole import read_whole

ATTEMPT = "run_"
_MOVED = re.compile(ATTEMPT + r"\d+")
_COMMIT = re.compile(r"commit hash: ?([0-9a-f]{7,64})")
_LARGEST = 64 << 20


class NemoReader:
    """The command and the code."""

    name = "nemo"
    mode: Mode = "replace"
    precision = 3
    names = ("cmd-args.log", "git-info.log")

    def claim(self, entry: Entry) -> Claim | None:
        """`cmd-args.log` and `git-info.log`, by names that no other tool uses."""
        moved = _MOVED.fullmatch(entry.folder)
        if entry.name not in ("cmd-args.log", "git-info.log"):
            return None
        root = entry.above if moved else entry.directory
        return Claim(self.name, entry.path, root, "container", "status", 3, "nemo", (("attempts", ATTEMPT),))

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch of facts."""
        return read_whole(path, cursor, self.name, _parse, _LARGEST)


def _parse(path: Path, text: str) -> Batch:
    if path.name == "cmd-args.log":
        command = text.strip()
        return Batch(Cursor(), facts={"command": command, "program": command.split()[0]} if command else {})
    match = _COMMIT.search(text)
    facts: dict[str, Json] = {"git_commit": match[1]} if match else {}
    if match and re.search(r"^diff --git ", text, re.MULTILINE):
        facts |= {"git_dirty": True, "git_patch": path.name}
    return Batch(Cursor(), facts=facts)


READER = NemoReader()
