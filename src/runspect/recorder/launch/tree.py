"""The processes below one, and what each holds: memory and open files, from /proc (proc(5)). Linux only."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator

_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_ACCESS_MODE = 3  # O_RDONLY is 0, O_WRONLY 1, O_RDWR 2
MOST = 4096
"""Processes that are looked at."""


def descendants(pid: int) -> list[int]:
    """A process and all below it, those first seen first; [] when it is gone."""
    found, at = [pid], 0
    while at < len(found) < MOST:
        found.extend(_children(found[at]))
        at += 1
    return found


def resident(pids: list[int]) -> int:
    """Bytes of memory that these processes have resident together; what they share counts for each."""
    return sum(_resident(pid) for pid in pids)


def written_files(pid: int, known: set[tuple[int, str, str]]) -> Iterator[str]:
    """Paths of the regular files that a process has open for writing.

    Args:
        known: Grows by (process, descriptor, target) of what is open and not written; it is not asked again.
    """
    try:
        descriptors = os.listdir(f"/proc/{pid}/fd")  # noqa: PTH208 - once a second for every process
    except OSError:
        return
    for descriptor in descriptors:
        try:
            target = os.readlink(f"/proc/{pid}/fd/{descriptor}")  # noqa: PTH115
        except OSError:
            continue
        if (
            not target.startswith("/")
            or target.startswith(("/dev/", "/proc/", "/sys/"))
            or target.endswith(" (deleted)")
        ):
            continue
        if (pid, descriptor, target) in known:
            continue
        if _is_written(pid, descriptor):
            yield target
        else:
            known.add((pid, descriptor, target))


def held_by_others(paths: Collection[str], own: Collection[int]) -> set[str]:
    """Which of these files a process that is none of the run's has open for writing, as far as this user may see it."""
    wanted, found = set(paths), set[str]()
    for name in os.listdir("/proc"):  # noqa: PTH208
        if not wanted:
            break
        if name.isdigit() and int(name) not in own:
            found |= {path for path, descriptor in _open_files(name, wanted) if _is_written(int(name), descriptor)}
            wanted -= found
    return found


def _open_files(pid: str, wanted: Collection[str]) -> Iterator[tuple[str, str]]:
    """(path, descriptor) of the wanted files that a process has open."""
    try:
        descriptors = os.listdir(f"/proc/{pid}/fd")  # noqa: PTH208
    except OSError:  # somebody else's, or gone
        return
    for descriptor in descriptors:
        try:
            target = os.readlink(f"/proc/{pid}/fd/{descriptor}")  # noqa: PTH115
        except OSError:
            continue
        if target in wanted:
            yield target, descriptor


def _children(pid: int) -> Iterator[int]:
    try:
        threads = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208
    except OSError:
        return
    for thread in threads:
        for child in _read(f"/proc/{pid}/task/{thread}/children").split():
            yield int(child)


def _resident(pid: int) -> int:
    fields = _read(f"/proc/{pid}/statm").split()
    return int(fields[1]) * _PAGE if len(fields) > 1 else 0


def _is_written(pid: int, descriptor: str) -> bool:
    for line in _read(f"/proc/{pid}/fdinfo/{descriptor}").splitlines():
        if line.startswith(b"flags:"):
            return int(line.split()[1], 8) & _ACCESS_MODE != os.O_RDONLY
    return False


def _read(path: str) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return os.read(descriptor, 1 << 16)
    except OSError:
        return b""
    finally:
        os.close(descriptor)
