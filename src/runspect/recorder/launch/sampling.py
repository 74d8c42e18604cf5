"""Looks at the run's processes about once a second: memory, log files, memory of the graphics cards."""

from __future__ import annotations

import math
import os
import resource
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from runspect.recorder.launch.closed_logs import ClosedLogs
from runspect.recorder.launch.gpu_memory import GpuMemory
from runspect.recorder.launch.tree import descendants, held_by_others, resident, written_files
from runspect.recorder.launch.written import WrittenFiles

EVERY_S = 1.0
FIRST_S = 0.02
"""The first looks come closer: what a program opens it opens early."""
SHARE = 0.003
"""Of one processor's time; where a look takes longer there are fewer of them."""
TELL_EVERY_S = 10.0
TELL_AGAIN_S = 60.0
"""Of a file of many runs it is told so often that it is still written: who is killed has told at least of those before."""
KIB = 1 if sys.platform == "darwin" else 1024
"""Bytes of a unit of `ru_maxrss`."""


class Sampler:
    """A thread that samples until it is stopped; mutable."""

    def __init__(
        self, pid: int, record: Path, cwd: str, started: float, tell: Callable[[dict[str, object]], object]
    ) -> None:
        """`tell` is given `logs` when there are new ones."""
        self._pid = pid
        self._tell = tell
        self._written = WrittenFiles(record, cwd, started)
        self._closed = ClosedLogs(cwd, str(record.parent), started)
        self._walked = time.monotonic()
        self._around_at = self._walked
        self._known: set[tuple[int, str, str]] = set()
        self._gpu = GpuMemory()
        self._peak = 0
        self._pids = {pid}
        """The run's processes at the last look."""
        self._stop = threading.Event()
        self._told = -TELL_EVERY_S
        self._thread = threading.Thread(target=self._run, name="runspect-sampler", daemon=True)

    def start(self) -> None:
        """Begin, where there is a /proc."""
        if os.path.isdir(f"/proc/{self._pid}"):  # noqa: PTH112
            self._thread.start()

    def stop(self, largest_process: int) -> dict[str, object]:
        """End; returns `peak` and `logs`.

        Args:
            largest_process: Bytes of the largest process that has ended, as the kernel tells it.
        """
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(2.0)
        self._gpu.stop(self._pids)
        self._written.look_beside(time.time())
        self._look_for_closed()
        # a process begins its life as a copy of this one, which the kernel counts as well
        if largest_process <= resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIB:
            largest_process = 0
        peak: dict[str, object] = {}
        if memory := max(self._peak, largest_process):
            peak["memory_bytes"] = memory
        if self._gpu.peak:
            peak["gpu_memory_bytes"] = self._gpu.peak
        facts: dict[str, object] = {"peak": peak} if peak else {}
        if logs := self._written.facts():
            facts["logs"] = logs
        return facts

    def _run(self) -> None:
        interval = FIRST_S
        while not self._stop.wait(interval):
            begun = time.thread_time()
            pids = self._look()
            cost = time.thread_time() - begun
            self._look_around(pids)
            interval = max(min(EVERY_S, interval * 1.3), cost / SHARE)

    def _look(self) -> list[int]:
        pids = descendants(self._pid)
        self._peak = max(self._peak, resident(pids))
        now = time.time()
        self._written.saw((path for pid in pids for path in written_files(pid, self._known)), now)
        if len(self._known) > 100_000:
            self._known.clear()
        self._pids = set(pids) or self._pids
        self._gpu.look(self._pids)
        wait = TELL_EVERY_S if self._written.changed else TELL_AGAIN_S if self._written.stores() else math.inf
        if time.monotonic() - self._told > wait:
            self._told = time.monotonic()
            self._tell({"logs": self._written.facts()})
        return pids

    def _look_around(self, pids: list[int]) -> None:
        """At what happens beside the run's processes, at a pace of its own."""
        if time.monotonic() < self._around_at:
            return
        begun = time.thread_time()
        own = {*pids, *descendants(os.getpid())}
        self._closed.watch(own)
        if stores := self._written.stores():
            self._written.shared(held_by_others(stores, own))
        if time.monotonic() - self._walked > TELL_EVERY_S:
            self._look_for_closed()
        self._around_at = time.monotonic() + max(EVERY_S, (time.thread_time() - begun) / SHARE)

    def _look_for_closed(self) -> None:
        self._walked = time.monotonic()
        self._closed.watch(descendants(os.getpid()))
        self._written.changed_at(*self._closed.changed(time.time()))
