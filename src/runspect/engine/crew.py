"""Worker processes that read files: given a few ahead of their answers, heard by a thread each."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from typing import BinaryIO, cast

from runspect.dataclass import dataclass, field
from runspect.engine import wire
from runspect.engine.reading import Piece, Task

AHEAD = 96
"""Files that a worker is given before it has answered for the first of them: a turn of the interpreter takes as long as
reading dozens of small ones."""
AHEAD_BYTES = 1 << 20
"""But none more when they are so large: the other worker may be idle."""
LOT = 32
"""So many are given at once: each time costs a call of the system."""
TICK_S = 0.05
HELD_BYTES = 64 << 20
"""So much of what came may wait to be taken; then the workers wait."""
PIECE_BYTES = 4 << 10
"""What a piece takes besides its points, about."""
PIPE = 1 << 20
"""Bytes that the pipes hold, where the system allows it: tasks must never wait for their worker to be heard."""


@dataclass(slots=True)
class _Worker:
    process: subprocess.Popen[bytes]
    given: deque[int] = field(default_factory=deque)
    """Sizes of the files that it has not answered for, in the order in which it will."""

    def has_room(self) -> bool:
        return len(self.given) < AHEAD and sum(self.given) < AHEAD_BYTES


class Crew:
    """Reads what it is told until it is closed; mutable, of one thread."""

    def __init__(self, workers: int, cancel: threading.Event) -> None:
        self._cancel = cancel
        self._backlog: deque[tuple[Task, int]] = deque()
        self._all_told = False
        self._bounded = True
        self._stopped = False
        self._came: deque[tuple[list[Piece], int]] = deque()
        """Pieces that came together, and how many bytes they take."""
        self._held = 0
        """Bytes of all of them."""
        self._answered = 0
        self._news = threading.Condition()
        """Guards all of the above, and the workers."""
        self._workers: list[_Worker] = []
        self._alive = 0
        self._threads: list[threading.Thread] = []
        self.grow(workers)

    def grow(self, workers: int) -> None:
        """Have so many workers at least; before the last files are told."""
        for number in range(len(self._workers), workers):
            worker = _Worker(_start())
            thread = threading.Thread(target=self._listen, args=(worker,), name=f"worker-{number}", daemon=True)
            with self._news:
                self._workers.append(worker)
                self._threads.append(thread)
                self._alive += 1
            thread.start()

    def tell(self, tasks: Iterable[tuple[Task, int]], *, last: bool) -> None:
        """Let these be read after all others, each with its size; `last` when no more will follow."""
        with self._news:
            self._backlog.extend(tasks)
            self._all_told = last
            for worker in self._workers:
                self._give(worker)

    def untell(self) -> list[Task]:
        """Take back what no worker was given yet."""
        with self._news:
            tasks = [task for task, _ in self._backlog]
            self._backlog.clear()
            return tasks

    def answered(self) -> int:
        """Files that were read to their end."""
        with self._news:
            return self._answered

    def hold(self, *, bounded: bool) -> None:
        """Whether the workers wait when much waits to be taken."""
        with self._news:
            self._bounded = bounded
            self._news.notify_all()

    def take(self) -> list[Piece] | None:
        """Pieces that came together, none of them when there are none for a while; None when there will be no more."""
        with self._news:
            if not self._came and self._alive:
                self._news.wait(TICK_S)
            if not self._came:
                return [] if self._alive else None
            pieces, size = self._came.popleft()
            self._held -= size
            self._news.notify_all()
            return pieces

    def close(self) -> None:
        """End the workers."""
        with self._news:
            self._stopped = True
            self._news.notify_all()
        for worker in self._workers:
            with suppress(OSError):
                cast(BinaryIO, worker.process.stdin).close()
            worker.process.terminate()
        for worker in self._workers:
            worker.process.wait()
        for thread in self._threads:
            thread.join()
        for worker in self._workers:
            cast(BinaryIO, worker.process.stdout).close()

    # ---------------------------------------------------------------- within

    def _give(self, worker: _Worker) -> None:
        """Hand a worker its next tasks; close its input when there are no more. Under the lock."""
        stream = cast(BinaryIO, worker.process.stdin)
        if self._stopped or stream.closed or len(worker.given) > AHEAD - LOT:
            return
        with suppress(BrokenPipeError):
            while self._backlog and worker.has_room() and not self._cancel.is_set():
                task, size = self._backlog.popleft()
                worker.given.append(size)
                wire.send_task(stream, task)
            if self._cancel.is_set() or (self._all_told and not self._backlog):
                stream.close()
            else:
                stream.flush()

    def _listen(self, worker: _Worker) -> None:
        stream = wire.Pieces(cast(BinaryIO, worker.process.stdout).fileno())
        while pieces := stream.receive():
            size = stream.taken + PIECE_BYTES * len(pieces)
            with self._news:
                ended = sum(piece.ended for piece in pieces)
                self._answered += ended
                for _ in range(ended):
                    worker.given.popleft()
                self._give(worker)
                while self._bounded and self._came and self._held + size > HELD_BYTES and not self._stopped:
                    self._news.wait()
                if self._stopped:
                    return
                self._came.append((pieces, size))
                self._held += size
                self._news.notify_all()
        with self._news:
            self._alive -= 1
            self._news.notify_all()


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
