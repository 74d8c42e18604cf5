"""What works here: the keys of the view, then those of every view; typing narrows the list."""

from __future__ import annotations

from collections.abc import Mapping

from textual import events

from runspect.model import State
from runspect.tui.commands import COMMANDS, TITLES, Command, Where, keys_of, shown_key, works_in
from runspect.tui.glyphs import UNICODE, Glyphs, plain
from runspect.tui.widgets.line_pane import LinePane
from runspect.tui.widgets.painted import Line, Span

_KEYS, _TITLE, _EXAMPLE = 20, 19, 26

_QUERY_HELP: tuple[tuple[str, str], ...] = (
    ("lr < 1e-3", "a param; numbers, durations (2d, 30m) and dates are understood"),
    ("val/loss:min < 0.3", "a metric: last, first, min, max, best, mean, n, nan"),
    ("tag:good -tag:bad", "tags; a minus or `not` turns it round"),
    ("state:failed  host:box7", "what is known of a run: state, host, project, dataset, seed"),
    ("name:/resnet(50|101)/", "a regular expression; resnet* is a pattern"),
    ("(a or b) c", "`or`, `and`, parentheses; a space is `and`"),
    ("resnet baseline", "bare words: name, tags, note, path"),
)


_STATES: Mapping[State, str] = {
    "running": "running",
    "quiet": "quiet: silent for longer than its own rhythm",
    "finished": "finished",
    "failed": "failed: it said so itself",
    "crashed": "crashed: a traceback ends its console",
    "killed": "killed: from outside, or its end was not recorded",
    "unknown": "unknown: nothing tells whether it ended",
    "gone": "gone: its files were deleted",
}


def _signs(glyphs: Glyphs) -> list[tuple[str, str]]:
    """Every sign of the screen and what it says."""
    return [
        *((glyphs.state(state), text) for state, text in _STATES.items()),
        (glyphs.mark, "marked"),
        (glyphs.star, "starred"),
        (glyphs.same, "its files lie in another place, too"),
        (f"{glyphs.up} {glyphs.down}", "in a heading: sorted, smallest or largest first"),
        (f"{glyphs.number(1)} {glyphs.number(2)}", "behind these: the first and the next key of the order"),
        (f"{glyphs.falls} {glyphs.rises}", "in a heading: lower or higher values are better"),
        (glyphs.best, "behind a value: the best one of all listed runs; on the header of a group the best mean"),
        ("lowest, highest", "the best value of a metric, by its name"),
        ("12m+", "still running: it took so long up to now"),
        ("~12m", "took so long up to the last write: no end was recorded"),
        ("NaN@412", "the first step whose value is no number"),
        ("0.25", "behind the name of a chart: the last value"),
        (plain("─", glyphs), "not recorded"),
        (glyphs.cut, "cut: there is more than fits"),
    ]


class HelpOverlay(LinePane):
    """Covers the view while it is open; `q`, `?` or escape close it."""

    def __init__(self, view: Where, keys: dict[str, str], *, glyphs: Glyphs = UNICODE, id: str | None = None) -> None:
        super().__init__(id=id, glyphs=glyphs)
        self.about = view
        self.keys = keys
        self.text = ""

    def on_mount(self) -> None:
        """Take the whole screen."""
        self._fill()
        self.screen.set_focus(self)

    def on_resize(self, event: events.Resize) -> None:
        """The explanations wrap at the width."""
        self._fill(keep_place=True)

    def on_key(self, event: events.Key) -> None:
        """Typing a word narrows the list; keys that move still move when nothing was typed."""
        if event.key in ("backspace", "ctrl+h") and self.text:
            self._narrow(self.text[:-1])
        elif event.key == "slash":
            self._narrow(" ")
        elif self.text and event.is_printable and event.character:
            self._narrow((self.text + event.character).lstrip() or " ")
        else:
            return
        event.stop()
        event.prevent_default()

    def _narrow(self, text: str) -> None:
        self.text = text
        self._fill()

    def _fill(self, *, keep_place: bool = False) -> None:
        head: list[Span] = [(" ", "plain"), ("Keys", "title"), (f"  in {TITLES.get(self.about, '')}", "dim")]
        if self.text:
            head += [("    /", "accent"), (self.text.strip(), "strong"), (" ", "input")]
        else:
            head.append(("    / search   j k scroll   esc close", "dim"))
        self.show(self._all(), (head, ()), keep_place=keep_place)

    def _all(self) -> list[Line]:
        own = [c for c in COMMANDS if works_in(c, self.about) and c.where not in ("everywhere", "lines")]
        lines = [c for c in COMMANDS if c.where == "lines" and works_in(c, self.about)]
        everywhere = [c for c in COMMANDS if c.where == "everywhere"]
        sections = ((TITLES.get(self.about, ""), own), ("Moving", lines), ("Everywhere", everywhere))
        shown: list[Line] = []
        for title, commands in sections:
            found = [c for c in commands if self.text.strip().lower() in f"{c.title} {c.help} {c.id}".lower()]
            if found:
                shown += [[(" " + title, "title")], *[line for c in found for line in self._row(c)], []]
        if not self.text.strip():
            shown.append([(" Filter", "title")])
            shown += [line for text, what in _QUERY_HELP for line in self._explained(text, what)]
            shown += [[], [(" Signs", "title")]]
            shown += [line for sign, what in _signs(self.glyphs) for line in self._explained(sign, what)]
        return shown or [[(" nothing fits that", "dim")]]

    def _explained(self, text: str, what: str) -> list[Line]:
        first, *more = _wrapped(what, max(20, self.size.width - _EXAMPLE - 5))
        return [
            [("   ", "plain"), (f"{text:<{_EXAMPLE}}", "accent"), (first, "dim")],
            *[[(" " * (_EXAMPLE + 3), "plain"), (each, "dim")] for each in more],
        ]

    def _row(self, command: Command) -> list[Line]:
        keys = " ".join(
            shown_key(key) for key in self.keys.get(command.id, ",".join(keys_of(command))).split(",") if key
        )
        keys = plain(keys, self.glyphs)
        width = max(20, self.size.width - _KEYS - _TITLE - 5)
        texts = _wrapped(command.help, width)
        first: Line = [
            ("   ", "plain"),
            (f"{keys or ':' + command.id:<{_KEYS}}", "accent"),
            (f"{command.title:<{_TITLE}}", "plain"),
            (texts[0], "dim"),
        ]
        return [first, *[[(" " * (_KEYS + _TITLE + 3), "plain"), (text, "dim")] for text in texts[1:]]]


def _wrapped(text: str, width: int) -> list[str]:
    lines: list[str] = []
    line = ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*lines, line]
