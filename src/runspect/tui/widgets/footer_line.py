"""The last line: the keys that matter here, or for a moment what has just happened."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.strip import Strip
from textual.timer import Timer

from runspect.masking import printable
from runspect.tui.commands import BY_ID, Command, Where, footer_of, shown_key
from runspect.tui.fit import cut
from runspect.tui.glyphs import UNICODE, Glyphs
from runspect.tui.widgets.painted import Painted, Span

_SECONDS = 5.0


class FooterLine(Painted):
    """One line; a message stays for some seconds, the choices of a two-stroke key until the second stroke."""

    def __init__(self, *, id: str | None = None, glyphs: Glyphs = UNICODE) -> None:
        super().__init__(id=id, glyphs=glyphs)
        self.view: Where = "runs"
        self.message: Span | None = None
        self.choices: tuple[tuple[str, str], ...] = ()
        self.keys: dict[str, str] = {}
        """Keys that the user has changed, by command id."""
        self._timer: Timer | None = None

    def set_view(self, view: Where) -> None:
        """Show the keys of another view."""
        self.view = view
        self.refresh()

    def say(self, text: str, look: str = "plain") -> None:
        """Show a message for some seconds."""
        self.message = (printable(text), look)
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(_SECONDS, self.clear)
        self.refresh()

    def clear(self) -> None:
        """Show the keys again."""
        if self.message is not None:
            self.message = None
            self.refresh()

    def settle(self) -> None:
        """Whoever goes on has seen what was wrong."""
        if self.message is not None and self.message[1] == "bad":
            self.clear()

    def offer(self, choices: Sequence[tuple[str, str]]) -> None:
        """Show what may follow a first stroke; nothing takes it away again."""
        self.choices = tuple(choices)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """The choices, the message or the keys."""
        if self.choices:
            return self.paint(self._keys(self.choices))
        if self.message is not None:
            text, look = self.message
            return self.paint(((" ", "plain"), (cut(text, self.size.width - 2, self.glyphs.cut), look)))
        return self.line_of(self.view)

    def line_of(self, view: Where) -> Strip:
        """The keys of a view."""
        return self.paint(self._keys([(self._key(command), command.title.lower()) for command in footer_of(view)]))

    def _key(self, command: Command) -> str:
        changed = self.keys.get(command.id, BY_ID[command.id].key)
        return shown_key(changed.split(",")[0]) or f":{command.id}"

    def _keys(self, pairs: Sequence[tuple[str, str]]) -> list[Span]:
        """Pairs of key and title, as many as fit whole; the last one (help) always does."""
        pairs = list(pairs)
        while len(pairs) > 1 and sum(cell_len(key) + cell_len(title) + 4 for key, title in pairs) > self.size.width:
            pairs.pop(-2)
        spans: list[Span] = [(" ", "plain")]
        for key, title in pairs:
            spans += [(key, "accent"), (f" {title}", "dim"), ("   ", "plain")]
        return spans
