"""Writes the record of a run: `run.json` (what it is, how it ended), `metrics.jsonl`, `console.log`."""

from __future__ import annotations

import getpass
import json
import os
import platform
import shlex
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Literal, TextIO

from runspect import __version__
from runspect.model import Json
from runspect.readers.runspect_record import FORMAT

End = Literal["finished", "failed", "killed"]


class Record:
    """An open record; mutable. Used as a context it ends as finished, or as failed when an exception passes."""

    def __init__(self, directory: Path, name: str, config: Mapping[str, Json], facts: Mapping[str, Json]) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._metrics = _text_file(directory / "metrics.jsonl")
        self._console = _text_file(directory / "console.log")
        self._head: dict[str, Json] = {
            "format": FORMAT, "version": 1, "name": name, "status": "running", "exit_code": None, "reason": "",
            "started": _now(), "ended": None, "host": platform.node(), "pid": os.getpid(), "user": _user(),
            "command": shlex.join(sys.orig_argv), "cwd": str(Path.cwd()), "python": platform.python_version(),
            "writer": f"runspect {__version__}", **facts, "config": dict(config),
        }  # fmt: skip
        self._write_head()

    def log(self, step: int, time: float, values: Mapping[str, float]) -> None:
        """Append one line of metrics; `time` is seconds since 1970."""
        line = {"step": step, "time": round(time, 3), **{name: float(value) for name, value in values.items()}}
        self._metrics.write(json.dumps(line) + "\n")
        self._metrics.flush()

    def say(self, text: str) -> None:
        """Append one line to the console log."""
        self._console.write(text + "\n")
        self._console.flush()

    def end(self, status: End, exit_code: int | None, reason: str = "") -> None:
        """Say how it ended and close the files. Later calls do nothing."""
        if self._metrics.closed:
            return
        self._metrics.close()
        self._console.close()
        self._head |= {"status": status, "exit_code": exit_code, "reason": reason, "ended": _now()}
        self._write_head()

    def __enter__(self) -> Record:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.end("finished", 0)
        elif isinstance(error, KeyboardInterrupt):
            self.end("killed", None, "interrupted from the keyboard")
        else:
            self.end("failed", 1, f"{type(error).__name__}: {error}")

    def _write_head(self) -> None:
        # written beside and moved into place, so that a reader never sees half of it
        draft = self._directory / ".run.json.new"
        draft.write_text(json.dumps(self._head, indent=2) + "\n", encoding="utf-8")
        draft.replace(self._directory / "run.json")


def _text_file(path: Path) -> TextIO:
    return path.open("w", encoding="utf-8")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # no entry for this user id and no LOGNAME
        return str(os.getuid())
