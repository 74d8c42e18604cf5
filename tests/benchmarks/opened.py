"""Whether somebody opens files of a tree meanwhile: inotify's word, as access times are kept once a day only."""

from __future__ import annotations

import ctypes
import os
import select
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

IN_OPEN, IN_ISDIR, IN_Q_OVERFLOW, IN_NONBLOCK = 0x20, 0x40000000, 0x4000, 0o4000
TICK_S = 0.02
_HEAD = struct.Struct("iIII")


@contextmanager
def opened(tree: Path) -> Iterator[list[str]]:
    """The names of files that were opened in `tree` while the block ran; the list is filled at its end.

    Raises:
        OSError: The system cannot watch so many directories.
    """
    library = ctypes.CDLL(None, use_errno=True)
    watch = library.inotify_init1(IN_NONBLOCK)
    for folder, _, _ in os.walk(tree):
        if library.inotify_add_watch(watch, os.fsencode(folder), IN_OPEN) < 0:
            os.close(watch)
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), folder)
    for _ in _names(watch):
        pass  # our own walk
    names: list[str] = []
    over = threading.Event()
    listener = threading.Thread(target=_listen, args=(watch, names, over))
    listener.start()
    try:
        yield names
    finally:
        over.set()
        listener.join()
        os.close(watch)


def _listen(watch: int, names: list[str], over: threading.Event) -> None:
    """Take what the system tells meanwhile: it keeps only some thousand events."""
    while not over.is_set():
        select.select([watch], [], [], TICK_S)
        names += _names(watch)
    names += _names(watch)


def _names(watch: int) -> Iterator[str]:
    while True:
        try:
            data = os.read(watch, 1 << 20)
        except BlockingIOError:
            return
        at = 0
        while at < len(data):
            _, mask, _, length = _HEAD.unpack_from(data, at)
            name = data[at + _HEAD.size : at + _HEAD.size + length].rstrip(b"\0")
            at += _HEAD.size + length
            if not mask & IN_ISDIR:
                yield "more than the kernel keeps" if mask & IN_Q_OVERFLOW else os.fsdecode(name)
