"""A list whose lines one can do things with: a letter acts on the line under the cursor, `/` begins to narrow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message

from runspect.tui.glyphs import UNICODE, Glyphs
from runspect.tui.widgets.painted import Span
from runspect.tui.widgets.picker import Choice, Picker


class VerbPicker(Picker):
    """Enter takes a line; j, k and the arrows move; each of `verbs` is a letter and what it does."""

    @dataclass
    class Acted(Message):
        """A letter was pressed on a line."""

        picker: VerbPicker
        verb: str
        value: str

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice],
        verbs: Mapping[str, str],
        *,
        enter: str,
        at: str = "",
        glyphs: Glyphs = UNICODE,
        id: str | None = None,
    ) -> None:
        """`verbs`: what each letter does, for the last line; `enter` what that key does."""
        keys = "   ".join(f"{key} {what}" for key, what in verbs.items())
        hint = f"enter {enter}   {keys}   / narrow   esc leave"
        super().__init__(title, choices, at=at, hint=hint, glyphs=glyphs, id=id)
        self.verbs = verbs
        self.narrows = False

    def take_key(self, event: events.Key) -> bool:
        """Use a key."""
        if self.narrows or not event.is_printable:
            return super().take_key(event)
        letter = event.character or ""
        if letter == "/":
            self.narrows = True
            self.refresh()
        elif letter == "q":
            self._end(self.Left(self))
        elif letter in ("j", "k"):
            self._move(1 if letter == "j" else -1)
        elif letter in self.verbs and self.shown:
            self._end(self.Acted(self, letter, self.shown[self.cursor].value))
        return True

    def _head(self) -> list[Span]:
        head = super()._head()
        return head if self.narrows else [span for span in head if span != (" ", "input")]
