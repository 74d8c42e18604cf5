"""The files of screen states: each pane has its own, and takes over one that a pane left which is no longer there.

Two panes on the same directories would else begin with each other's filter, while a dropped link must lose nothing.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from runspect.dataclass import dataclass
from runspect.state import process_alive
from runspect.tui import memory
from runspect.tui.memory import Remembered

MOST_KEPT = 8
"""States of lost panes that are kept for a set of directories."""


@dataclass(frozen=True, slots=True)
class Owner:
    """The pane that a state belongs to."""

    host: str
    pid: int
    opened: float
    """When the pane was opened, s since 1970."""

    def is_there(self) -> bool:
        """Whether the pane still runs; one of another host cannot be asked, and counts as there until it left."""
        return self.host != socket.gethostname() or process_alive(self.pid, self.opened)


class PaneFile:
    """The state of this pane on disk.

    Args:
        base: The name of these directories' states, see `memory.file_of`; each pane's file has an addition of its own.
    """

    def __init__(self, base: Path) -> None:
        self._base = base
        self._owner = Owner(socket.gethostname(), os.getpid(), time.time())
        self.path = base.with_name(f"{base.stem}-{os.getpid()}-{os.urandom(4).hex()}{base.suffix}")

    def take_over(self) -> Remembered | None:
        """The newest state that a pane left behind, which is this pane's from now on; None when there is none.

        States that were left by quitting before it are forgotten: they are not what anybody left last.
        """
        taken: Remembered | None = None
        for number, (path, kept) in enumerate(self._left()):
            if taken is None and self._claim(path, kept):
                taken = kept
            elif taken is not None and (not kept.owner or number >= MOST_KEPT):
                _quietly(path.unlink)
        return taken

    def save(self, kept: Remembered, *, leaving: bool = False) -> None:
        """Write the state; `leaving` gives it up to whoever opens a pane next."""
        owner = self._owner
        memory.save(self.path, replace(kept, owner=() if leaving else (owner.host, owner.pid, owner.opened)))

    def _left(self) -> list[tuple[Path, Remembered]]:
        """States whose pane has gone, the newest first."""
        found: list[tuple[float, Path]] = []
        with contextlib.suppress(OSError):
            for path in self._base.parent.glob(f"{self._base.stem}*{self._base.suffix}"):
                with contextlib.suppress(OSError):
                    found.append((path.stat().st_mtime, path))
        states = [(path, memory.load(path)) for _, path in sorted(found, reverse=True)]
        return [(path, kept) for path, kept in states if kept is not None and not _is_held(kept)]

    def _claim(self, path: Path, kept: Remembered) -> bool:
        """Whether the file is ours now; of two panes that want it one gets it."""
        try:
            path.replace(self.path)
        except OSError:
            return False
        self.save(kept)
        return True


def _is_held(kept: Remembered) -> bool:
    match kept.owner:
        case (str(host), int(pid), int() | float() as opened):
            return Owner(host, pid, float(opened)).is_there()
        case _:
            return False


def _quietly(call: Callable[[], None]) -> None:
    with contextlib.suppress(OSError):
        call()
