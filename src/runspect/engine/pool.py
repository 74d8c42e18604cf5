"""Reading many files: in this process when they are few and small, else in at most two worker processes."""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import BinaryIO, cast

from runspect.engine import wire
from runspect.engine.reading import Piece, Task, read

WORKERS = 2
INLINE_BYTES = 2_000_000
"""So much is read here: starting a worker takes longer."""
INLINE_FILES = 150
AHEAD = 24
"""Files that a worker is given before it has answered for the first of them."""
TICK_S = 0.05
HELD = 16
"""So many times what came together may wait to be stored; then the workers wait."""
PIPE = 1 << 20
"""Bytes that the pipes hold, where the system allows it: tasks must never wait for their worker to be heard."""


class Pool:
    """Starts workers when there is much to read and ends them when it is read; mutable, of one thread."""

    def __init__(self, workers: int = WORKERS) -> None:
        self._most = workers

    def read(self, tasks: Sequence[Task], sizes: Sequence[int], cancel: threading.Event) -> Iterator[Piece | None]:
        """Pieces of all tasks, None when there is none for a while; those of one task in order, tasks about in their order.

        A task without an end was cancelled, or its worker died.
        """
        if len(tasks) <= INLINE_FILES and sum(sizes) <= INLINE_BYTES:
            for task in tasks:
                if cancel.is_set():
                    return
                yield from read(task)
            return
        yield from _Crew(tasks, min(self._most, len(tasks)), cancel).pieces()


class _Crew:
    """The workers of one read; mutable."""

    def __init__(self, tasks: Sequence[Task], workers: int, cancel: threading.Event) -> None:
        self._tasks = tasks
        self._cancel = cancel
        self._next = 0
        self._pieces: queue.Queue[tuple[int, list[Piece]]] = queue.Queue(HELD)
        self._stopped = threading.Event()
        self._processes = [_start() for _ in range(workers)]
        self._threads = [
            threading.Thread(target=self._listen, args=(number,), name=f"worker-{number}", daemon=True)
            for number in range(workers)
        ]

    def pieces(self) -> Iterator[Piece | None]:
        try:
            for number in range(len(self._processes)):
                self._give(number, AHEAD)
            for thread in self._threads:
                thread.start()
            yield from self._collect()
        finally:
            self._end()

    def _collect(self) -> Iterator[Piece | None]:
        alive = len(self._processes)
        while alive:
            try:
                number, pieces = self._pieces.get(timeout=TICK_S)
            except queue.Empty:
                yield None
                continue
            if not pieces:
                alive -= 1
                continue
            if ended := sum(piece.ended for piece in pieces):
                self._give(number, ended)
            yield from pieces

    def _give(self, number: int, many: int) -> None:
        """Hand a worker its next tasks; close its input when there are no more."""
        stream = cast(BinaryIO, self._processes[number].stdin)
        if stream.closed:
            return
        with suppress(BrokenPipeError):
            for _ in range(many):
                if self._next >= len(self._tasks) or self._cancel.is_set():
                    stream.close()
                    return
                task = self._tasks[self._next]
                self._next += 1
                wire.send_task(stream, task)
            stream.flush()

    def _listen(self, number: int) -> None:
        stream = wire.Pieces(cast(BinaryIO, self._processes[number].stdout).fileno())
        while not self._stopped.is_set():
            pieces = stream.receive()
            self._put(number, pieces)
            if not pieces:
                return

    def _put(self, number: int, pieces: list[Piece]) -> None:
        while not self._stopped.is_set():
            with suppress(queue.Full):
                self._pieces.put((number, pieces), timeout=0.5)
                return

    def _end(self) -> None:
        self._stopped.set()
        for process in self._processes:
            with suppress(OSError):
                cast(BinaryIO, process.stdin).close()
            process.terminate()
        for process in self._processes:
            process.wait()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()
        for process in self._processes:
            cast(BinaryIO, process.stdout).close()


def _start() -> subprocess.Popen[bytes]:
    try:
        return _started(PIPE)
    except PermissionError:  # the user's pipes hold as much as they may already
        return _started(-1)


def _started(pipe: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "runspect.engine.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, pipesize=pipe,
    )  # fmt: skip
