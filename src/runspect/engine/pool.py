"""Reading many files: in this process when they are few and small, else in at most two worker processes.

Small files of a tree that nobody knew are read while it is still walked: it would leave one of two processors idle. One
worker is enough for that, since walking and storing take longer than reading; to start one costs 0.2 s.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence

from runspect.engine.crew import Crew
from runspect.engine.reading import Piece, Task, read
from runspect.engine.walked import Known, Seen
from runspect.readers.contract import Cursor
from runspect.readers.hollow import HINT, POINTER

WORKERS = 2
INLINE_BYTES = 2_000_000
"""So much is read here: starting a worker takes longer."""
INLINE_FILES = 150
SMALL_BYTES = 64 << 10
"""Files of at most so many bytes are read while the tree is walked,"""
EARLY_FILES, EARLY_BYTES = 20_000, 32 << 20
"""so many of them at most: what they tell waits in memory."""
LATE_FILES, LATE_BYTES = 6_000, 16 << 20
"""More than that behind the walk is worth another worker."""
EARLY_LOT = 100
"""Each time that workers are told of files costs calls of the system and turns of the interpreter."""


class Pool:
    """Reads once, of one tree from its walk on; mutable, of one thread. To be closed."""

    def __init__(self, watch: str, cancel: threading.Event, workers: int = WORKERS) -> None:
        """`watch` is the root of the tree that is walked; "" where none is."""
        self._watch = watch
        self._cancel = cancel
        self._most = workers
        self._crew: Crew | None = None
        self._found: list[tuple[Task, int]] = []
        """Before there is a crew: files that may be read early."""
        self._early: dict[str, Task] = {}
        """By path, what is or was read early; its pieces have numbers below zero."""
        self._room = EARLY_BYTES
        self._seen = 0
        """Files that the walk found, read early or not."""

    def expect(self, files: Iterable[Seen]) -> None:
        """The walk found files that nobody knew."""
        claimed = [(seen, claim) for seen in files if (claim := seen.claim) is not None]
        self._seen += len(claimed)
        for seen, claim in claimed:
            if claim.kind == "store" or claim.members or seen.size > min(SMALL_BYTES, self._room):
                continue
            number = -1 - len(self._early)
            if number < -EARLY_FILES:
                break
            self._room -= seen.size
            task = task_of(number, claim.reader, self._watch, seen.path, Cursor(), seen)
            self._early[seen.path] = task
            self._found.append((task, seen.size))
        if len(self._found) > (INLINE_FILES if self._crew is None else EARLY_LOT):
            if self._crew is None:
                self._crew = Crew(1, self._cancel)
                self._crew.hold(bounded=False)
            self._crew.tell(self._found, last=False)
            self._found = []

    def is_ahead(self) -> bool:
        """Whether much of what the walk found was read already, so that all of it will be here soon."""
        return self._crew is not None and 4 * self._crew.answered() > self._seen

    def pieces(self, tasks: Sequence[Task], sizes: Sequence[int]) -> Iterator[Piece | None]:
        """Pieces of all tasks, None when there is none for a while; those of one task in order, tasks about in their order.

        A task without an end was cancelled, or its worker died.
        """
        if not tasks:
            return
        if self._crew is None:
            if len(tasks) <= INLINE_FILES and sum(sizes) <= INLINE_BYTES:
                for task in tasks:
                    if self._cancel.is_set():
                        return
                    yield from read(task)
                return
            self._early.clear()
            self._crew = Crew(min(self._most, len(tasks)), self._cancel)
        yield from self._crewed(self._crew, tasks, sizes)

    def close(self) -> None:
        """End the workers, whatever is unread."""
        if self._crew is not None:
            self._crew.close()
            self._crew = None

    def _crewed(self, crew: Crew, tasks: Sequence[Task], sizes: Sequence[int]) -> Iterator[Piece | None]:
        for task in (*crew.untell(), *(task for task, _ in self._found)):
            self._early.pop(task.path, None)
        wanted: dict[int, list[int]] = {}
        """By number of the early task, those of the tasks that are the same: a config may be one of several runs."""
        late: list[tuple[Task, int]] = []
        for task, size in zip(tasks, sizes, strict=True):
            early = self._early.get(task.path)
            if early is not None and early[1:] == task[1:]:
                wanted.setdefault(early.number, []).append(task.number)
            else:
                late.append((task, size))
        if len(late) > LATE_FILES or sum(size for _, size in late) > LATE_BYTES:
            crew.grow(self._most)
        crew.hold(bounded=True)
        crew.tell(late, last=True)
        while (came := crew.take()) is not None:
            if not came:
                yield None
            for piece in came:
                if piece.number >= 0:
                    yield piece
                for number in wanted.get(piece.number, ()):
                    yield piece._replace(number=number)


def task_of(number: int, reader: str, watch: str, path: str, cursor: Cursor, seen: Seen | Known) -> Task:
    """What is to be read of a file as it was seen."""
    hollow = seen.claim is not None and bool(seen.claim.hints) and seen.claim.hint(HINT) == POINTER
    return Task(number, reader, watch, path, cursor, seen.size, seen.mtime, seen.ctime, hollow)
