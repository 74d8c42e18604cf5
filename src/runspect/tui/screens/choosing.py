"""Commands that let one choose from a list first: columns, the order, metrics, commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from runspect import columns
from runspect.columns.table import COLUMNS
from runspect.errors import UsageError
from runspect.model import SortKey
from runspect.tui.cell_maker import SHOWN_OTHERWISE
from runspect.tui.commands import BY_ID, COMMANDS, TITLES, Command, Where, shown_key, works_in
from runspect.tui.desk import Desk
from runspect.tui.screens.opening import Opening
from runspect.tui.screens.run_list import RunList
from runspect.tui.widgets.picker import Choice, Picker
from runspect.tui.widgets.verb_picker import VerbPicker

_DIRECTIONS = {False: "smallest first", True: "largest first"}


class Stage(Protocol):
    """What the screen does for these commands."""

    view: Where

    def open_view(self, view: Where) -> None:
        """Show a view."""

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
            "Columns",
            self.column_choices(),
            self._take_columns,
            chosen=chosen,
            hint="space show or hide   enter done   none: the usual ones   esc leave",
        )

    def take_columns(self, text: str) -> None:
        self.runs.set_columns([spec for spec in text.replace(",", " ").split() if spec])

    def do_sort(self) -> None:
        current = self.runs.wanted.sort[0].column if self.runs.wanted.sort else ""
        choices = [choice for choice in self.column_choices() if not choice.value.startswith("~")]
        shown = [Choice("name", "name", "the run's name"), *choices]
        front = [choice for choice in shown if choice.value in self.runs.specs]
        rest = [choice for choice in shown if choice.value not in self.runs.specs]
        self.pick("Sort by", [*front, *rest], lambda values: self._sorted(values[0]), at=current)

    def take_sort(self, text: str) -> None:
        spec = text.lstrip("+-")
        self.runs.set_sort((SortKey(spec, text.startswith("-")),))

    def do_sort_up(self) -> None:
        self._sort_by_cursor(descending=False)

    def do_sort_down(self) -> None:
        self._sort_by_cursor(descending=True)

    def _sort_by_cursor(self, *, descending: bool) -> None:
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
            self._chart_metrics(tuple(text.replace(",", " ").split()))
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
    ) -> None:
        """Show a list; `take` gets what was chosen: one value, or several where `chosen` says which are chosen already."""
        self._take = take
        self.stage.open_picker(
            Picker(title, choices, chosen=chosen, at=at, hint=hint, glyphs=self.desk.glyphs, id="picker")
        )

    def pick_or_act(
        self,
        title: str,
        choices: Sequence[Choice],
        take: Callable[[tuple[str, ...]], None],
        verbs: Mapping[str, tuple[str, Callable[[str], None]]],
        *,
        enter: str,
    ) -> None:
        """Show a list of which enter takes one; each letter of `verbs` does what it says with one."""
        self._take, self._acts = take, {key: act for key, (_, act) in verbs.items()}
        told = {key: what for key, (what, _) in verbs.items()}
        self.stage.open_picker(VerbPicker(title, choices, told, enter=enter, glyphs=self.desk.glyphs, id="picker"))

    def column_choices(self) -> list[Choice]:
        """Every column that can be shown: those that are, then the others with how many runs have them."""
        choices = self.runs.choices
        shown = [Choice(spec, _titled(spec), "shown") for spec in self.runs.specs if spec != "name"]
        fields = [Choice(row.name, row.name, row.help) for row in COLUMNS if row.name not in (*SHOWN_OTHERWISE, "name")]
        if choices is None:
            return shown or fields
        metrics = [
            Choice(spec, spec, f"metric, {counted(entry[1])}")
            for entry in choices.metrics
            for spec in (entry[0], f"{entry[0]}:best", f"{entry[0]}:min", f"{entry[0]}:max", f"~{entry[0]}")
        ]
        params = [
            Choice(
                entry[0], entry[0], f"param, {entry[2]:,} value{'s' if entry[2] != 1 else ''} in {counted(entry[1])}"
            )
            for entry in choices.params
        ]
        facts = [Choice(entry[0], entry[0], f"fact, {counted(entry[1])}") for entry in choices.facts]
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


def _titled(spec: str) -> str:
    try:
        return columns.parse_column(spec).spec
    except UsageError:
        return spec


def counted(count: int) -> str:
    """So many runs, in words."""
    return f"{count:,} run{'s' if count != 1 else ''}"
