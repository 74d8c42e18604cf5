"""One line of text being typed: the keys of readline, no blinking, a place for what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.message import Message
from textual.strip import Strip

from runspect.masking import printable
from runspect.tui.fit import cut
from runspect.tui.glyphs import UNICODE, Glyphs
from runspect.tui.widgets.painted import Painted, Span

_WORD_BEFORE = re.compile(r"\S+\s*$")
_WORD_AFTER = re.compile(r"\s*\S+")
_ERASING = frozenset(("backspace", "ctrl+h", "delete", "ctrl+d"))
"""Keys that take a selected text away."""


class LineEditor(Painted, can_focus=True):
    """Text and a cursor position in characters; posts what happened, decides nothing."""

    @dataclass
    class Changed(Message):
        """The text is another one."""

        editor: LineEditor
        text: str
        position: int

        @property
        def control(self) -> LineEditor:
            """The editor that it came from."""
            return self.editor

    @dataclass
    class Submitted(Message):
        """Enter was pressed."""

        editor: LineEditor
        text: str

    @dataclass
    class Cancelled(Message):
        """Escape was pressed, or ctrl+c."""

        editor: LineEditor

    @dataclass
    class Completing(Message):
        """Tab, shift+tab, up or down was pressed: move by so many through what is offered."""

        editor: LineEditor
        by: int
        take: bool

    def __init__(self, prompt: str = "", *, id: str | None = None, glyphs: Glyphs = UNICODE, hint: str = "") -> None:
        super().__init__(id=id, glyphs=glyphs)
        self.prompt = prompt
        self.hint = hint
        self.text = ""
        self.position = 0
        self.wrong: tuple[int, int] | None = None
        """Characters that are in error."""
        self.selected = False
        """The whole text is selected: what is typed or pasted next takes its place, a key that moves keeps it."""
        self.has_ended = False
        """What was typed was submitted or left, and whoever asked has not heard of it yet: no more keys are taken."""
        self.aside: tuple[Span, ...] = ()
        """What stands at the right edge."""

    def set_text(self, text: str, position: int | None = None, *, selected: bool = False) -> None:
        """Replace the text without posting anything."""
        self.text = printable(text)
        self.selected = selected and bool(self.text)
        self.position = len(self.text) if position is None else max(0, min(position, len(self.text)))
        self.wrong = None
        self.refresh()

    def set_wrong(self, span: tuple[int, int] | None) -> None:
        """Underline what is wrong."""
        if span != self.wrong:
            self.wrong = span
            self.refresh()

    def set_aside(self, spans: tuple[Span, ...]) -> None:
        """Change what stands at the right edge."""
        if spans != self.aside:
            self.aside = spans
            self.refresh()

    def column_of(self, position: int) -> int:
        """The cell of the line at which a character stands."""
        return self._indent + cell_len(self.text[self._first : position])

    def shows(self, position: int) -> bool:
        """Whether a character is in view: a long text is scrolled so that the cursor is."""
        return self._first <= position and self.column_of(position) < self._indent + self._room

    # keys

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """All that can be typed is text here, never a command."""
        return character is not None and character.isprintable()

    def on_key(self, event: events.Key) -> None:
        """Edit, or say what was asked for."""
        if not self.has_ended and self.take_key(event):
            event.stop()
            event.prevent_default()

    def take_key(self, event: events.Key) -> bool:
        """Use a key; whether it meant anything here."""
        if self._edit(event.key) or self._announce(event.key):
            return True
        if event.is_printable and event.character:
            self._insert(event.character)
            return True
        return False

    def on_paste(self, event: events.Paste) -> None:
        """Insert what was pasted, as one line."""
        event.stop()
        self._insert(printable(" ".join(event.text.split("\n"))))

    def _announce(self, key: str) -> bool:
        messages: dict[str, Message] = {
            "enter": self.Submitted(self, self.text),
            "escape": self.Cancelled(self),
            "ctrl+c": self.Cancelled(self),
            "tab": self.Completing(self, 0, take=True),
            "shift+tab": self.Completing(self, -1, take=False),
            "down": self.Completing(self, 1, take=False),
            "up": self.Completing(self, -1, take=False),
        }
        message = messages.get(key)
        if message is not None:
            self.has_ended = not isinstance(message, self.Completing)
            self.post_message(message)
        return message is not None

    def _edit(self, key: str) -> bool:
        before, after = self.text[: self.position], self.text[self.position :]
        moves = {
            "left": self.position - 1,
            "ctrl+b": self.position - 1,
            "right": self.position + 1,
            "ctrl+f": self.position + 1,
            "home": 0,
            "ctrl+a": 0,
            "end": len(self.text),
            "ctrl+e": len(self.text),
            "alt+b": self.position - _length(_WORD_BEFORE, before),
            "alt+left": self.position - _length(_WORD_BEFORE, before),
            "ctrl+left": self.position - _length(_WORD_BEFORE, before),
            "alt+f": self.position + _length(_WORD_AFTER, after),
            "alt+right": self.position + _length(_WORD_AFTER, after),
            "ctrl+right": self.position + _length(_WORD_AFTER, after),
        }
        cuts = {
            "backspace": (self.position - 1, self.position),
            "ctrl+h": (self.position - 1, self.position),
            "delete": (self.position, self.position + 1),
            "ctrl+d": (self.position, self.position + 1),
            "ctrl+w": (self.position - _length(_WORD_BEFORE, before), self.position),
            "alt+backspace": (self.position - _length(_WORD_BEFORE, before), self.position),
            "ctrl+u": (0, self.position),
            "ctrl+k": (self.position, len(self.text)),
        }
        if self.selected and key in _ERASING:
            self._insert("")
            return True
        if key in moves:
            self.selected = False
            self.position = max(0, min(moves[key], len(self.text)))
            self.refresh()
            self.post_message(self.Changed(self, self.text, self.position))
            return True
        if key in cuts:
            self._replace(*cuts[key], "")
            return True
        return False

    def _insert(self, text: str) -> None:
        start, end = (0, len(self.text)) if self.selected else (self.position, self.position)
        self._replace(start, end, text)

    def _replace(self, start: int, end: int, text: str) -> None:
        start, end = max(0, start), min(end, len(self.text))
        self.text = self.text[:start] + text + self.text[end:]
        self.position = start + len(text)
        self.wrong, self.selected = None, False
        self.refresh()
        self.post_message(self.Changed(self, self.text, self.position))

    # drawing

    @property
    def _indent(self) -> int:
        return 1 + cell_len(self.prompt) + (1 if self.prompt else 0)

    @property
    def _room(self) -> int:
        aside = sum(cell_len(text) for text, _ in self.aside)
        return max(8, self.size.width - self._indent - aside - 2)

    @property
    def _first(self) -> int:
        """The first character that is shown: the cursor stays in view."""
        first = 0
        while cell_len(self.text[first : self.position]) > self._room - 2:
            first += max(1, self._room // 3)
        return min(first, self.position)

    def render_line(self, y: int) -> Strip:
        """The prompt, the text with its cursor, what stands aside."""
        if y:
            return self.blank()
        spans: list[Span] = [(" ", "plain"), (self.prompt, "accent"), (" " if self.prompt else "", "plain")]
        body = self._body()
        used = self._indent + sum(cell_len(text) for text, _ in body)
        aside = sum(cell_len(text) for text, _ in self.aside)
        spans += body
        if used + aside + 2 <= self.size.width:
            spans += [(" " * (self.size.width - used - aside - 1), "plain"), *self.aside]
        return self.paint(spans)

    def _body(self) -> list[Span]:
        if not self.text and not self.has_focus:
            return [(cut(self.hint, self._room, self.glyphs.cut), "dim")]
        first = self._first
        spans: list[Span] = []
        shown = self.text[first:]
        if cell_len(shown) > self._room:
            shown = cut(shown, self._room, self.glyphs.cut)
        if first:
            shown = self.glyphs.cut + shown[1:]
        for offset, char in enumerate(shown, first):
            spans.append((char, self._look_of(offset)))
        if self.position >= first + len(shown) and self.has_focus:
            spans.append((" ", "input"))
        if not self.text:
            spans.append((" " + cut(self.hint, self._room - 2, self.glyphs.cut), "dim"))
        return spans

    def _look_of(self, offset: int) -> str:
        if self.has_focus and (self.selected or offset == self.position):
            return "input"
        if self.wrong and self.wrong[0] <= offset < max(self.wrong[1], self.wrong[0] + 1):
            return "error"
        return "strong" if self.has_focus else "plain"

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()


def _length(pattern: re.Pattern[str], text: str) -> int:
    match = pattern.search(text) if pattern is _WORD_BEFORE else pattern.match(text)
    return len(match.group()) if match else 0
