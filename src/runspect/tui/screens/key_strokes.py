"""Keys of two strokes: what may follow the first one, and what the second one means."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from runspect.tui.commands import COMMANDS, PREFIXES, Command, shown_key

Offer = Callable[[list[tuple[str, str]]], None]


class KeyStrokes:
    """Remembers the first stroke and finds the command of both."""

    def __init__(self, offer: Offer, wheres: Callable[[], Collection[str]], keymap: Mapping[str, str]) -> None:
        """`offer` shows (key, meaning) of what may follow; `wheres` says what works just now, see `commands.Where`.

        `keymap` are the keys that the user set: command → keys with commas between them.
        """
        self.first = ""
        """The stroke that was made; "" when none waits."""
        self._offer = offer
        self._wheres = wheres
        self._keys = {command.id: _parts(keymap.get(command.id, command.key)) for command in COMMANDS}

    def begin(self, key: str) -> None:
        """The first of two strokes; nothing waits where no second one would mean anything."""
        self.first = key
        following = self._beginning()
        self._offer([(shown_key(stroke.split()[1]), command.title.lower()) for command, stroke in following])
        if not following:
            self.first = ""

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
            for stroke in self._keys[command.id]
            if stroke.startswith(self.first + " ") and command.where in wheres
        ]


def textual_keymap(keymap: Mapping[str, str]) -> dict[str, str]:
    """The user's keys as Textual takes them: those of one stroke; a key that does not exist where none is left."""
    single = {
        command: ",".join(key for key in _parts(keys) if " " not in key) or f"no-key-{command}"
        for command, keys in keymap.items()
    }
    begun = set(_first_strokes(keymap))
    return single | {f"prefix-{key}": f"no-key-prefix-{key}" for key in PREFIXES if key not in begun}


def new_prefixes(keymap: Mapping[str, str]) -> tuple[str, ...]:
    """First strokes of the user's keys that begin no key without them."""
    return tuple(key for key in dict.fromkeys(_first_strokes(keymap)) if key not in PREFIXES)


def _first_strokes(keymap: Mapping[str, str]) -> list[str]:
    keys = (key for command in COMMANDS for key in _parts(keymap.get(command.id, command.key)))
    return [key.split()[0] for key in keys if " " in key]


def _parts(keys: str) -> tuple[str, ...]:
    return tuple(filter(None, keys.split(",")))
