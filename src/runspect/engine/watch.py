"""Which directories are followed and how: events are only dirty marks, a slow sweep of stats is the truth.

Directories that the kernel cannot watch, and network file systems where it hears nothing of other hosts, are polled.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Protocol

from runspect.dataclass import dataclass, field
from runspect.engine.inotify import Inotify, OnEvent
from runspect.pathtext import to_disk, to_text
from runspect.place import holds_network_mounts, network_file_system

POLL_S = 2.0
SWEEP_S = 10.0
SWEEP_SHARE = 250
"""A sweep of everything takes at most one part in so many of the time."""
CALM_SHARE = 1000
"""The same where the kernel tells of everything, and at once of what it could not tell: what is left are writes through
memory that is mapped, which no log is written by. It tells nothing of what links lead to, outside of what is followed."""
POLL_SHARE = 50
"""The same for polling: 2 % of a core."""


class Events(Protocol):
    """A source of events: `Inotify` or `Observed`."""

    @property
    def watched(self) -> frozenset[str]:
        """Directories that are watched."""

    def add(self, directory: str) -> bool:
        """Watch one more; False when none can be added any more."""

    def remove(self, directory: str) -> None:
        """Watch one less."""

    def drain(self) -> None:
        """Return when all that happened before was told."""

    def close(self) -> None:
        """Watch none."""


@dataclass(slots=True)
class Marks:
    """What may have changed, absolute paths in storable text."""

    files: set[str] = field(default_factory=set)
    directories: set[str] = field(default_factory=set)
    checked: set[str] = field(default_factory=set)
    """Directories to compare with the disk: they and the files in them."""
    checks_all: bool = False
    """Compare everything with the disk."""

    def __bool__(self) -> bool:
        return bool(self.files or self.directories or self.checked or self.checks_all)


class Watcher:
    """Collects dirty marks and knows when to sweep and poll; mutable, thread-safe."""

    def __init__(self, wake: threading.Event) -> None:
        self._wake = wake
        self._lock = threading.Lock()
        self._files: set[str] = set()
        self._directories: set[str] = set()
        self._unchecked: set[str] = set()
        self._events: Events | None = None
        self._why_polling = ""
        self._wanted: dict[str, set[str]] = {}
        self._polled: frozenset[str] = frozenset()
        self._network: frozenset[str] = frozenset()
        self._forced: frozenset[str] = frozenset()
        """Asked directories that a client wants polled."""
        self._sweep_at = float("inf")
        self._poll_at = float("inf")
        self._full_poll_at = 0.0
        self._cost = 0.0
        self._is_calm = False
        """Nothing was told, and nothing else is followed, since the last sweep."""

    def arm(self, wanted: Mapping[str, Iterable[str]], polled: Collection[str] = ()) -> None:
        """Follow exactly these directories: per asked directory, itself and those below it; without events if `polled`.

        Those that were not followed before are compared with the disk once: they may have changed since they were listed.
        """
        asked = {directory: set(below) for directory, below in wanted.items()}
        self._network = frozenset(each for each in asked if network_file_system(Path(to_disk(each))))
        self._forced = frozenset(each for each in asked if each in polled)
        follow = set().union(*asked.values())
        self._is_calm = False
        quiet = self._quiet(asked)
        fresh = follow - set().union(*self._wanted.values())
        self._watch(follow - quiet, follow - quiet)
        self._polled = self._unwatched(follow)
        self._wanted = asked
        now = time.monotonic()
        self._sweep_at = min(self._sweep_at, now + SWEEP_S) if follow else float("inf")
        self._poll_at = min(self._poll_at, now + POLL_S) if self._polled else float("inf")
        self._check(fresh)

    def extend(self, directories: Collection[str]) -> None:
        """Directories were listed: those that are new are followed as well."""
        if not directories:
            return
        fresh: set[str] = set()
        lost = self._unwatched(directories) - self._polled  # removed, and made again under the same name
        for directory in directories:
            for asked, below in self._wanted.items():
                if directory in below and directory not in lost:
                    continue
                if directory == asked or directory.startswith(f"{asked.rstrip('/')}/"):
                    below.add(directory)
                    fresh.add(directory)
        if not fresh:
            return
        quiet = self._quiet(self._wanted)
        self._watch(fresh - quiet, set().union(*self._wanted.values()) - quiet)
        self._polled |= self._unwatched(fresh)
        if self._polled and self._poll_at == float("inf"):
            self._poll_at = time.monotonic() + POLL_S
        self._check(fresh)

    def hears(self, directory: str, below: Iterable[str]) -> bool:
        """Whether the kernel tells of everything that happens in a followed directory and in those `below` it."""
        asked, events = self._asked(directory), self._events
        if asked is None or events is None or not isinstance(events, Inotify):
            return False
        if asked in self._network | self._forced or holds_network_mounts(Path(to_disk(directory))):
            return False
        watched = events.watched
        return all(to_disk(each) in watched for each in (directory, *below))

    def _hears_all(self) -> bool:
        """Whether that is so of everything that is followed."""
        if self._polled or not isinstance(self._events, Inotify):
            return False
        return not any(holds_network_mounts(Path(to_disk(asked))) for asked in self._wanted)

    def drain(self) -> None:
        """Have all that happened until now among the marks."""
        if self._events is not None:
            self._events.drain()

    def take(self, hot: frozenset[str] = frozenset()) -> Marks:
        """The marks since the last call, and what a due sweep or poll adds; `hot` directories are polled most often."""
        with self._lock:
            marks = Marks(self._files, self._directories)
            marks.checked = self._unchecked
            self._files, self._directories, self._unchecked = set(), set(), set()
        self._is_calm &= not marks
        now = time.monotonic()
        if now >= self._sweep_at:
            marks.checks_all = True
            self._sweep_at = float("inf")  # until `swept`
        elif now >= self._poll_at:
            full = now >= self._full_poll_at
            marks.checked |= self._polled if full else self._polled & hot
            self._poll_at = now + POLL_S
            if full:
                self._full_poll_at = now + max(0.0, POLL_SHARE * self._cost - POLL_S)
        return marks

    def swept(self, marks: Marks, cost_s: float, has_unheard: bool = False) -> None:
        """Comparing with the disk for `marks` took so long; some files may change without an event if `has_unheard`."""
        if marks.checks_all:
            self._cost = cost_s
            # behind news there is a sweep at the usual time: what was looked at too early is mended soon
            share = CALM_SHARE if self._is_calm and not has_unheard and self._hears_all() else SWEEP_SHARE
            self._is_calm = True
            self._sweep_at = time.monotonic() + max(SWEEP_S, share * cost_s)

    def next_due(self) -> float:
        """When a sweep or a poll is due, in monotonic seconds."""
        return min(self._sweep_at, self._poll_at)

    def waiting(self) -> int:
        """Marks that nobody took yet."""
        with self._lock:
            return len(self._files) + len(self._directories)

    def mode_of(self, directory: str) -> str:
        """How a directory is followed; "" when it is not."""
        asked = self._asked(directory)
        if asked is None:
            return ""
        return self._mode(self._wanted[asked], asked in self._network)

    def summary(self) -> str:
        """How everything that is followed is followed, for the status line."""
        modes = {self._mode(below, asked in self._network) for asked, below in self._wanted.items()}
        return ", ".join(sorted(modes))

    def stop(self) -> None:
        """No longer watch anything."""
        events, self._events = self._events, None
        if events is not None:
            events.close()

    def _asked(self, directory: str) -> str | None:
        """The directory that is followed and holds this one."""
        found = (each for each in self._wanted if directory == each or directory.startswith(f"{each.rstrip('/')}/"))
        return next(found, None)

    def _quiet(self, asked: Mapping[str, set[str]]) -> set[str]:
        """Directories of which no events are wanted."""
        return set().union(*(asked[each] for each in self._network | self._forced))

    def _mode(self, directories: set[str], network: bool) -> str:
        polled = directories & self._polled
        interval = max(POLL_S, min(POLL_SHARE * self._cost, SWEEP_S)) if self._cost * POLL_SHARE > POLL_S else POLL_S
        polling = f"polling {interval:.0f} s"
        if network:
            return f"{polling} (network file system)"
        if not polled:
            return "inotify" if sys.platform.startswith("linux") else "events"
        if polled == directories:
            return f"{polling} ({self._why_polling})" if self._why_polling else polling
        return f"inotify + {polling} ({self._why_polling or 'no watches left'})"

    def _watch(self, wanted: set[str], keep: set[str]) -> None:
        if wanted and self._events is None and not self._begin():
            return
        events = self._events
        if events is None:
            return
        if len(wanted) == len(keep):
            self._why_polling = ""
        for directory in events.watched - {to_disk(each) for each in keep}:
            events.remove(directory)
        for directory in sorted(wanted):
            try:
                if not events.add(to_disk(directory)):
                    self._why_polling = "no watches left"
                    return
            except OSError:
                continue  # vanished or closed to us: the sweep will tell

    def _begin(self) -> bool:
        try:
            self._events = _make(self._event, self._overflow)
        except OSError as error:
            self._why_polling = "no inotify" if error.errno is None else (os.strerror(error.errno).lower())
            return False
        return True

    def _unwatched(self, directories: Collection[str]) -> frozenset[str]:
        watched = frozenset() if self._events is None else self._events.watched
        return frozenset(each for each in directories if to_disk(each) not in watched)

    def _event(self, directory: str, name: str, content: bool) -> None:
        place = to_text(directory)
        if content and name:
            self._mark({f"{place.rstrip('/')}/{to_text(name)}"}, set())
        else:
            self._mark(set(), {place})

    def _check(self, directories: set[str]) -> None:
        with self._lock:
            self._unchecked |= directories
        self._wake.set()

    def _overflow(self) -> None:
        self._sweep_at = time.monotonic()
        self._wake.set()

    def _mark(self, files: set[str], directories: set[str]) -> None:
        with self._lock:
            self._files |= files
            self._directories |= directories
        self._wake.set()


def _make(on_event: OnEvent, on_overflow: Callable[[], None]) -> Events:
    if sys.platform.startswith("linux"):
        return Inotify(on_event, on_overflow)
    from runspect.engine.observer import Observed  # watchdog takes 60 ms to load and Linux does not need it

    return Observed(on_event, on_overflow)
