"""Compressed logs, which are not read: a line in Health says so instead of silence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from runspect.model import Claim
from runspect.readers.claims import among_data, named_like_a_log
from runspect.readers.contract import Batch, Cursor, Entry, Mode

ENDINGS = (".gz", ".xz", ".bz2", ".zst")
_LOGS = (".jsonl", ".ndjson", ".csv", ".tsv", ".log", ".out")


class CompressedReader:
    """Claims nothing; names the fault of what would be a log if it were unpacked."""

    name = "compressed"
    mode: Mode = "replace"
    precision = 0
    names = tuple(f"*{ending}" for ending in ENDINGS)

    def claim(self, entry: Entry) -> Claim | None:
        """None; the fault by the name alone: tables of data are compressed too, and are no logs."""
        inner = entry.name.rpartition(".")[0]
        plain = inner.endswith((".log", ".out")) or named_like_a_log(inner)
        if inner.endswith(_LOGS) and plain and not among_data(entry.path) and not _beside(entry, inner):
            entry.fault = "a compressed log: unpack it to see it"
        return None

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """Nothing.

        Raises:
            OSError: The file cannot be looked at.
        """
        path.stat()
        return iter(())


def _beside(entry: Entry, inner: str) -> bool:
    """Whether it lies there unpacked as well."""
    return inner in entry.siblings


READER = CompressedReader()
