"""Which params move the metric over the listed runs, and the picture of one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from textual.timer import Timer
from textual.widget import Widget

from runspect.columns.cells import value_text
from runspect.counted import counted
from runspect.dataclass import dataclass
from runspect.errors import RunspectError
from runspect.masking import printable
from runspect.model import Json
from runspect.tui.desk import Desk
from runspect.tui.screens.choosing import Choosing
from runspect.tui.screens.run_list import RunList
from runspect.tui.widgets.importance_list import FEW, ImportanceList
from runspect.tui.widgets.picker import Choice
from runspect.tui.widgets.scatter_pane import ScatterPane

REST_S = 0.15
"""Seconds that the cursor has to rest before its param is drawn."""


class Stage(Protocol):
    """What the screen does for these commands."""

    def open_view(self, view: Any) -> None:
        """Show a view."""

    def later(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Call something after some seconds."""


@dataclass(frozen=True, slots=True)
class _Values:
    """One param and the metric, of each listed run."""

    param: str
    metric: str
    xs: tuple[Json, ...]
    ys: tuple[Json, ...]


class Importance:
    """Asks, draws off the event loop, and draws again when the size is another one."""

    def __init__(
        self, desk: Desk, stage: Stage, runs: RunList, choosing: Choosing, params: ImportanceList, picture: ScatterPane
    ) -> None:
        self.desk = desk
        self.stage = stage
        self.runs = runs
        self.choosing = choosing
        self.params = params
        self.picture = picture
        self.metric = ""
        """The column spec that was chosen; "" for the table's metric."""
        self._values: _Values | None = None
        self._found_for = ""
        self._rest: Timer | None = None

    # commands

    def do_importance(self) -> None:
        self.stage.open_view("importance")

    def take_importance(self, text: str) -> None:
        """`:importance val/loss:min`."""
        self.metric = text
        self.stage.open_view("importance")

    def choose_metric(self) -> None:
        """Choose the metric from a list."""
        listed = [Choice(spec, spec, counted(runs)) for spec, runs in self.runs.measures()]
        if not listed:
            self.desk.say("no metric was recorded by these runs", "dim")
            return
        self.choosing.pick("What the params may move", listed, self._take_metric, at=self._found_for)

    def turn_zoom(self) -> bool:
        """Give the picture the whole view, or take it back; whether it has it now."""
        view = self.picture.parent
        if not isinstance(view, Widget) or self._values is None:
            return False
        zoomed = not self.is_zoomed
        self.params.set_class(zoomed, "-aside")  # not hidden: it has the keys
        view.set_class(zoomed, "-zoomed")
        self.picture.call_after_refresh(self.draw)
        return zoomed

    @property
    def is_zoomed(self) -> bool:
        """Whether the picture has the whole view."""
        return self.params.has_class("-aside")

    # asking

    def fill(self) -> None:
        """Ask for the params."""
        query, metric, secrets = self.runs.wanted.query, self._asked, self.desk.options.show_secrets
        workspace = self.desk.workspace

        def failed(error: RunspectError) -> None:
            self.params.say(str(error))
            self._clear()

        self.desk.errands.send("importance", lambda: workspace.moved(query, metric, secrets), self._arrived, failed)

    def pointed(self) -> None:
        """The cursor is on another param: draw it once it rests."""
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.stage.later(REST_S, self._ask_values)

    @property
    def _asked(self) -> str:
        # without a chosen one the engine takes what the runs of the filter are judged by
        return self.metric or (self.runs.measure if self.runs.wanted.metric else "")

    def _take_metric(self, values: Sequence[str]) -> None:
        self.metric = values[0]
        self.fill()

    def _arrived(self, found: dict[str, Any]) -> None:
        self._found_for = str(found["metric"])
        self.params.show(found)
        if self.params.effect is None:
            self._clear()
        else:
            self._ask_values()

    def _ask_values(self) -> None:
        self._rest = None
        param, metric = self.params.param, self._found_for
        rids, secrets, workspace = self.runs.groups.listed, self.desk.options.show_secrets, self.desk.workspace
        if not param:
            return

        def ask() -> _Values:
            rows = workspace.window(rids, (_exactly(param), metric), secrets)
            return _Values(
                param, metric, tuple(_drawn(row.values[0]) for row in rows), tuple(row.values[1] for row in rows)
            )

        self.desk.errands.send("scatter", ask, self._values_arrived)

    def _values_arrived(self, values: _Values) -> None:
        if values.param == self.params.param:
            self._values = values
            self.draw()

    # drawing

    def draw(self) -> None:
        """Draw what is known for the size that there is; plotext takes its time, so not here."""
        values, effect = self._values, self.params.effect
        if values is None or effect is None or not self.picture.size:
            return
        warnings = _warnings(effect)
        width, height = self.picture.size.width - 1, self.picture.size.height - 1 - len(warnings)
        ascii_only, is_category = self.desk.glyphs.ascii, effect["kind"] == "category"

        def make() -> tuple[str, str]:
            from runspect.charts.scatter import points_of, scatter

            xs = [None if x is None else value_text(x) for x in values.xs] if is_category else values.xs
            points = points_of(xs, values.ys)
            told = f"{values.metric} against {values.param}, {len(points.y):,} of {counted(len(values.xs))}"
            return printable(told), scatter(points, width, height, ascii_only=ascii_only)

        self.desk.errands.send("draw", make, lambda made: self.picture.show_picture(made[0], warnings, made[1]))

    def _clear(self) -> None:
        self._values = None
        self.picture.show(())


def _warnings(effect: Any) -> list[str]:
    """What one has to know before one believes the picture."""
    found = []
    if effect["n"] < FEW:
        found.append(f"few runs: {effect['n']}")
    if not effect["stands_out"]:
        found.append("no more than chance would give")
    if effect["together"]:
        along = ", ".join(f"{printable(str(name))} {close:.2f}" for name, close in effect["together"])
        found.append(f"moved with {along}: cannot be told apart")
    return found


def _exactly(param: str) -> str:
    """The spec of a param, whatever else has that name."""
    return f"cfg.{param}"


def _drawn(value: Json) -> Json:
    """A number as it is, anything else as the word that stands below it."""
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    return printable(value_text(value))
