"""What the engine owns: the index, the journal and the syncer, opened together and closed together."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from runspect.dataclass import dataclass
from runspect.engine.annotations import Annotations
from runspect.engine.folders import Folders
from runspect.engine.sync import Syncer
from runspect.errors import IndexFault
from runspect.index.kept import Kept
from runspect.index.reads import watches
from runspect.index.store import Store
from runspect.index.superseded import SupersededRows
from runspect.journal import Journal
from runspect.model import Progress

LOG = logging.getLogger("runspect.engine")

RETRY_S = 2.0
"""An index that could not be opened is tried again after this long, at the next request."""

Notify = Callable[[frozenset[int] | None, Progress | None], None]


@dataclass(frozen=True, slots=True)
class Parts:
    """The opened parts."""

    store: Store
    syncer: Syncer
    annotations: Annotations
    folders: Folders
    kept: Kept
    """What was read of single runs and still stands."""
    superseded: SupersededRows
    """Which rows of the index do not count any more."""


class Core:
    """Opens the parts when they are first asked for; mutable, thread-safe."""

    def __init__(self, index: Path, journal: Sequence[Path], host: str, who: str, notify: Notify) -> None:
        self.index = index
        self._journal = tuple(journal)
        self._host = host
        self._who = who
        self._notify = notify
        self._lock = threading.Lock()
        self._parts: Parts | None = None
        self._fault: IndexFault | None = None
        self._tried = 0.0
        self._closed = False

    def parts(self) -> Parts:
        """The opened parts.

        Raises:
            IndexFault: The index cannot be opened; it is tried again a little later.
        """
        with self._lock:
            if self._parts is not None:
                return self._parts
            if self._closed:
                raise IndexFault("the engine is leaving")
            if self._fault is not None and time.monotonic() - self._tried < RETRY_S:
                raise self._fault
            self._tried, self._fault = time.monotonic(), None
            try:
                self._parts = self._open()
            except IndexFault as fault:
                LOG.error("%s", fault)
                self._fault = fault
                raise
            return self._parts

    def opened(self) -> Parts | None:
        """The parts, if they are open."""
        return self._parts

    def close(self) -> None:
        """Stop and close everything."""
        with self._lock:
            self._closed = True
            parts, self._parts = self._parts, None
        if parts is not None:
            parts.syncer.stop()
            parts.annotations.close()
            parts.store.close()

    def _open(self) -> Parts:
        begun = time.monotonic()
        store = Store.open(self.index)
        try:
            folders = Folders()
            syncer = Syncer(store, self._host, self._notify, time.time, folders)
            journal = Journal(self._journal, self._host, self._who)
            annotations = Annotations(store, journal, self._notify, syncer.recall, folders, syncer.is_catching_up)
            with store.cursor() as cursor:
                folders.look_around(watches(cursor))
            annotations.refresh()
            syncer.start()
        except BaseException:
            store.close()
            raise
        if store.note:
            LOG.warning("%s", store.note)
        LOG.info("index %s opened in %.0f ms", self.index, (time.monotonic() - begun) * 1e3)
        return Parts(store, syncer, annotations, folders, Kept(store.generations), SupersededRows(store))
