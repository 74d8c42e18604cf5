"""Commands that ask for words first, in the prompt line: tags, notes, names, a search, any command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from runspect.tui.commands import COMMANDS, Where
from runspect.tui.desk import Desk
from runspect.tui.screens.annotating import Annotating
from runspect.tui.screens.choosing import counted
from runspect.tui.screens.opening import Opening
from runspect.tui.screens.prompting import Prompting, Question
from runspect.tui.screens.run_list import RunList


class Stage(Protocol):
    """What the screen does for these commands."""

    view: Where

    def perform(self, id: str, argument: str = "") -> None:
        """Carry out a command."""


_NOBODY = "no run is listed that this could be for"


class Asking:
    """`do_x` asks and then carries out; `take_x` carries out what was typed behind the command."""

    def __init__(
        self, desk: Desk, stage: Stage, runs: RunList, opening: Opening, annotating: Annotating, prompting: Prompting
    ) -> None:
        self.desk = desk
        self.stage = stage
        self.runs = runs
        self.opening = opening
        self.annotating = annotating
        self.prompting = prompting
        self.unfinished: tuple[str, str] = ("", "")
        """Id of the run and text of a note that was left unfinished."""

    # tags, notes, names

    def do_tag(self) -> None:
        rids = self.runs.targets()
        if not rids:
            self.desk.say(_NOBODY, "dim")
            return
        about = self._about(rids)
        self.prompting.ask(
            Question(
                f"tags of {about}",
                lambda text: self.annotating.tag(text, rids),
                "+good -bad, or names to toggle",
                self._known_tags,
            )
        )

    def take_tag(self, text: str) -> None:
        rids = self.runs.targets()
        if rids:
            self.annotating.tag(text, rids)
        else:
            self.desk.say(_NOBODY, "dim")

    def do_note(self) -> None:
        rid = self.runs.table.current
        row = self.runs.row_of(rid) if rid is not None else None
        if rid is None or row is None:
            self.desk.say(_NOBODY if rid is None else "the run is not known yet; try again", "dim")
            return
        uid, name = row.uid, row.name

        def ask(text: str) -> None:
            kept = self.unfinished[1] if self.unfinished[0] == uid else text

            def keep(typed: str) -> None:
                self.unfinished = (uid, typed) if typed != text else ("", "")

            def take(typed: str) -> None:
                self.unfinished = ("", "")
                self.annotating.note(typed, uid, (rid,))

            self.prompting.ask(
                Question(
                    f"note on {_short(name)}", take, "what did you expect, what did you see?", left=keep, changed=keep
                ),
                kept,
            )

        self.desk.errands.send("note", lambda: str(self.desk.run(rid)["note"] or ""), ask)

    def do_card_note(self) -> None:
        self.do_note()

    def take_note(self, text: str) -> None:
        rid = self.runs.table.current
        if rid is not None:
            self.annotating.note(text, self.runs.uid_of(rid), (rid,))

    def do_name(self) -> None:
        rid = self.runs.table.current
        row = self.runs.row_of(rid) if rid is not None else None
        if rid is not None and row is not None:
            uid = row.uid
            self.prompting.ask(
                Question("name", lambda text: self.annotating.name(text, uid, (rid,)), "empty: the run's own name"),
                row.name,
            )

    def take_name(self, text: str) -> None:
        rid = self.runs.table.current
        if rid is not None:
            self.annotating.name(text, self.runs.uid_of(rid), (rid,))

    def do_star(self) -> None:
        self._toggle("star")

    def do_archive(self) -> None:
        self._toggle("archive")

    def _toggle(self, key: str) -> None:
        rids = self.runs.targets()
        if rids:
            self.annotating.toggle(key, rids)
        else:
            self.desk.say(_NOBODY, "dim")

    def do_undo(self) -> None:
        self.annotating.undo()

    def do_redo(self) -> None:
        self.annotating.redo()

    def take_filter(self, text: str) -> None:
        self.runs.set_query(text, keep=True)

    def do_search(self) -> None:
        logs = self.opening.logs

        def take(text: str) -> None:
            if text and not logs.search(text):
                self.desk.say(f"{text} is not in this log", "dim")

        self.prompting.ask(Question("search", take, "text in the log, without regard to case"), logs.pattern)

    # every command

    def do_command(self) -> None:
        self.prompting.ask(Question(":", self._command, "a command, or the number of a row", self._known_commands))

    def _command(self, text: str) -> None:
        if text.isdigit():
            self.runs.table.move(int(text) - 1)
            return
        word, _, argument = text.partition(" ")
        found = {"q": "quit", "q!": "quit", "w": "", "h": "help"}.get(word, word)
        fitting = [command.id for command in COMMANDS if command.id == found] or [
            c.id for c in COMMANDS if c.id.startswith(found) and found
        ]
        if fitting:
            self.stage.perform(fitting[0], argument.strip())
        elif word:
            self.desk.say(f":{word} is no command; ? lists them all", "bad")

    def _known_commands(self, text: str) -> Sequence[tuple[str, str]]:
        if " " in text or not text:
            return ()
        return [
            (command.id, command.help)
            for command in COMMANDS
            if command.id.startswith(text) and command.where in ("everywhere", self.stage.view)
        ]

    def _known_tags(self, text: str) -> Sequence[tuple[str, str]]:
        word = text.rsplit(" ", 1)[-1]
        sign = word[:1] if word[:1] in ("+", "-") else ""
        tags = self.runs.choices.tags if self.runs.choices is not None else ()
        return [
            (sign + entry[0], counted(entry[1]))
            for entry in tags
            if entry[0].startswith(word[len(sign) :]) and sign + entry[0] != word
        ]

    def _about(self, rids: Sequence[int]) -> str:
        if len(rids) > 1:
            return f"{len(rids):,} runs"
        row = self.runs.row_of(rids[0])
        return _short(row.name) if row is not None else "this run"


def _short(name: str) -> str:
    return name if len(name) <= 28 else name[:16] + "…" + name[-11:]
