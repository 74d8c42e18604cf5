"""The command line: any command by its name, with its history, and completions of commands and of what follows them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Protocol

from runspect.columns.names import near
from runspect.columns.table import COLUMNS
from runspect.counted import counted
from runspect.masking import mask_text
from runspect.tui.commands import BY_ID, COMMANDS, TITLES, Where
from runspect.tui.desk import Desk
from runspect.tui.screens.asking import Asking, Items
from runspect.tui.screens.choosing import Choosing
from runspect.tui.screens.judging import verdict_items
from runspect.tui.screens.prompting import Prompting, Question
from runspect.tui.screens.run_list import RunList
from runspect.tui.screens.viewing import Viewing

MOST = 200
"""Lines of history."""
_LINE = re.compile(r"(?P<word>[^\s!]+)(?P<bang>!?)\s*(?P<rest>.*)")
_ALIASES = {"q": "quit", "h": "help", "w": "write", "views": "view"}
_DIGITS = 12
"""Of the number of a row: no list is longer, and Python refuses numbers of thousands of digits."""
_LIST_WORDS = re.compile(r"[\s,]+")


class Stage(Protocol):
    """What the screen does for the command line."""

    view: Where

    def open_view(self, view: Where) -> None:
        """Show a view."""

    def perform(self, id: str, argument: str = "") -> None:
        """Carry out a command."""


class Commanding:
    """Asks for a line and carries it out. A `!` behind the word reaches the command as "! " in front of its argument."""

    def __init__(
        self,
        desk: Desk,
        stage: Stage,
        runs: RunList,
        asking: Asking,
        choosing: Choosing,
        viewing: Viewing,
        prompting: Prompting,
    ) -> None:
        self.desk = desk
        self.stage = stage
        self.runs = runs
        self.asking = asking
        self.choosing = choosing
        self.viewing = viewing
        self.prompting = prompting
        self.history: tuple[str, ...] = ()
        """Lines that were carried out, the oldest first."""

    def do_command(self) -> None:
        self.prompting.ask(
            Question(
                ":",
                self.carry_out,
                "a command, or the number of a row, $ the last one",
                self.completions,
                history=self.history,
            )
        )
        self.viewing.look(self.prompting.offer_again)
        self.asking.look_for_projects()

    def carry_out(self, text: str) -> None:
        """Do what a line says, and remember it."""
        self._remember(text)
        if text.isdecimal() or text == "$":
            self._go_to_row(text)
            return
        line = _LINE.fullmatch(text)
        if line is None:
            return
        id = command_called(line["word"])
        if not id:
            alike = nearest(line["word"])
            meant = f"did you mean {' or '.join(f':{each}' for each in alike)}?" if alike else "? lists them all"
            self.desk.say(f":{line['word']} is no command; {meant}", "bad")
            return
        argument = line["rest"].strip()
        where = BY_ID[id].where
        if where in TITLES and where != self.stage.view:
            self.stage.open_view(where)  # what it does is to be seen
        self.stage.perform(id, f"! {argument}".strip() if line["bang"] and id != "quit" else argument)

    def _go_to_row(self, text: str) -> None:
        """`12`; the first row for 0, the last one for `$` and for more than there are."""
        if self.stage.view != "runs":
            self.stage.open_view("runs")
        table = self.runs.table
        last = len(table.order)
        row = last if text == "$" else int(text[:_DIGITS])
        table.move(max(0, row - 1))
        if row > last:
            self.desk.say(f"the list ends with row {last:,}", "dim")

    def completions(self, text: str) -> Items:
        """Names of commands, then what may follow them."""
        word, space, argument = text.partition(" ")
        if space:
            return self._arguments(command_called(word.rstrip("!")), argument)
        return [
            (command.id, command.help)
            for command in COMMANDS
            if text and command.id.startswith(text) and command.where in ("everywhere", self.stage.view)
        ]

    def _arguments(self, id: str, text: str) -> Items:
        known: dict[str, Callable[[str], Items]] = {
            "tag": self.asking.known_tags,
            "tags": self.asking.known_tags,
            "project": self.asking.known_projects,
            "view": self.viewing.completions,
            "columns": self._columns,
            "verdict": verdict_items,
            "sort": self._columns,
            "metric": self._metrics,
            "mark": self._query_names,
            "unmark": self._query_names,
            "filter": self._query_names,
        }
        return known[id](text) if id in known else ()

    def _columns(self, text: str) -> Items:
        items = [(choice.value, choice.aside) for choice in self.choosing.column_choices()]
        return _beginning(items, text, signs="-+")

    def _metrics(self, text: str) -> Items:
        choices = self.runs.choices
        return _beginning([(name, counted(n)) for name, n in choices.metrics] if choices else [], text)

    def _query_names(self, text: str) -> Items:
        fields = [(row.name, row.help) for row in COLUMNS]
        choices = self.runs.choices
        if choices is None:
            return _beginning(fields, text, signs="-(")
        params = [(name, counted(n)) for name, n, _ in choices.params]
        metrics = [(name, counted(n)) for name, n in choices.metrics]
        tags = [(f"tag:{name}", counted(n)) for name, n in choices.tags]
        return _beginning([*tags, *params, *metrics, *fields, *self.viewing.named()], text, signs="-(")

    def _remember(self, text: str) -> None:
        """Keep a line; what may hold a secret is not kept."""
        if text and mask_text(text) == text:
            self.history = (*(line for line in self.history if line != text), text)[-MOST:]


def command_called(word: str) -> str:
    """The id of the command of that name or the first that begins so; "" when there is none."""
    wanted = _ALIASES.get(word, word)
    ids = [command.id for command in COMMANDS]
    return wanted if wanted in ids else next((id for id in ids if wanted and id.startswith(wanted)), "")


def nearest(word: str) -> tuple[str, ...]:
    """The commands whose names are most like a word that is none."""
    return near(word, (*(command.id for command in COMMANDS), *(alias for alias in _ALIASES if len(alias) > 1)))


def _beginning(items: Sequence[tuple[str, str]], text: str, signs: str = "") -> Items:
    """Those that begin like the last word; a sign in front of it stays."""
    word = _LIST_WORDS.split(text)[-1]
    bare = word.lstrip(signs) if signs else word
    sign = word[: len(word) - len(bare)]
    return [(sign + name, what) for name, what in items if name.startswith(bare) and sign + name != word]
