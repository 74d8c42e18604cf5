"""One request under way: its arguments, and how it is cancelled."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from runspect.dataclass import dataclass, field
from runspect.model import Json
from runspect.protocol import BodyKind

if TYPE_CHECKING:
    from runspect.engine.client import Client


class Cancelled(Exception):
    """The request was cancelled before it could be answered."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back to the client."""

    args: dict[str, Json] = field(default_factory=dict)
    body_kind: BodyKind = "none"
    body: bytes = b""


class Call:
    """A request; mutable: it may be cancelled from another thread."""

    def __init__(self, name: str, args: Mapping[str, Json], client: Client) -> None:
        self.name = name
        self.args = args
        self.client = client
        self.stop = threading.Event()
        """Set when nobody waits for the answer any more."""
        self._lock = threading.Lock()
        self._interrupt: Callable[[], None] | None = None

    @property
    def scope(self) -> tuple[str, ...]:
        """The directories that the client speaks of; () for all known roots."""
        return tuple(self.args.get("scope", ()))

    def cancelled(self) -> bool:
        """Whether nobody waits for the answer any more."""
        return self.stop.is_set()

    def cancel(self) -> None:
        """Stop the work on this request."""
        with self._lock:
            self.stop.set()
            if self._interrupt is not None:
                self._interrupt()

    @contextmanager
    def interruptible(self, interrupt: Callable[[], None]) -> Iterator[None]:
        """Let `cancel` call `interrupt` while the body runs.

        Raises:
            Cancelled: The request was cancelled already.
        """
        with self._lock:
            if self.stop.is_set():
                raise Cancelled
            self._interrupt = interrupt
        try:
            yield
        finally:
            with self._lock:
                self._interrupt = None
