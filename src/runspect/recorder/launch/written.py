"""Which log files outside the record a run has written: seen open in its processes, and what lies beside those."""

from __future__ import annotations

import math
import os
import re
import stat
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

MOST = 200
"""Files that are told."""
HELD_S = 2.0
"""A file that was open at each look for so long is kept open, not opened for each write: others are seen to have it, too."""
MOST_BESIDE = 200
"""Entries of a directory that are looked at for files beside one that was seen open."""

_WEIGHTS = re.compile(
    r"\.(?:pt|pth|ckpt|safetensors|bin|h5|hdf5|npy|npz|pkl|pickle|joblib|onnx|pb|msgpack|gguf|orbax|distcp|tar|tgz|gz|zst|zip|"
    r"xz|bz2|7z|arrow|feather|lmdb|mdb|tfrecord|rec|idx|dat|png|jpe?g|gif|svg|pdf|mp4|webm|wav|mp3|so|o|a|whl)$",
    re.IGNORECASE,
)
_TEMPORARY = re.compile(
    r"~$|\.(?:tmp|temp|part|partial|swp|swo|lock|lck|pid|sock|pyc|nfs\w*|new|crdownload)$|^\.nfs|^core(?:\.\d+)?$|-(?:wal|shm|journal)$",
    re.IGNORECASE,
)
_STORES = re.compile(r"\.(?:db|db3|sqlite3?|journal)$|(?:optuna|journal|study)[^/]*\.(?:log|jsonl)$", re.IGNORECASE)
"""Files that may hold the runs of several programs (mlflow.db, a study of Optuna)."""
_CACHES = re.compile(
    r"/(?:__pycache__|\.cache|\.git|\.hg|\.nv|\.triton|\.local|\.config|\.ipynb_checkpoints|\.pytest_cache|\.mypy_cache|node_modules|"
    r"site-packages|torchinductor_\w+)/"
)


@dataclass(slots=True)
class _Seen:
    """What is known of a file. Times are seconds since 1970."""

    begun: float
    ended: float
    open_since: float = math.inf
    """It was found open at each look since; inf where it was not at the last."""
    held: bool = False
    """It is kept open, not opened for each write."""
    alone: bool = False
    """It changed while nobody else was there."""
    shared: bool = False
    """Others had it open, too."""
    doubted: float = math.inf
    """It changed then, when others were there, and was not known to be kept open."""


class WrittenFiles:
    """Collects the files; mutable, for one thread."""

    def __init__(self, record: Path, cwd: str, started: float) -> None:
        """Leave out what lies in `record`; temporary directories count only where the run works in one itself."""
        self.changed = False
        self._record = f"{os.path.realpath(record)}/"
        self._started = started
        self._temporary = tuple(place for place in _temporary_directories() if not f"{cwd}/".startswith(place))
        self._files: dict[str, _Seen] = {}
        self._directories: set[str] = set()

    def saw(self, paths: Iterable[str], now: float) -> None:
        """Files that are open for writing at time `now`: all of them."""
        open_now = set(paths)
        for path in open_now:
            if path in self._files:
                self._files[path].ended = now
            elif self._counts(path):
                self._directories.add(os.path.dirname(path))  # noqa: PTH120 - once a second for every open file
                self._add(path, now, now)
        for path, seen in self._files.items():
            seen.open_since = min(seen.open_since, now) if path in open_now else math.inf
            if not seen.held and now - seen.open_since >= HELD_S:
                seen.held = self.changed = True
                if seen.open_since <= seen.doubted:  # those who were there then would have been seen to have it
                    seen.doubted = math.inf

    def look_beside(self, now: float) -> None:
        """Add what was changed since the start in directories where the run had files open: some loggers close theirs."""
        for path, modified in (found for directory in sorted(self._directories) for found in _beside(directory)):
            if modified >= self._started and path not in self._files and self._counts(path):
                seen = min(modified, now)
                self._add(path, seen, seen)

    def changed_at(self, found: Iterable[tuple[str, float]], since: float, alone: bool) -> None:
        """Logs that changed since the last look at time `since`, and when they did last.

        They are the run's if it was `alone` with them. Else one that is not kept open, in which case it would be seen
        who does, may be others' as well.
        """
        for path, modified in found:
            seen = self._files.get(path)
            if seen is None and alone and self._counts(path):
                seen = self._add(path, min(since, modified), modified)
            if seen is not None and alone:
                self.changed = self.changed or not seen.alone
                seen.ended, seen.alone = max(seen.ended, modified), True
            elif seen is not None and not seen.held and math.isinf(seen.doubted):
                seen.doubted, self.changed = modified, True

    def stores(self) -> list[str]:
        """Files that others may have open, too, as far as it is not known of them."""
        return [path for path, seen in self._files.items() if not seen.shared and _STORES.search(path)]

    def shared(self, paths: Iterable[str]) -> None:
        """Others have these open for writing."""
        for path in paths:
            if path in self._files and not self._files[path].shared:
                self._files[path].shared = self.changed = True

    def facts(self) -> list[dict[str, object]]:
        """`[{path, from, to}]`, times in ISO 8601; `"shared": true` where others may have written it, too."""
        self.changed = False
        found: list[dict[str, object]] = []
        for path, seen in self._files.items():
            found.append({"path": path, "from": _iso(seen.begun), "to": _iso(seen.ended)})
            unsure = _STORES.search(path) and not seen.held and not seen.alone
            if seen.shared or unsure or not math.isinf(seen.doubted):
                found[-1]["shared"] = True
        return found

    def _add(self, path: str, begun: float, ended: float) -> _Seen | None:
        if len(self._files) >= MOST or _WEIGHTS.search(path):
            return None
        self.changed = True
        self._files[path] = _Seen(begun, ended)
        return self._files[path]

    def _counts(self, path: str) -> bool:
        if path.startswith((self._record, *self._temporary)) or _CACHES.search(path):
            return False
        return not _TEMPORARY.search(path.rpartition("/")[2])


def _beside(directory: str) -> Iterator[tuple[str, float]]:
    try:
        with os.scandir(directory) as entries:
            for number, entry in enumerate(entries):
                if number >= MOST_BESIDE:
                    return
                found = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(found.st_mode):
                    yield entry.path, found.st_mtime
    except OSError:
        return


def _temporary_directories() -> tuple[str, ...]:
    named = os.environ.get("TMPDIR") or "/tmp"
    return tuple(f"{os.path.realpath(place)}/" for place in {named, "/tmp", "/var/tmp", "/dev/shm", "/run"})


def _iso(moment: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment)) + f".{int(moment % 1 * 1000):03d}+00:00"
