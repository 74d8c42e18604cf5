"""Which log files outside the record a run has written: seen open in its processes, and what lies beside those."""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

MOST = 200
"""Files that are told."""
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
_CACHES = re.compile(
    r"/(?:__pycache__|\.cache|\.git|\.hg|\.nv|\.triton|\.local|\.config|\.ipynb_checkpoints|\.pytest_cache|\.mypy_cache|node_modules|"
    r"site-packages|torchinductor_\w+)/"
)


class WrittenFiles:
    """Collects the files; mutable, for one thread."""

    def __init__(self, record: Path, cwd: str, started: float) -> None:
        """Leave out what lies in `record`; temporary directories count only where the run works in one itself."""
        self.changed = False
        self._record = f"{os.path.realpath(record)}/"
        self._started = started
        self._temporary = tuple(place for place in _temporary_directories() if not f"{cwd}/".startswith(place))
        self._files: dict[str, list[float]] = {}
        self._directories: set[str] = set()

    def saw(self, paths: Iterable[str], now: float) -> None:
        """Files that are open for writing at time `now`."""
        for path in paths:
            if path in self._files:
                self._files[path][1] = now
            elif self._counts(path):
                self._directories.add(os.path.dirname(path))  # noqa: PTH120 - once a second for every open file
                if not _WEIGHTS.search(path) and len(self._files) < MOST:
                    self._files[path] = [now, now]
                    self.changed = True

    def look_beside(self, now: float) -> None:
        """Add what was changed since the start in directories where the run had files open: some loggers close theirs."""
        for path, modified in (found for directory in sorted(self._directories) for found in _beside(directory)):
            if modified < self._started or path in self._files or len(self._files) >= MOST:
                continue
            if self._counts(path) and not _WEIGHTS.search(path):
                seen = min(modified, now)
                self._files[path] = [seen, seen]
                self.changed = True

    def changed_at(self, found: Iterable[tuple[str, float]]) -> None:
        """Files that the run is known to have written, and when they changed last."""
        for path, modified in found:
            if path in self._files:
                self._files[path][1] = max(self._files[path][1], modified)
            elif len(self._files) < MOST and self._counts(path) and not _WEIGHTS.search(path):
                self._files[path] = [modified, modified]
                self.changed = True

    def facts(self) -> list[dict[str, object]]:
        """`[{path, from, to}]`, times in ISO 8601."""
        self.changed = False
        return [{"path": path, "from": _iso(seen[0]), "to": _iso(seen[1])} for path, seen in self._files.items()]

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
