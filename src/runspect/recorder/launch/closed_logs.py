"""Log files below the working directory that a run writes and closes at once, as Lightning's CSV logger does.

Hardly ever are they seen open. What changed while no other process worked in the directory is the run's; where others
do, or the directory is on a network and may have writers elsewhere, time alone tells nothing. Nothing surer is to be had
without privileges: inotify names no process, fanotify tells an ordinary user only of its own, and looking at /proc more
often costs more and still misses a file that is open for a millisecond.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Collection, Iterator
from typing import NamedTuple

MOST_ENTRIES = 300
"""A directory with more is none of logs, but of data."""
MOST_DIRECTORIES = 1000
DEEPEST = 6

_LOGS = re.compile(r"\.(?:csv|tsv|jsonl|ndjson|json|log|wandb|db|db3|sqlite3?|journal)$|tfevents", re.IGNORECASE)
_NEVER = frozenset(("node_modules", "site-packages", "__pycache__"))
_ONLOOKERS = frozenset((
    "sh", "bash", "zsh", "fish", "dash", "ksh", "tcsh", "csh", "tmux", "screen", "script", "login", "su",
    "sudo", "ssh", "sshd", "vi", "vim", "nvim", "view", "nano", "emacs", "micro", "hx", "less", "more", "man",
    "most", "cat", "tail", "head", "watch", "top", "htop", "btop", "nvtop", "nvidia-smi", "git", "tig",
    "lazygit", "ls", "find", "grep", "rg", "fzf", "ncdu", "ranger", "make", "tensorboard", "ps", "sleep",
    "strace", "gdb", "direnv", "starship",
))  # fmt: skip
"""Programs that write no logs of a training."""
_NETWORK = frozenset((
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "lustre", "gpfs", "beegfs", "ceph", "fuse.sshfs", "glusterfs",
    "fuse.glusterfs", "afs", "9p", "virtiofs", "wekafs",
))  # fmt: skip


class Changed(NamedTuple):
    """What was written between two looks. Times are seconds since 1970."""

    logs: list[tuple[str, float]]
    """Path and time of the last change."""
    since: float
    alone: bool
    """Nobody else worked there."""


class ClosedLogs:
    """Mutable, for one thread."""

    def __init__(self, cwd: str, without: str, started: float) -> None:
        """Look below `cwd`, but not in `without`, the directory of records; `started` in s since 1970."""
        self._cwd = os.path.realpath(cwd)
        self._without = os.path.realpath(without)
        self._looked = started
        self._others = False
        self._own: set[int] = set()
        self._is_local = file_system(self._cwd) not in _NETWORK

    def watch(self, own: Collection[int]) -> None:
        """See whether others work in the directory. Often, for they may be gone soon.

        Args:
            own: Processes of the run and of the recorder; those of earlier calls are its own still, whoever's child they
                are by now.
        """
        if self._is_local and not self._others:
            self._own.update(own)
            self._others = _others_in(self._cwd, self._own)

    def changed(self, now: float) -> Changed:
        """The logs that were written since the last look."""
        since, self._looked = self._looked, now
        others, self._others = self._others, False
        if not self._is_local:
            return Changed([], since, False)
        found = [(path, at) for path, at in _logs(self._cwd, self._without) if since <= at <= now]
        return Changed(found, since, not others)


def file_system(path: str) -> str:
    """The type of the file system that a directory is on, as /proc/self/mountinfo (proc(5)) has it; "" if unknown."""
    best, kind = "", ""
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            for line in file:
                fields, _, rest = line.partition(" - ")
                point = fields.split(" ")[4].replace("\\040", " ")
                if f"{path}/".startswith(f"{point.rstrip('/')}/") and len(point) >= len(best):
                    best, kind = point, rest.split(" ")[0]
    except (OSError, IndexError):
        return ""
    return kind


def _others_in(cwd: str, own: Collection[int]) -> bool:
    """Whether a process that is none of the run's, and no onlooker, has its working directory in `cwd`."""
    for name in os.listdir("/proc"):  # noqa: PTH208 - often
        if not name.isdigit() or int(name) in own:
            continue
        try:
            place = os.readlink(f"/proc/{name}/cwd")  # noqa: PTH115
        except OSError:  # somebody else's, or gone
            continue
        if f"{place}/".startswith(f"{cwd}/") and not _is_onlooker(name) and not _is_below(int(name), own):
            return True
    return False


def _is_below(pid: int, own: Collection[int]) -> bool:
    """Whether a process is a child of one of these, or of its child …: it may have begun just now."""
    for _ in range(DEEPEST):
        fields = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
        pid = int(fields[1]) if len(fields) > 1 else 0
        if pid in own:
            return True
        if pid <= 1:
            return not fields  # it is gone
    return False


def _is_onlooker(pid: str) -> bool:
    words = _read(f"/proc/{pid}/cmdline").split(b"\0")[:5]
    if not words[0]:
        return True  # a zombie, a thread of the kernel
    names = [os.path.basename(word).decode("utf-8", "replace").lstrip("-") for word in words]  # noqa: PTH119
    # another record's program is a process of its own
    return names[0] in _ONLOOKERS or any(name == "runspect" or name.startswith("runspect.") for name in names)


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            return file.read(4096)
    except OSError:
        return b""


def _logs(root: str, without: str) -> Iterator[tuple[str, float]]:
    waiting, seen = [(root, 0)], 0
    while waiting and seen < MOST_DIRECTORIES:
        directory, depth = waiting.pop(0)
        seen += 1
        try:
            with os.scandir(directory) as listed:
                entries = [entry for _, entry in zip(range(MOST_ENTRIES + 1), listed, strict=False)]
        except OSError:
            continue
        if len(entries) > MOST_ENTRIES:
            continue
        for entry in entries:
            try:
                if entry.is_dir(follow_symlinks=False):
                    if depth < DEEPEST and not _left_out(entry, without):
                        waiting.append((entry.path, depth + 1))
                elif _LOGS.search(entry.name):
                    found = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(found.st_mode):
                        yield entry.path, found.st_mtime
            except OSError:
                continue


def _left_out(entry: os.DirEntry[str], without: str) -> bool:
    return entry.name.startswith(".") or entry.name in _NEVER or entry.path == without
