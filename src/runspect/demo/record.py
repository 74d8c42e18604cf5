"""The record of the demo's training: that of any run, begun and ended with a `with` block."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from runspect.model import Json
from runspect.recorder.process import process_facts
from runspect.recorder.writer import RecordWriter


class Record(RecordWriter):
    """An open record. Used as a context it ends as finished, or as failed when an exception passes."""

    def __init__(self, directory: Path, name: str, config: Mapping[str, Json], facts: Mapping[str, Json]) -> None:
        super().__init__(directory, {"name": name, **process_facts(), **facts, "config": dict(config)})

    def say(self, text: str) -> None:
        """Append one line to the console log."""
        self.console(text.encode() + b"\n")

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
