"""Keys of two strokes: what may follow the first one, and what the second one means."""

from __future__ import annotations

from collections.abc import Callable, Collection

from runspect.tui.commands import COMMANDS, Command, keys_of, shown_key

Offer = Callable[[list[tuple[str, str]]], None]


class KeyStrokes:
    """Remembers the first stroke and finds the command of both."""

    def __init__(self, offer: Offer, wheres: Callable[[], Collection[str]]) -> None:
        """`offer` shows (key, meaning) of what may follow; `wheres` says what works just now, see `commands.Where`."""
        self.first = ""
        """The stroke that was made; "" when none waits."""
        self._offer = offer
        self._wheres = wheres

    def begin(self, key: str) -> None:
        """The first of two strokes."""
        self.first = key
        self._offer([(shown_key(stroke.split()[1]), command.title.lower()) for command, stroke in self._beginning()])

    def end(self, key: str) -> Command | None:
        """The second stroke; the command of both, or None."""
        wanted = f"{self.first} {key}"
        found = next((command for command, stroke in self._beginning() if stroke == wanted), None)
        self.first = ""
        self._offer([])
        return found

    def _beginning(self) -> list[tuple[Command, str]]:
        """The commands that work here and begin with the first stroke."""
        wheres = self._wheres()
        return [
            (command, stroke)
            for command in COMMANDS
            for stroke in keys_of(command)
            if stroke.startswith(self.first + " ") and command.where in wheres
        ]
