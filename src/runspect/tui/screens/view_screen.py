"""What is on the screen: its widgets and their places, whatever they show."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.screen import Screen
from textual.widget import Widget

from runspect.tui.commands import Where
from runspect.tui.first_frame import below_lines
from runspect.tui.glyphs import Glyphs
from runspect.tui.widgets.board_pane import BoardPane
from runspect.tui.widgets.card_pane import CardPane
from runspect.tui.widgets.chart_grid import ChartGrid
from runspect.tui.widgets.diff_pane import DiffPane
from runspect.tui.widgets.footer_line import FooterLine
from runspect.tui.widgets.health_pane import HealthPane
from runspect.tui.widgets.importance_list import ImportanceList
from runspect.tui.widgets.line_editor import LineEditor
from runspect.tui.widgets.log_pane import LogPane
from runspect.tui.widgets.pivot_pane import PivotPane
from runspect.tui.widgets.popup import Popup
from runspect.tui.widgets.rule_line import RuleLine
from runspect.tui.widgets.run_table import RunTable
from runspect.tui.widgets.scatter_pane import ScatterPane
from runspect.tui.widgets.sql_pane import SqlPane
from runspect.tui.widgets.title_line import TitleLine
from runspect.tui.widgets.varying_pane import VaryingPane

WIDE = 100
"""Cells from which there are params beside the charts."""


class ViewScreen(Screen[None], inherit_bindings=False):
    """Title, filter, the views one over the other, footer; `MainScreen` decides what happens with them."""

    def make_widgets(self, glyphs: Glyphs, jump: int) -> None:
        """Make every widget, before any of the parts that use them.

        Args:
            jump: Lines that the table moves when the cursor leaves its window.
        """
        self.title_line = TitleLine(id="title", glyphs=glyphs)
        self.filter_line = LineEditor(
            "/", id="filter", glyphs=glyphs, hint="filter: name, lr<1e-3, val/loss:min<0.3, tag:good, state:failed"
        )
        self.prompt_line = LineEditor(id="prompt", glyphs=glyphs)
        self.footer = FooterLine(id="footer", glyphs=glyphs)
        self.popup = Popup(id="popup", glyphs=glyphs)
        self.table = RunTable(id="table", glyphs=glyphs, jump=jump)
        self.rule_line = RuleLine(id="rule", glyphs=glyphs)
        self.below = ChartGrid(id="below-charts", glyphs=glyphs, heading=False)
        self.varying = VaryingPane(id="varying", glyphs=glyphs)
        self.charts = ChartGrid(id="charts", glyphs=glyphs)
        self.diff = DiffPane(id="diff", glyphs=glyphs)
        self.logs = LogPane(id="logs", glyphs=glyphs)
        self.card = CardPane(id="card", glyphs=glyphs)
        self.health = HealthPane(id="health", glyphs=glyphs)
        self.board_pane = BoardPane(id="board", glyphs=glyphs)
        self.pivot = PivotPane(id="pivot", glyphs=glyphs)
        self.params = ImportanceList(id="params", glyphs=glyphs)
        self.scatter = ScatterPane(id="scatter", glyphs=glyphs)
        self.sql = SqlPane(id="sql", glyphs=glyphs)

    def compose(self) -> ComposeResult:
        """Title, filter, the views of which one is open, footer or prompt."""
        yield self.title_line
        yield self.filter_line
        with Container(id="views"):
            with Vertical(id="runs", classes="view -open"):
                yield self.table
                yield self.rule_line
                with Horizontal(id="below"):
                    yield self.below
                    yield self.varying
            for pane in (
                self.charts,
                self.diff,
                self.logs,
                self.card,
                self.health,
                self.board_pane,
                self.pivot,
                self.sql,
            ):
                pane.add_class("view")
                yield pane
            with Horizontal(id="importance", classes="view"):
                yield self.params
                yield self.scatter
        yield self.footer
        yield self.prompt_line
        yield self.popup

    def fit_size(self, *, low_bandwidth: bool) -> None:
        """More or fewer panes, as the terminal is."""
        size = self.app.size
        self.set_class(not below_lines(size.height) or low_bandwidth, "-short")
        self.set_class(size.width < WIDE, "-narrow")
        below = self.query_one("#below")
        below.styles.height = below_lines(size.height)

    @property
    def panes(self) -> dict[Where, Widget]:
        """The widget of each view that takes the keys."""
        return {
            "runs": self.table,
            "charts": self.charts,
            "diff": self.diff,
            "logs": self.logs,
            "card": self.card,
            "health": self.health,
            "board": self.board_pane,
            "pivot": self.pivot,
            "importance": self.params,
            "sql": self.sql,
        }
