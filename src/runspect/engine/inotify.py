"""The kernel's inotify, by its three system calls: knows which directories really are watched.

watchdog adds its watches by itself, swallows a full watch table, and reads its own opens and closes as events; with ten
thousand directories it loses changes without a word.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import errno
import os
import select
import struct
import threading
from collections.abc import Callable
from contextlib import suppress

IN_MODIFY, IN_ATTRIB = 0x2, 0x4
IN_MOVED_FROM, IN_MOVED_TO, IN_CREATE, IN_DELETE = 0x40, 0x80, 0x100, 0x200
IN_DELETE_SELF, IN_MOVE_SELF = 0x400, 0x800
IN_UNMOUNT, IN_OVERFLOW, IN_IGNORED = 0x2000, 0x4000, 0x8000
IN_ONLYDIR, IN_ISDIR = 0x1000000, 0x40000000
_MASK = (
    IN_MODIFY | IN_ATTRIB | IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE
    | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR
)  # fmt: skip
_EVENT = struct.Struct("iIII")
BUFFER = 1 << 18

OnEvent = Callable[[str, str, bool], None]
"""(directory, name in it or "", only a file's content changed)"""


class Inotify:
    """Watches directories and calls back from a thread of its own; mutable, thread-safe.

    Raises:
        OSError: There is no inotify, or no instance is left.
    """

    def __init__(self, on_event: OnEvent, on_overflow: Callable[[], None]) -> None:
        self._on_event = on_event
        self._on_overflow = on_overflow
        self._libc = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True)
        self._fd = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._fd < 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
        self._wake_read, self._wake_write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._lock = threading.Lock()
        self._reading = threading.Lock()
        self._paths: dict[int, str] = {}
        self._numbers: dict[str, int] = {}
        self._thread = threading.Thread(target=self._run, name="inotify", daemon=True)
        self._thread.start()

    @property
    def watched(self) -> frozenset[str]:
        """Directories that the kernel watches for us."""
        with self._lock:
            return frozenset(self._numbers)

    def add(self, directory: str) -> bool:
        """Watch a directory; False when the kernel has no watch left.

        Raises:
            OSError: The directory is not there or may not be read.
        """
        with self._lock:
            if directory in self._numbers:
                return True
            number = self._libc.inotify_add_watch(self._fd, os.fsencode(directory), _MASK)
            if number >= 0:
                self._numbers.pop(self._paths.get(number, ""), None)  # moved: one watch follows the directory
                self._paths[number] = directory
                self._numbers[directory] = number
                return True
        code = ctypes.get_errno()
        if code in (errno.ENOSPC, errno.ENOMEM, errno.EMFILE):
            return False
        raise OSError(code, os.strerror(code), directory)

    def remove(self, directory: str) -> None:
        """No longer watch a directory."""
        with self._lock:
            number = self._numbers.pop(directory, None)
            if number is not None:
                self._paths.pop(number, None)
                self._libc.inotify_rm_watch(self._fd, number)

    def drain(self) -> None:
        """Return when everything that happened before the call was called back for."""
        with self._reading:  # what the thread has read it has told by now
            self._read_on(until_empty=True)

    def close(self) -> None:
        """End the thread and give all watches back."""
        os.write(self._wake_write, b"x")
        self._thread.join()
        for descriptor in (self._fd, self._wake_read, self._wake_write):
            os.close(descriptor)

    def _run(self) -> None:
        poll = select.poll()
        poll.register(self._fd, select.POLLIN)
        poll.register(self._wake_read, select.POLLIN)
        while True:
            ready = {descriptor for descriptor, _ in poll.poll()}
            if self._wake_read in ready:
                return
            with self._reading:
                self._read_on(until_empty=False)

    def _read_on(self, *, until_empty: bool) -> None:
        """Call back for what the kernel tells; what happens meanwhile need not be waited for."""
        with suppress(BlockingIOError):
            data = os.read(self._fd, BUFFER)
            self._dispatch(data)
            while until_empty and len(data) > BUFFER // 2:
                data = os.read(self._fd, BUFFER)
                self._dispatch(data)

    def _dispatch(self, data: bytes) -> None:
        place = 0
        while place < len(data):
            number, mask, _, length = _EVENT.unpack_from(data, place)
            name = data[place + _EVENT.size : place + _EVENT.size + length].rstrip(b"\0")
            place += _EVENT.size + length
            if mask & IN_OVERFLOW:
                self._on_overflow()
                continue
            with self._lock:
                directory = self._paths.get(number)
                if mask & IN_IGNORED and directory is not None:
                    del self._paths[number]
                    if self._numbers.get(directory) == number:
                        del self._numbers[directory]
            if directory is not None:
                content = mask & (IN_MODIFY | IN_ATTRIB) and not mask & IN_ISDIR
                self._on_event(directory, os.fsdecode(name), bool(content))
