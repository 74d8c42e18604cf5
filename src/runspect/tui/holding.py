"""Keeps the last known frame on the terminal until there is a true one to paint over it, and the keys in between."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from textual import events
from textual.app import App

LONGEST_S = 5.0
"""After this long an empty table tells more than the rows of the last time."""
LEAVING = frozenset(("ctrl+c", "q", "Q"))
"""Keys that need no rows."""


class Holding:
    """Without a frame that is worth holding it does nothing."""

    def __init__(self, app: App[None], *, holds: bool) -> None:
        self._app = app
        self._held = contextlib.ExitStack()
        self._keys: list[events.Key] = []
        self.is_on = holds
        """Nothing is painted."""
        self._keeps_keys = holds
        if holds:
            self._held.enter_context(app.batch_update())

    def start(self, later: Callable[[float, Callable[[], None]], object]) -> None:
        """Begin to count the time."""
        if self.is_on:
            later(LONGEST_S, self.release)

    def take_key(self, event: events.Key) -> bool:
        """Whether a key waits until there are rows that it can be about."""
        if not self._keeps_keys or event.key in LEAVING:
            return False
        self._keys.append(events.Key(event.key, event.character))
        return True

    def release(self, *, cursor_is_back: bool = True) -> None:
        """Paint what there is; do what was typed meanwhile once the cursor is where it was left."""
        if self.is_on:
            self.is_on = False
            self._held.close()
            self._app.screen.refresh()
        if self._keeps_keys and cursor_is_back:
            self._keeps_keys = False
            for key in self._keys:
                self._app.post_message(key)
