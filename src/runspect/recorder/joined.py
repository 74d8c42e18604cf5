"""What a program adds to a record that `runspect record` keeps of it: `api.json` beside the `run.json` of that.

Two writers of one file would lose what the other wrote; readers put the two together.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path

from runspect.recorder.layout import ADDED, FORMAT, HEAD, VERSION, replace_json


class AddedFacts:
    """The open `api.json`; mutable. The first process of a record has it, others get a record of their own."""

    def __init__(self, directory: Path, facts: Mapping[str, object]) -> None:
        """Claim it. What the record's `run.json` says already was said by who ran the program, and stays.

        Raises:
            FileExistsError: Another process has it.
            FileNotFoundError: There is no record.
            OSError: It cannot be written.
            ValueError: The record's head is damaged.
        """
        self.directory = directory
        self._path = directory / ADDED
        self._lock = threading.Lock()
        head = json.loads((directory / HEAD).read_text("utf-8"))
        self._claim()
        self._facts = {"format": FORMAT, "version": VERSION, **_new(facts, head)}
        replace_json(self._path, self._facts)

    def update(self, facts: Mapping[str, object]) -> None:
        """Set keys.

        Raises:
            OSError: It cannot be written.
        """
        with self._lock:
            self._facts.update(facts)
            replace_json(self._path, self._facts)

    def _claim(self) -> None:
        # Whoever makes the draft may look whether the file is there; before that the answer could be out of date.
        draft = self._path.with_name(f".{ADDED}.new")
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        if self._path.exists():
            draft.unlink()
            raise FileExistsError(f"{self._path} is another process's")


def _new(facts: Mapping[str, object], head: object) -> dict[str, object]:
    """Those facts that the head lacks; the tags of both. A name that the head says nobody gave gives way."""
    told = head if isinstance(head, dict) else {}
    fresh = {key: value for key, value in facts.items() if key in ("config", "tags") or not told.get(key)}
    if told.get("named") is False and "name" in facts:
        fresh["name"] = facts["name"]
    if isinstance(tags := facts.get("tags"), list) and isinstance(given := told.get("tags"), list):
        fresh["tags"] = list(dict.fromkeys([*given, *tags]))
    return fresh
