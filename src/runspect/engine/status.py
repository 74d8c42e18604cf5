"""What the engine says of itself."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from runspect import __version__
from runspect.engine.core import Parts
from runspect.engine.serve import Server
from runspect.model import Json


def status(parts: Parts, server: Server, roots: list[str], uptime_s: float, note: str) -> dict[str, Json]:
    """The reply to `status`; `note` is why the engine is not in its usual place."""
    index = parts.store.path
    notes = [note, parts.store.note, parts.annotations.note]
    found: dict[str, Json] = {
        "pid": os.getpid(), "version": __version__, "uptime_s": round(uptime_s, 1), "clients": server.clients(),
        "roots": roots, "watching": "", "index": str(index), "index_bytes": _bytes_of(index),
        "rss_bytes": _resident_bytes(), "lag_s": 0.0, "behind": 0,
    }  # fmt: skip
    found.update(parts.syncer.status())
    found["note"] = "; ".join(filter(None, [*notes, str(found.get("note", ""))]))
    return found


def _bytes_of(index: Path) -> int:
    # `stat` alone: opening the index would drop DuckDB's lock on it.
    total = 0
    for file in (index, index.with_name(f"{index.name}.wal")):
        with suppress(OSError):
            total += file.stat().st_size
    return total


def _resident_bytes() -> int:
    with suppress(OSError, ValueError, IndexError):
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0
