"""A list to choose from, narrowed by typing: metrics, columns, sort order, commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from rich.cells import cell_len
from textual import events
from textual.message import Message
from textual.strip import Strip

from runspect.dataclass import dataclass
from runspect.tui.fit import fit
from runspect.tui.glyphs import UNICODE, Glyphs
from runspect.tui.widgets.painted import Painted, Span

_WIDEST, _HIGHEST = 100, 22


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the list."""

    value: str
    text: str
    aside: str = ""
    look: str = "plain"


class Picker(Painted, can_focus=True):
    """Typing narrows, arrows or ctrl+n and ctrl+p move, space marks (when several may be chosen), enter takes, esc leaves."""

    @dataclass
    class Picked(Message):
        """What was chosen, in the order of choosing when several may be."""

        picker: Picker
        values: tuple[str, ...]

    @dataclass
    class Left(Message):
        """Nothing was chosen."""

        picker: Picker

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice],
        *,
        chosen: Sequence[str] | None = None,
        at: str = "",
        hint: str = "",
        free: Callable[[str], Choice | None] = lambda text: None,
        glyphs: Glyphs = UNICODE,
        id: str | None = None,
    ) -> None:
        """`free` makes a choice of what was typed, where that is none of the list and may be chosen all the same."""
        super().__init__(id=id, glyphs=glyphs)
        self.title = title
        self.hint = hint
        self.choices = tuple(choices)
        self.free = free
        self.several = chosen is not None
        self.chosen: list[str] = list(chosen or ())
        self.text = ""
        self.shown = self.choices
        self.cursor = next((number for number, choice in enumerate(self.choices) if choice.value == at), 0)
        self.top = 0
        self.has_ended = False
        """It was left or something was chosen: it takes no more keys."""

    def on_mount(self) -> None:
        """Take the middle of the screen, no larger than the list."""
        self._place()
        self.screen.set_focus(self)

    def _place(self) -> None:
        screen = self.screen.size
        widest = max((cell_len(c.text) + cell_len(c.aside) + 8 for c in self.choices), default=20)
        width = min(max(widest, cell_len(self.title) + 24, cell_len(self.hint) + 3, 44), _WIDEST, screen.width - 2)
        height = min(len(self.choices) + 4, _HIGHEST, screen.height - 2)
        self.styles.width, self.styles.height = max(12, width), max(5, height)
        self.styles.offset = (max(0, (screen.width - width) // 2), max(0, (screen.height - height) // 3))

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """All that can be typed narrows the list."""
        return True

    def on_key(self, event: events.Key) -> None:
        """Every key is ours while the list is open."""
        if self.has_ended:
            return
        event.stop()
        event.prevent_default()
        self.take_key(event)

    def take_key(self, event: events.Key) -> bool:
        """Use a key."""
        key = event.key
        if key in ("escape", "ctrl+c"):
            self._end(self.Left(self))
        elif key == "enter":
            self._take()
        elif key in ("down", "ctrl+n", "tab"):
            self._move(1)
        elif key in ("up", "ctrl+p", "shift+tab"):
            self._move(-1)
        elif key in ("pagedown", "ctrl+d"):
            self._move(self._room)
        elif key in ("pageup", "ctrl+u"):
            self._move(-self._room)
        elif key == "space" and self.several:
            self._toggle()
        elif key in ("backspace", "ctrl+h"):
            self._narrow(self.text[:-1])
        elif key == "ctrl+w":
            self._narrow("")
        elif event.is_printable and event.character:
            self._narrow(self.text + event.character)
        return True

    def on_resize(self, event: events.Resize) -> None:
        """Stay inside the screen."""
        self._keep_inside()

    @property
    def _room(self) -> int:
        return max(1, self.size.height - 3)

    def _take(self) -> None:
        if self.several:
            self._end(self.Picked(self, tuple(self.chosen)))
        elif self.shown:
            self._end(self.Picked(self, (self.shown[self.cursor].value,)))
        else:
            self._end(self.Left(self))

    def _end(self, message: Message) -> None:
        self.has_ended = True
        self.post_message(message)

    def _toggle(self) -> None:
        if self.shown:
            choice = self.shown[self.cursor]
            value = choice.value
            self.chosen.remove(value) if value in self.chosen else self.chosen.append(value)
            if all(each.value != value for each in self.choices):
                self.choices = (choice, *self.choices)  # what was typed stays to be seen
            self._move(1)
            self.refresh()

    def _move(self, by: int) -> None:
        if self.shown:
            last = len(self.shown) - 1
            self.cursor = (self.cursor + by) % len(self.shown) if abs(by) == 1 else max(0, min(self.cursor + by, last))
            self._keep_inside()
            self.refresh()

    def _narrow(self, text: str) -> None:
        self.text = text
        self.shown = self._fitting(text)
        self.cursor = self.top = 0
        self.refresh()

    def tell(self, asides: Mapping[str, str]) -> None:
        """Say more of the choices with these values; the list stays where it is."""
        self.choices = tuple(replace(each, aside=asides.get(each.value, each.aside)) for each in self.choices)
        self.shown = self._fitting(self.text)
        self.refresh()

    def _fitting(self, text: str) -> tuple[Choice, ...]:
        """What the list has for what was typed, and at its end what was typed itself."""
        found = narrowed(self.choices, text)
        typed = self.free(text.strip()) if text.strip() else None
        known = typed is None or any(choice.value == typed.value for choice in self.choices)
        return found if known or typed is None else (*found, typed)

    def _keep_inside(self) -> None:
        if self.cursor < self.top:
            self.top = self.cursor
        elif self.cursor >= self.top + self._room:
            self.top = self.cursor - self._room + 1

    def render_line(self, y: int) -> Strip:
        """Title and what was typed, a blank line, the list, the hint."""
        if y == 0:
            return self.paint(self._head())
        if y == self.size.height - 1:
            return self.paint(
                ((" ", "plain"), (fit(self.hint or self._how, self.size.width - 2, self.glyphs.cut), "dim"))
            )
        at = self.top + y - 1
        if y == self.size.height - 2 or at >= len(self.shown):
            nothing = not self.shown and y == 1
            return self.paint(((" nothing fits that", "dim"),) if nothing else ())
        return self._item(at)

    @property
    def _how(self) -> str:
        return "space choose   enter done   esc leave" if self.several else "type to narrow   enter take   esc leave"

    def _head(self) -> list[Span]:
        count = f"{len(self.shown)} of {len(self.choices)}"
        left: list[Span] = [
            (" ", "plain"),
            (self.title, "title"),
            ("  ", "plain"),
            (self.text, "strong"),
            (" ", "input"),
        ]
        used = sum(cell_len(text) for text, _ in left)
        return [*left, (" " * max(1, self.size.width - used - len(count) - 1), "plain"), (count, "dim")]

    def _item(self, at: int) -> Strip:
        choice, here = self.shown[at], at == self.cursor
        marked = ""
        if self.several:
            marked = (self.glyphs.on if choice.value in self.chosen else self.glyphs.off) + " "
        both = self.size.width - 4 - cell_len(marked)
        aside = fit(choice.aside, aside_cells(both, cell_len(choice.text), cell_len(choice.aside)), self.glyphs.cut)
        room = both - cell_len(aside)
        look = "strong" if here else choice.look
        spans: list[Span] = [
            (f"{self.glyphs.cursor} " if here else "  ", "accent"),
            (marked, "accent" if choice.value in self.chosen else "dim"),
            (fit(choice.text, max(1, room), self.glyphs.cut), look),
            (" ", "plain"),
            (aside, "dim"),
        ]
        return self.paint(spans, on="cursor" if here else "")


def aside_cells(both: int, text: int, aside: int) -> int:
    """Of so many cells those for what stands aside: it gives way to the text, but keeps a third."""
    return max(0, min(aside, both - 1, max(both - text, both // 3)))


def narrowed(choices: Sequence[Choice], text: str) -> tuple[Choice, ...]:
    """The choices that hold every word of `text`, those that begin with it first; then those that hold its letters in order."""
    words = text.lower().split()
    if not words:
        return tuple(choices)
    whole = [c for c in choices if all(word in f"{c.text} {c.aside}".lower() for word in words)]
    whole.sort(key=lambda c: (not c.text.lower().startswith(words[0]), words[0] not in c.text.lower()))
    loose = [c for c in choices if c not in whole and _in_order("".join(words), c.text.lower())]
    return (*whole, *loose)


def _in_order(letters: str, text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)
