"""Typing that is ahead of the screen: keys for what is about to open, and keys behind the one that ended a line or list."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable

from textual import events

from runspect.tui.errands import Errands

PASSING = "ctrl+c"
"""Never kept: it is the way out of everything."""


class TypeAhead:
    """Keeps keys in their order until it is known whose they are; over a slow link many arrive at once."""

    def __init__(
        self, errands: Errands, is_ending: Callable[[], bool], give: Callable[[events.Key], Awaitable[None]]
    ) -> None:
        """`is_ending`: a line or list was ended and is still on the screen; `give` does what a key says."""
        self._errands = errands
        self._is_ending = is_ending
        self._give = give
        self._group = ""
        self._keys: deque[events.Key] = deque()
        self._is_giving = False

    def expect(self, group: str) -> None:
        """The errand of this group opens a prompt or a list: what is typed until then is for that."""
        self._group = group

    @property
    def is_expecting(self) -> bool:
        """Whether an errand is still to open something."""
        return bool(self._group) and self._errands.waits_for(self._group)

    def take(self, event: events.Key) -> bool:
        """Whether a key has to wait. Escape gives up what was to open."""
        if event.key == PASSING:
            return False
        if self.is_expecting and event.key == "escape":
            self._errands.drop(self._group)
            self._group = ""
            self._keys.clear()
            return True
        if not (self._is_giving or self.is_expecting or self._is_ending()):
            return False
        self._keys.append(events.Key(event.key, event.character))
        return True

    def opened(self, is_open: bool) -> None:
        """An errand came back. Where it opened nothing, what was typed for it is nobody's."""
        if self._group and not self.is_expecting:
            self._group = ""
            if not is_open:
                self._keys.clear()

    async def catch_up(self) -> None:
        """Give the keys that waited, up to the next one that has to be waited for."""
        if self._is_giving:
            return
        self._is_giving = True
        try:
            while self._keys and not (self.is_expecting or self._is_ending()):
                await self._give(self._keys.popleft())
        finally:
            self._is_giving = False
