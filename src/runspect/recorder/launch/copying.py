"""Copies what a program writes to where it was to go and to the log, as it comes."""

from __future__ import annotations

import errno
import os
import select
import threading
import time
from collections.abc import Callable

from runspect.recorder.launch.streams import Channel
from runspect.recorder.launch.terminal import Mirror

CHUNK = 1 << 16
SMALL = 1 << 12
GATHER_S = 0.005
"""A program that writes little and often (a progress bar a step) is read so much later that pieces come together."""


class Copier:
    """A thread for one channel; it ends when nobody has the program's end open any more. Mutable."""

    def __init__(self, channel: Channel, log: Callable[[bytes], None], done: Callable[[], None] = lambda: None) -> None:
        """`done` is called at the end: whoever else holds the source must let go of it, or the program learns nothing."""
        self.mirror = Mirror(channel.source, channel.target) if channel.is_terminal else None
        self._channel = channel
        self._log = log
        self._done = done
        self._ask, self._asked = os.pipe()
        self._drained = threading.Event()
        self._target_gone = False
        self._thread = threading.Thread(target=self._copy, name="runspect-console", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def drain(self, seconds: float | None = None) -> bool:
        """Wait until all that was written before this call has been passed on, at most so long; whether it has."""
        until = None if seconds is None else time.monotonic() + seconds
        self._drained.clear()
        os.write(self._asked, b".")
        while self._thread.is_alive() and (until is None or time.monotonic() < until):
            if self._drained.wait(0.05):
                return True
        return not self._thread.is_alive()

    def join(self) -> None:
        """Wait until the last process that has the program's end is gone."""
        self._thread.join()

    def _copy(self) -> None:
        poll = select.poll()
        poll.register(self._channel.source, select.POLLIN)
        poll.register(self._ask, select.POLLIN)
        last = 0.0
        try:
            while True:
                ready = dict(poll.poll())
                if self._channel.source in ready:
                    begun = time.monotonic()
                    size = self._pass_on()
                    if not size:
                        return
                    if size < SMALL and begun - last < GATHER_S:
                        time.sleep(GATHER_S)
                    last = time.monotonic()
                elif self._ask in ready:
                    os.read(self._ask, 64)
                    self._drained.set()
        finally:
            self._drained.set()
            os.close(self._channel.source)
            self._done()
            if not self._target_gone:
                os.close(self._channel.target)

    def _pass_on(self) -> int:
        """Copy a piece; its size, 0 at the end."""
        try:
            data = os.read(self._channel.source, CHUNK)
        except OSError as error:
            if error.errno == errno.EIO:  # the last one has closed the terminal
                return 0
            raise
        if not data:
            return 0
        if self.mirror is not None:
            self.mirror.carry_modes()
        self._log(data)
        return len(data) if self._give(data) else 0

    def _give(self, data: bytes) -> bool:
        """Write to the caller's stream; False when its reader has left: then the program is to learn it as well."""
        view = memoryview(data)
        while view and not self._target_gone:
            try:
                view = view[os.write(self._channel.target, view) :]
            except BlockingIOError:  # somebody made the stream non-blocking, which all who share it must bear
                select.select([], [self._channel.target], [], 1.0)
            except OSError as error:
                if error.errno == errno.EPIPE and not self._channel.is_terminal:
                    return False
                # a terminal that was closed, a full disk behind `> file`: the run goes on, and so does its log
                self._target_gone = True
                os.close(self._channel.target)
        return True
