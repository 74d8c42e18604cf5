"""What a program adds to a record that `runspect record` keeps of it: `api.json` beside the `run.json` of that.

Two writers of one file would lose what the other wrote; readers put the two together.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path

from runspect.recorder.layout import ADDED, HEAD, replace_json


class AddedFacts:
    """The open `api.json`; mutable. The first process of a record has it, others get a record of their own."""

    def __init__(self, directory: Path, facts: Mapping[str, object]) -> None:
        """Claim it.

        Raises:
            FileExistsError: Another process has it.
            FileNotFoundError: There is no record.
            OSError: It cannot be written.
        """
        self.directory = directory
        self._path = directory / ADDED
        self._facts = dict(facts)
        self._lock = threading.Lock()
        if not (directory / HEAD).exists():
            raise FileNotFoundError(f"no record at {directory}")
        self._claim()
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
