"""Commands that ask for something first: by the prompt line or by a list to choose from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from runspect import columns
from runspect.errors import UsageError
from runspect.model import SortKey
from runspect.tui.commands import COMMANDS, Where, keys_of, shown_key
from runspect.tui.desk import Desk
from runspect.tui.screens.annotating import Annotating
from runspect.tui.screens.opening import Opening
from runspect.tui.screens.prompting import Prompting, Question
from runspect.tui.screens.run_list import RunList
from runspect.tui.widgets.picker import Choice, Picker

_DIRECTIONS = {False: "smallest first", True: "largest first"}


class Stage(Protocol):
    """What the screen does for these commands."""

    view: Where

    def perform(self, id: str, argument: str = "") -> None:
        """Carry out a command."""

    def open_picker(self, picker: Picker) -> None:
        """Show a list over the view."""


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
        self._take: Callable[[tuple[str, ...]], None] = lambda values: None

    def picked(self, values: tuple[str, ...]) -> None:
        """Something was chosen from the list."""
        self._take(values)

    # tags, notes, names

    def do_tag(self) -> None:
        rids = self.runs.targets()
        if not rids:
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
        self.annotating.tag(text, self.runs.targets())

    def do_note(self) -> None:
        rid = self.runs.table.current
        row = self.runs.row_of(rid) if rid is not None else None
        if rid is None or row is None:
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
        self.annotating.toggle("star", self.runs.targets())

    def do_archive(self) -> None:
        self.annotating.toggle("archive", self.runs.targets())

    def do_undo(self) -> None:
        self.annotating.undo()

    def do_redo(self) -> None:
        self.annotating.redo()

    # columns, order, metrics

    def do_columns(self) -> None:
        chosen = [spec for spec in self.runs.specs if spec != "name"]
        self._pick(
            "Columns",
            self._column_choices(),
            self._take_columns,
            chosen=chosen,
            hint="space show or hide   enter done   none: the usual ones   esc leave",
        )

    def take_columns(self, text: str) -> None:
        self.runs.set_columns([spec for spec in text.replace(",", " ").split() if spec])

    def do_sort(self) -> None:
        current = self.runs.wanted.sort[0].column if self.runs.wanted.sort else ""
        choices = [choice for choice in self._column_choices() if not choice.value.startswith("~")]
        shown = [Choice("name", "name", "the run's name"), *choices]
        front = [choice for choice in shown if choice.value in self.runs.specs]
        rest = [choice for choice in shown if choice.value not in self.runs.specs]
        self._pick("Sort by", [*front, *rest], lambda values: self._sorted(values[0]), at=current)

    def take_sort(self, text: str) -> None:
        spec = text.lstrip("+-")
        self.runs.set_sort((SortKey(spec, text.startswith("-")),))

    def sort_by_cursor(self, *, descending: bool) -> None:
        """Sort by the column under the column cursor."""
        specs = self.runs.specs
        if specs:
            spec = specs[min(self.runs.table.column, len(specs) - 1)]
            self.runs.set_sort((SortKey(spec.removeprefix("~"), descending),))
            self.desk.say(f"sorted by {spec.removeprefix('~')}, {_DIRECTIONS[descending]}", "dim")

    def do_metric(self) -> None:
        choices = self.runs.choices
        if choices is None or not choices.metrics:
            self.desk.say("no metric was recorded by these runs", "dim")
            return
        listed = [Choice(entry[0], entry[0], _counted(entry[1])) for entry in choices.metrics]
        if self.stage.view == "charts":
            shown = self.opening.chart_metrics or self.opening.charted_metrics
            listed.sort(key=lambda choice: choice.value not in shown)
            hint = "space show or hide   enter done   none: all   esc leave"
            self._pick(
                "Metrics of the charts", listed, self._chart_metrics, chosen=self.opening.chart_metrics, hint=hint
            )
        else:
            self._pick(
                "Metric of the table", listed, lambda values: self.runs.set_metric(values[0]), at=self.runs.metric
            )

    def take_metric(self, text: str) -> None:
        if self.stage.view == "charts":
            self._chart_metrics(tuple(text.replace(",", " ").split()))
        else:
            self.runs.set_metric(text)

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

    def do_palette(self) -> None:
        choices = [
            Choice(command.id, command.title, f"{command.help}  {' '.join(map(shown_key, keys_of(command)[:2]))}")
            for command in COMMANDS
            if command.where in ("everywhere", self.stage.view)
        ]
        self._pick("Commands", choices, lambda values: self.stage.perform(values[0]))

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
            (sign + entry[0], _counted(entry[1]))
            for entry in tags
            if entry[0].startswith(word[len(sign) :]) and sign + entry[0] != word
        ]

    # lists

    def _pick(
        self,
        title: str,
        choices: Sequence[Choice],
        take: Callable[[tuple[str, ...]], None],
        *,
        chosen: Sequence[str] | None = None,
        at: str = "",
        hint: str = "",
    ) -> None:
        self._take = take
        self.stage.open_picker(
            Picker(title, choices, chosen=chosen, at=at, hint=hint, glyphs=self.desk.glyphs, id="picker")
        )

    def _column_choices(self) -> list[Choice]:
        choices = self.runs.choices
        shown = [Choice(spec, _titled(spec), "shown") for spec in self.runs.specs if spec != "name"]
        fields = [
            Choice(spec, spec, "")
            for spec in (
                "age",
                "took",
                "tags",
                "note",
                "started",
                "ended",
                "updated",
                "steps",
                "project",
                "group",
                "host",
                "owner",
                "path",
                "tools",
                "reason",
                "parent",
                "problems",
                "uid",
            )
        ]
        if choices is None:
            return shown or fields
        metrics = [
            Choice(spec, spec, f"metric, {_counted(entry[1])}")
            for entry in choices.metrics
            for spec in (entry[0], f"{entry[0]}:best", f"{entry[0]}:min", f"{entry[0]}:max", f"~{entry[0]}")
        ]
        params = [
            Choice(
                entry[0], entry[0], f"param, {entry[2]:,} value{'s' if entry[2] != 1 else ''} in {_counted(entry[1])}"
            )
            for entry in choices.params
        ]
        facts = [Choice(entry[0], entry[0], f"fact, {_counted(entry[1])}") for entry in choices.facts]
        known = {choice.value for choice in shown}
        return [*shown, *(choice for choice in (*fields, *params, *metrics, *facts) if choice.value not in known)]

    def _take_columns(self, values: tuple[str, ...]) -> None:
        known = [spec for spec in self.runs.specs if spec in values]
        self.runs.set_columns([*known, *(value for value in values if value not in known)])

    def _sorted(self, spec: str) -> None:
        self.runs.toggle_sort(spec)
        key = self.runs.wanted.sort[0]
        self.desk.say(f"sorted by {key.column}, {_DIRECTIONS[key.descending]}", "dim")

    def _chart_metrics(self, values: tuple[str, ...]) -> None:
        self.opening.chart_metrics = values
        self.opening.fill_charts()

    def _about(self, rids: Sequence[int]) -> str:
        if len(rids) > 1:
            return f"{len(rids):,} runs"
        row = self.runs.row_of(rids[0])
        return _short(row.name) if row is not None else "this run"


def _short(name: str) -> str:
    return name if len(name) <= 28 else name[:16] + "…" + name[-11:]


def _titled(spec: str) -> str:
    try:
        return columns.parse_column(spec).spec
    except UsageError:
        return spec


def _counted(count: int) -> str:
    return f"{count:,} run{'s' if count != 1 else ''}"
