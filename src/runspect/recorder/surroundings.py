"""What surrounds a run that records itself, found out beside it: `start` does not wait, the end waits a little."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from runspect.recorder.warn import warn
from runspect.recorder.writer import RecordWriter

PATIENCE_S = 5.0
"""How long the end of a short run waits for what is still being found out."""


class Surroundings:
    """Looks at repository, packages and machine in a thread of its own, and tells the record."""

    def __init__(self, record: RecordWriter, without: Path, config: Mapping[str, object]) -> None:
        """Begin. `without`: the directory of all records, whose files are no sources; `config`: what the program gave."""
        self._record = record
        self._without = without
        self._config = config
        self._thread = threading.Thread(target=self._look, name="runspect-surroundings", daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Wait until all is told, or `PATIENCE_S`."""
        self._thread.join(PATIENCE_S)

    def _look(self) -> None:
        try:
            from runspect.recorder.capture import at_once, begin, slowly

            argv, environ, directory = list(sys.orig_argv), dict(os.environ), self._record.directory
            here, without = str(Path.cwd()), (self._without,)
            snapshot = begin(here, environ, directory, without)
            facts = at_once(argv, here, environ)
            if self._config:  # it says more than the command line
                facts.pop("config", None)
            self._record.update(self._fresh(facts))
            self._record.update(
                self._fresh(slowly(argv, here, environ, directory, (), without, snapshot, lambda: False))
            )
        except Exception as error:  # noqa: BLE001 - what cannot be found out must not end a training
            if not self._record.directory.exists():  # which is said by who writes the points
                return
            warn("surroundings", f"not all that surrounds this run is recorded: {type(error).__name__}: {error}")

    def _fresh(self, facts: Mapping[str, object]) -> dict[str, object]:
        """Those that the program did not give itself."""
        return {key: value for key, value in facts.items() if not self._record.says(key) or key == "git"}
