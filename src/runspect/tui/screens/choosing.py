"""Commands that let one choose from a list first: columns, the order, metrics, commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from runspect import columns
from runspect.counted import counted
from runspect.errors import UsageError
from runspect.model import SortKey
from runspect.tui.commands import BY_ID, COMMANDS, TITLES, Command, Where, shown_key, works_in
from runspect.tui.desk import Desk
from runspect.tui.screens.column_choices import Distinct, column_choices
from runspect.tui.screens.opening import Opening
from runspect.tui.screens.run_list import RunList
from runspect.tui.screens.shown_columns import MOST_KEYS, sort_keys
from runspect.tui.widgets.picker import Choice, Picker
from runspect.tui.widgets.verb_picker import VerbPicker

_DIRECTIONS = {False: "smallest first", True: "largest first"}


class Stage(Protocol):
    """What the screen does for these commands."""

    view: Where

    def open_view(self, view: Where) -> None:
        """Show a view."""

    @property
    def picker(self) -> Picker | None:
        """The list that is open."""

    def perform(self, id: str, argument: str = "") -> None:
        """Carry out a command."""

    def open_picker(self, picker: Picker) -> None:
        """Show a list over the view."""


class Choosing:
    """`do_x` opens a list and then carries out; `take_x` carries out what was typed behind the command."""

    def __init__(self, desk: Desk, stage: Stage, runs: RunList, opening: Opening) -> None:
        self.desk = desk
        self.stage = stage
        self.runs = runs
        self.opening = opening
        self._take: Callable[[tuple[str, ...]], None] = lambda values: None
        self._acts: Mapping[str, Callable[[str], None]] = {}

    def picked(self, values: tuple[str, ...]) -> None:
        """Something was chosen from the list."""
        self._take(values)

    def acted(self, verb: str, value: str) -> None:
        """A letter was pressed on a line of the list."""
        self._acts[verb](value)

    def do_columns(self) -> None:
        chosen = [spec for spec in self.runs.specs if spec != "name"]
        self.pick(
            "Columns, or type any spec",
            self.column_choices(),
            self._take_columns,
            chosen=chosen,
            hint="space show or hide   enter done   none: the usual ones   esc leave",
            free=self._typed_column,
        )
        self.desk.errands.send("distinct", self.desk.workspace.distinct, self._tell_distinct, lambda error: None)

    def _typed_column(self, text: str) -> Choice | None:
        """What was typed, as a column, where it names one."""
        try:
            columns.resolve(columns.parse_column(text), self.runs.names)
        except UsageError:
            return None
        return Choice(text, text, "what you typed")

    def _tell_distinct(self, found: Distinct) -> None:
        picker = self.stage.picker
        if picker is not None:
            picker.tell({choice.value: choice.aside for choice in self.column_choices(found)})

    def take_columns(self, text: str) -> None:
        specs = columns.listed(text, self.runs.names)
        if self._are_known(specs):
            self.runs.set_columns(specs)

    def _are_known(self, specs: Sequence[str]) -> bool:
        """Whether these name columns of these runs; what is wrong with the first one that does not is said."""
        try:
            for spec in specs:
                columns.meant(spec, self.runs.names)
        except UsageError as error:
            self.desk.say(str(error), "bad")
            return False
        return True

    def do_sort(self) -> None:
        current = self.runs.wanted.sort[0].column if self.runs.wanted.sort else ""
        choices = [choice for choice in self.column_choices() if not choice.value.startswith("~")]
        shown = [Choice("name", "name", "the run's name"), *choices]
        front = [choice for choice in shown if choice.value in self.runs.specs]
        rest = [choice for choice in shown if choice.value not in self.runs.specs]
        newest = [Choice("", "newest first", "the usual order")] if current else []
        self.pick("Sort by", [*newest, *front, *rest], lambda values: self._sorted(values[0]), at=current)

    def take_sort(self, text: str) -> None:
        keys = sort_keys(text, self.runs.names)
        if not self._are_known([key.column for key in keys]):
            return
        self.runs.set_sort(keys)
        self._say_sort()

    def do_sort_up(self) -> None:
        self._sort_by_cursor(descending=False)

    def do_sort_down(self) -> None:
        self._sort_by_cursor(descending=True)

    def do_sort_then_up(self) -> None:
        self._sort_by_cursor(descending=False, then=True)

    def do_sort_then_down(self) -> None:
        self._sort_by_cursor(descending=True, then=True)

    def _sort_by_cursor(self, *, descending: bool, then: bool = False) -> None:
        spec = self.runs.table.spec.removeprefix("~")
        if not spec:
            return
        key, before = SortKey(spec, descending), self.runs.wanted.sort if then else ()
        if any(known.column == spec for known in before):
            self.runs.set_sort(tuple(key if known.column == spec else known for known in before))
        else:
            self.runs.set_sort((*before[: MOST_KEYS - 1], key))
        self._say_sort()

    def _say_sort(self) -> None:
        keys = [f"{key.column}, {_DIRECTIONS[key.descending]}" for key in self.runs.wanted.sort]
        self.desk.say(f"sorted by {'; then by '.join(keys)}" if keys else "newest first", "dim")

    def do_metric(self) -> None:
        choices = self.runs.choices
        if choices is None or not choices.metrics:
            self.desk.say("no metric was recorded by these runs", "dim")
            return
        listed = [Choice(entry[0], entry[0], counted(entry[1])) for entry in choices.metrics]
        if self.stage.view == "charts":
            shown = self.opening.chart_metrics or self.opening.charted_metrics
            listed.sort(key=lambda choice: choice.value not in shown)
            hint = "space show or hide   enter done   none: all   esc leave"
            self.pick(
                "Metrics of the charts", listed, self._chart_metrics, chosen=self.opening.chart_metrics, hint=hint
            )
        else:
            self.pick(
                "Metric of the table", listed, lambda values: self.runs.set_metric(values[0]), at=self.runs.metric
            )

    def take_metric(self, text: str) -> None:
        if self.stage.view == "charts":
            self._chart_metrics(columns.listed(text, self.runs.names))
        else:
            self.runs.set_metric(text)

    def do_palette(self) -> None:
        """Every command with its key: those that work here, then those of other views, which go there first."""
        view, keymap = self.stage.view, self.desk.options.keymap
        here = [command for command in COMMANDS if works_in(command, view)]
        there = [command for command in COMMANDS if command.where in TITLES and command.where != view]

        def choice(command: Command, where: str = "") -> Choice:
            keys = tuple(filter(None, keymap.get(command.id, command.key).split(",")))[:2]
            shown = " ".join(map(shown_key, keys)) or f":{command.id}"
            return Choice(command.id, f"{shown:<8} {where}{command.title}", command.help)

        def take(values: tuple[str, ...]) -> None:
            command = BY_ID[values[0]]
            if command in there:
                self.stage.open_view(command.where)
            self.stage.perform(command.id)

        elsewhere = [choice(command, f"{TITLES[command.where]}: ") for command in there]
        self.pick("Commands", [*map(choice, here), *elsewhere], take)

    def pick(
        self,
        title: str,
        choices: Sequence[Choice],
        take: Callable[[tuple[str, ...]], None],
        *,
        chosen: Sequence[str] | None = None,
        at: str = "",
        hint: str = "",
        free: Callable[[str], Choice | None] = lambda text: None,
    ) -> None:
        """Show a list; `take` gets what was chosen: one value, or several where `chosen` says which are chosen already."""
        self._take = take
        self.stage.open_picker(
            Picker(title, choices, chosen=chosen, at=at, hint=hint, free=free, glyphs=self.desk.glyphs, id="picker")
        )

    def pick_or_act(
        self,
        title: str,
        choices: Sequence[Choice],
        take: Callable[[tuple[str, ...]], None],
        verbs: Mapping[str, tuple[str, Callable[[str], None]]],
        *,
        enter: str,
        at: str = "",
    ) -> None:
        """Show a list of which enter takes one; each letter of `verbs` does what it says with one."""
        self._take, self._acts = take, {key: act for key, (_, act) in verbs.items()}
        told = {key: what for key, (what, _) in verbs.items()}
        self.stage.open_picker(
            VerbPicker(title, choices, told, enter=enter, at=at, glyphs=self.desk.glyphs, id="picker")
        )

    def column_choices(self, distinct: Distinct | None = None) -> list[Choice]:
        """Every column that can be shown: those that are, then the others with how many runs have them."""
        shown = [column for column in self.runs.columns if column.spec != "name"]
        return column_choices(shown, self.runs.choices, distinct)

    def _take_columns(self, values: tuple[str, ...]) -> None:
        known = [spec for spec in self.runs.specs if spec in values]
        self.runs.set_columns([*known, *(value for value in values if value not in known)])

    def _sorted(self, spec: str) -> None:
        if spec:
            self.runs.toggle_sort(spec)
        else:
            self.runs.set_sort(())
        self._say_sort()

    def _chart_metrics(self, values: tuple[str, ...]) -> None:
        self.opening.chart_metrics = values
        self.opening.fill_charts()
