"""A store with a syncer, and a way to wait for what it tells."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from runspect.engine.sync import Syncer
from runspect.index import reads
from runspect.index.annotations import load_ops
from runspect.index.store import Store
from runspect.model import Json, Progress

DEADLINE_S = 20.0


class Bench:
    """Store and syncer of one test; mutable, thread-safe."""

    def __init__(self, index: Path, clock: Callable[[], float] = time.time) -> None:
        self.store = Store.open(index)
        self._told = threading.Condition()
        self.notified: list[tuple[float, frozenset[int] | None]] = []
        self.syncer = Syncer(self.store, "here", self._notify, clock)
        self.syncer.start()

    def runs(self, *scope: Path) -> list[dict[str, Any]]:
        """`ls --json`, by path."""
        with self.store.cursor() as cursor:
            found: list[dict[str, Any]] = json.loads(reads.runs_json(cursor, tuple(map(str, scope))))
        return sorted(found, key=lambda run: run["path"])

    def sql(self, text: str) -> list[tuple[Json, ...]]:
        """Rows of a statement."""
        with self.store.cursor() as cursor:
            return list(cursor.execute(text).fetchall())

    def annotate(self, uid: str, key: str, value: Json) -> None:
        """As the journal tells of an annotation."""
        moment = time.time_ns()
        load_ops(self.store, [(f"op{moment}", moment, "me", f"run:{uid}", key, value)])

    def until(self, condition: Callable[[], object], what: str = "", within_s: float = DEADLINE_S) -> None:
        """Wait, news by news, until the condition holds."""
        deadline = time.monotonic() + within_s
        while not condition():
            left = deadline - time.monotonic()
            assert left > 0, f"not within {within_s:.0f} s: {what}"
            with self._told:
                self._told.wait(min(left, 0.2))

    def close(self) -> None:
        """Stop and close."""
        self.syncer.stop()
        self.store.close()

    def _notify(self, rids: frozenset[int] | None, progress: Progress | None) -> None:
        with self._told:
            self.notified.append((time.monotonic(), rids))
            self._told.notify_all()


@contextmanager
def bench(index: Path, clock: Callable[[], float] = time.time) -> Iterator[Bench]:
    """A bench that is closed whatever happens."""
    made = Bench(index, clock)
    try:
        yield made
    finally:
        made.close()


def log(directory: Path, steps: range, name: str = "metrics.jsonl", **more: float) -> Path:
    """Append steps to a run's log."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / name
    with path.open("a") as file:
        for step in steps:
            file.write(json.dumps({"step": step, "loss": 1 / (1 + step), **more}) + "\n")
    return path
