"""The table of commands: everything that can be done has one row, and every row can be done."""

from __future__ import annotations

from itertools import combinations

from runspect.tui.app import RunspectApp
from runspect.tui.commands import (
    BY_ID,
    COMMANDS,
    LINE_VIEWS,
    TITLES,
    Command,
    bindings_of,
    commands_of,
    footer_of,
    keys_of,
    shown_key,
    works_in,
)
from runspect.tui.screens.acting import Acting
from runspect.tui.screens.arranging import Arranging
from runspect.tui.screens.asking import Asking
from runspect.tui.screens.baselining import Baselining
from runspect.tui.screens.board import Board
from runspect.tui.screens.burying import Burying
from runspect.tui.screens.choosing import Choosing
from runspect.tui.screens.commanding import Commanding
from runspect.tui.screens.effects import EffectsList
from runspect.tui.screens.following import Following
from runspect.tui.screens.graduating import Graduating
from runspect.tui.screens.grouping import Grouping
from runspect.tui.screens.importance import Importance
from runspect.tui.screens.judging import Judging
from runspect.tui.screens.linting import Linting
from runspect.tui.screens.main import MainScreen
from runspect.tui.screens.marking import Marking
from runspect.tui.screens.narrowing import Narrowing
from runspect.tui.screens.opening import Opening
from runspect.tui.screens.pivoting import Pivoting
from runspect.tui.screens.querying import Querying
from runspect.tui.screens.reporting import Reporting
from runspect.tui.screens.tagging import Tagging
from runspect.tui.screens.trying import Trying
from runspect.tui.screens.viewing import Viewing
from runspect.tui.screens.writing import Writing
from runspect.tui.screens.yanking import Yanking
from runspect.tui.widgets.board_pane import BoardPane
from runspect.tui.widgets.card_pane import CardPane
from runspect.tui.widgets.chart_grid import ChartGrid
from runspect.tui.widgets.diff_pane import DiffPane
from runspect.tui.widgets.health_pane import HealthPane
from runspect.tui.widgets.importance_list import ImportanceList
from runspect.tui.widgets.log_pane import LogPane
from runspect.tui.widgets.pivot_pane import PivotPane
from runspect.tui.widgets.run_table import RunTable
from runspect.tui.widgets.sql_pane import SqlPane

PANES = {
    "runs": RunTable, "charts": ChartGrid, "diff": DiffPane, "logs": LogPane, "card": CardPane, "health": HealthPane,
    "board": BoardPane, "pivot": PivotPane, "importance": ImportanceList, "sql": SqlPane,
}  # fmt: skip
PARTS = (
    Acting, Opening, Marking, Asking, Choosing, Arranging, Grouping, Board, Burying, EffectsList, Trying, Importance, Pivoting, Narrowing, Querying, Tagging, Judging, Reporting, Graduating, Baselining, Linting, Viewing, Writing, Commanding, Yanking, Following, MainScreen,
    RunspectApp,
)  # fmt: skip


def test_ids_are_unique() -> None:
    assert len(BY_ID) == len(COMMANDS)


def test_every_command_can_be_carried_out_where_it_works() -> None:
    for command in COMMANDS:
        for view in TITLES:
            if works_in(command, view):
                assert any(hasattr(target, command.handler) for target in (PANES[view], *PARTS)), (command.id, view)


def test_no_key_means_two_things_in_one_place() -> None:
    for view in TITLES:
        own = [c for c in COMMANDS if works_in(c, view) and c.where != "everywhere"]
        for one, other in combinations(own, 2):
            clash = set(keys_of(one)) & set(keys_of(other))
            assert not clash or {one.where, other.where} == {"lines", view}, (view, one.id, other.id, clash)
    everywhere = [key for c in COMMANDS if c.where == "everywhere" for key in keys_of(c)]
    assert len(everywhere) == len(set(everywhere))


def test_every_binding_has_an_id_for_the_keymap() -> None:
    for places in (("everywhere",), *((view,) for view in TITLES), ("lines",)):
        assert all(getattr(binding, "id", None) for binding in bindings_of(places))


def test_help_is_a_sentence_and_titles_are_short() -> None:
    for command in COMMANDS:
        assert command.help.endswith(".") and len(command.title) <= 19, command.id


def test_a_view_takes_a_key_from_everywhere_and_the_help_says_so() -> None:
    in_logs = {key: c.id for c in reversed(commands_of("logs")) for key in keys_of(c)}
    assert in_logs["slash"] == "search"
    assert {key: c.id for c in reversed(commands_of("runs")) for key in keys_of(c)}["slash"] == "filter"


def test_the_footer_names_the_view_first_and_help_last() -> None:
    assert [c.id for c in footer_of("runs")][:3] == ["mark", "diff", "tag"]
    for view in TITLES:
        assert footer_of(view)[-1].id == "help"


def test_keys_are_shown_as_people_write_them() -> None:
    assert shown_key("slash") == "/"
    assert shown_key("g g") == "gg"


def test_line_views_share_their_motions() -> None:
    down: Command = BY_ID["line-down"]
    assert all(works_in(down, view) for view in LINE_VIEWS)
    assert not works_in(down, "runs")
