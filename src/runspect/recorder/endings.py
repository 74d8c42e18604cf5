"""Ends runs that the program forgot: at its exit, with the exception that ended it, and never twice in a forked child."""

from __future__ import annotations

import atexit
import os
import sys
from types import TracebackType

from runspect.recorder.leaving import Leaving
from runspect.recorder.run import FORGOTTEN, LEFT, Run, how

TYPE_CHECKING = False  # as in `typing`, which is slow to import
if TYPE_CHECKING:
    from typing import Any

    from runspect.recorder.writer import End


class _Watch:
    """The runs of this process that have not ended; one a process."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.error: BaseException | None = None
        self.installed = False
        self.leaving: Leaving | None = None

    def install(self) -> None:
        """Hook in, once."""
        if self.installed:
            return
        self.installed = True
        if not hasattr(sys, "ps1"):
            self.leaving = Leaving()
        atexit.register(self.end)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self.forked)
        before = sys.excepthook

        def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> Any:
            self.error = error
            return before(kind, error, trace)

        sys.excepthook = hook

    def end(self) -> None:
        """The program ends."""
        error = self.error
        status: End = "finished"
        reason = FORGOTTEN
        if error is None and self.leaving is not None and self.leaving.by_exit():
            error = self.leaving.told()
            status, reason = "unknown", LEFT
        if error is not None:
            status, reason = how(error)
            reason = reason or FORGOTTEN
        good = status == "finished" or error is None
        for run in self.runs:
            run.finish(*(run.outcome if run.outcome is not None and good else (status, reason)))

    def forked(self) -> None:
        """This is a child, which has the parent's memory and none of its threads."""
        self.error = None
        for run in self.runs:
            run.after_fork()


_watch = _Watch()


def watch(run: Run) -> None:
    """See that a run ends with the program at the latest."""
    _watch.install()
    for known in _watch.runs:
        if known.outcome is None and hasattr(sys, "ps1"):  # a notebook, where a cell is run again
            known.settle(reason="the next run began")
        if known.outcome is not None:
            known.finish(*known.outcome)
    _watch.runs = [known for known in _watch.runs if known.recording] + [run]
