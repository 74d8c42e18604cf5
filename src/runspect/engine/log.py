"""The engine's one log: standard streams included, rotated once it is large."""

from __future__ import annotations

import logging
import logging.handlers
import os
import sys
from pathlib import Path

LOG_BYTES = 1 << 20

LOG = logging.getLogger("runspect")


class _StreamsHandler(logging.handlers.RotatingFileHandler):
    """Keeps standard output and standard error on the file that it writes, across rotations."""

    def doRollover(self) -> None:
        super().doRollover()
        self.capture_streams()

    def capture_streams(self) -> None:
        if self.stream is not None:
            for stream in (1, 2):
                os.dup2(self.stream.fileno(), stream)


def start_log(path: Path) -> None:
    """Send log records and both standard streams to `path`. A log that cannot be written is done without."""
    # A full disk must not turn each log line into a traceback.
    logging.raiseExceptions = False
    LOG.setLevel(logging.INFO)
    try:
        handler = _StreamsHandler(path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        sys.stderr.write(f"no log at {path}: {error}\n")
        return
    handler.setFormatter(logging.Formatter(f"%(asctime)s {os.getpid()} %(levelname)s %(message)s"))
    handler.capture_streams()
    LOG.addHandler(handler)
