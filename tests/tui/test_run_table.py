"""The table of runs, given plain values."""

from __future__ import annotations

from typing import Any

from textual.app import App, ComposeResult
from textual.geometry import Region

from runspect.model import SortKey
from runspect.roles import Cell
from runspect.tui import theme
from runspect.tui.glyphs import ASCII, UNICODE
from runspect.tui.widgets.run_table import RunTable
from runspect.tui.widgets.table_row import Head, TableRow, bar_text
from runspect.workspace import Reach

from .conftest import ScreenText

HEADS = (
    Head("name", "name", "left", 16, 40, 0, is_name=True),
    Head("loss", "loss", "right", 6, 8, 1),
    Head("~loss", "~loss", "left", 12, 24, 2, is_spark=True),
    Head("opt", "opt", "left", 4, 8, 9),
)


def row(rid: int, name: str = "", state: str = "finished", **changes: Any) -> TableRow:
    cells = (Cell(name or f"run-{rid}", "strong"), Cell(f"0.{rid:03d}"), Cell("87654321", "spark"), Cell("adamw"))
    return TableRow(rid, name or f"run-{rid}", state, cells, numbers=(None, rid / 1000, None, None), **changes)


class TableApp(App[None]):
    CSS_PATH = "../../src/runspect/tui/app.tcss"

    def __init__(self, rows: tuple[TableRow, ...]) -> None:
        super().__init__()
        for known in theme.THEMES:
            self.register_theme(known)
        self.theme = "runspect-dark"
        self.table = RunTable()
        self.rows = rows
        self.wanted: list[tuple[int, ...]] = []

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        self.table.set_heads(HEADS)
        self.table.set_order(tuple(row.rid for row in self.rows))
        self.table.put_rows(self.rows)
        self.table.focus()

    def on_run_table_rows_wanted(self, message: RunTable.RowsWanted) -> None:
        self.wanted.append(message.rids)


async def test_draws_rows_marks_stars_and_a_sort_arrow(screen_text: ScreenText) -> None:
    app = TableApp(
        (row(1), row(2, state="failed", star=True), row(3, "実験-分類", "running"), row(4, "[/x] [b]", duplicate=True))
    )
    async with app.run_test(size=(56, 6), notifications=True) as pilot:
        app.table.set_marks(frozenset({3}))
        app.table.set_sort((SortKey("loss", True),))
        app.table.move(1)
        await pilot.pause()
        assert screen_text(app) == (
            "     name               loss▼  ~loss             opt\n"
            "   ✓ run-1              0.001  █▇▆▅▄▃▂▁          adamw\n"
            "▸ ★✗ run-2              0.002  █▇▆▅▄▃▂▁          adamw\n"
            " ◆ ● 実験-分類          0.003  █▇▆▅▄▃▂▁          adamw\n"
            "   ✓ [/x] [b] ≡         0.004  █▇▆▅▄▃▂▁          adamw\n"
        )


async def test_the_best_of_a_column_is_marked_behind_it(screen_text: ScreenText) -> None:
    app = TableApp((row(1), row(2), row(3)))
    async with app.run_test(size=(56, 5), notifications=True) as pilot:
        await pilot.pause()
        painted: list[Region] = []
        refresh = app.table.refresh

        def note(*regions: Region, **options: bool) -> RunTable:
            painted.extend(regions or (app.table.size.region,))
            return refresh(*regions, **options)

        app.table.refresh = note  # type: ignore[method-assign]
        app.table.set_reaches({"loss": Reach(3, 0.002, 0.9, 0.002)})
        app.table.set_reaches({"loss": Reach(3, 0.002, 0.95, 0.002)})
        await pilot.pause()
        assert [(region.y, region.height) for region in painted] == [(2, 1)]
        assert [line.count("⋆") for line in screen_text(app).split("\n")] == [0, 0, 1, 0, 0]
        app.table.set_reaches({"loss": Reach(2, 0.002, 0.002, 0.002)})  # all are equal
        await pilot.pause()
        assert "⋆" not in screen_text(app)


async def test_a_curve_has_the_sign_of_its_metric(screen_text: ScreenText) -> None:
    app = TableApp((row(1),))
    async with app.run_test(size=(56, 3), notifications=True) as pilot:
        app.table.set_heads((HEADS[0], HEADS[2]))
        app.table.set_sort((SortKey("opt", False), SortKey("loss", True)))
        await pilot.pause()
        assert "~loss▼²" in screen_text(app)


def test_bars_are_as_long_as_values_are_far() -> None:
    assert [bar_text(value, 0, 1, UNICODE) for value in (0, 0.5, 1)] == ["▏", "███", "██████"]
    assert [bar_text(value, 0, 1, ASCII) for value in (0, 0.5, 1)] == ["-", "===", "======"]
    assert bar_text(1e-2, 1e-4, 1.0, UNICODE) == "███"  # by logarithms
    assert bar_text(3, 3, 3, UNICODE) == "██████"
    assert bar_text(5e9, 0, 1, UNICODE) == "██████"  # news that the reach does not know yet


async def test_every_cut_shows_an_ellipsis(screen_text: ScreenText) -> None:
    app = TableApp((row(1, "a-very-long-name-" * 7 + "end"),))
    async with app.run_test(size=(44, 3), notifications=True) as pilot:
        await pilot.pause()
        lines = screen_text(app).split("\n")
    assert "…" in lines[1] and lines[1].rstrip().count("end")
    assert lines[0].endswith("…")


async def test_nothing_is_cut_while_there_is_room(screen_text: ScreenText) -> None:
    heads = (
        *HEADS,
        Head("val/accuracy", "val/accuracy_top1", "right", 4, 10, 3),
        Head("tags", "tags", "left", 4, 10, 5),
    )
    tags = "afterkill scratch seed-sweep"
    rows = [TableRow(rid, f"run-{rid}", "finished", (*row(rid).cells, Cell("0.5"), Cell(tags))) for rid in (1, 2)]
    app = TableApp(())
    async with app.run_test(size=(160, 6), notifications=True) as pilot:
        app.table.set_heads(heads)
        app.table.set_order((1, 2))
        app.table.put_rows(rows)
        app.table.set_sort((SortKey("val/accuracy", True),))
        await pilot.pause()
        text = screen_text(app)
        assert "val/accuracy_top1▼" in text and text.count(tags) == 2 and "…" not in text


async def test_a_move_repaints_two_lines_only() -> None:
    app = TableApp(tuple(row(number) for number in range(1, 200)))
    async with app.run_test(size=(80, 20), notifications=True) as pilot:
        await pilot.pause()
        painted: list[Region] = []
        refresh = app.table.refresh

        def note(*regions: Region, **options: bool) -> RunTable:
            painted.extend(regions or (app.table.size.region,))
            return refresh(*regions, **options)

        app.table.refresh = note  # type: ignore[method-assign]
        app.table.move(1)
        assert [(region.y, region.height) for region in painted] == [(1, 1), (2, 1)]


async def test_the_cursor_stays_on_its_run_when_the_order_changes() -> None:
    app = TableApp(tuple(row(number) for number in range(1, 50)))
    async with app.run_test(size=(80, 10), notifications=True) as pilot:
        app.table.move(5)
        assert app.table.current == 6
        app.table.set_order(tuple(range(49, 0, -1)))
        await pilot.pause()
        assert app.table.current == 6
        app.table.set_order(tuple(range(10, 40)))
        await pilot.pause()
        assert app.table.current is not None


async def test_only_the_window_and_a_page_around_it_are_asked_for() -> None:
    app = TableApp(())
    async with app.run_test(size=(80, 11), notifications=True) as pilot:
        app.table.set_order(tuple(range(1, 50_001)))
        await pilot.pause()
        app.table.move(25_000)
        await pilot.pause()
    assert max(len(rids) for rids in app.wanted) <= 30
    assert 25_001 in app.wanted[-1]


async def test_rows_with_news_are_asked_for_when_they_come_into_view() -> None:
    app = TableApp(tuple(row(number) for number in range(1, 100)))
    async with app.run_test(size=(80, 11), notifications=True) as pilot:
        await pilot.pause()
        app.table.set_stale((95, 500))
        app.table.put_rows([row(95)], asked=False)  # ages that are written anew are no answer
        app.table.move(98)
        await pilot.pause()
        assert app.wanted[-1] == (95,)
        app.table.put_rows([row(95)])
        app.wanted.clear()
        app.table.move(0)
        app.table.move(98)
        await pilot.pause()
        assert not app.wanted


async def test_changed_cells_are_repainted_alone() -> None:
    app = TableApp((row(1), row(2)))
    async with app.run_test(size=(80, 6), notifications=True) as pilot:
        await pilot.pause()
        painted: list[Region] = []
        refresh = app.table.refresh

        def note(*regions: Region, **options: bool) -> RunTable:
            painted.extend(regions)
            return refresh(*regions, **options)

        app.table.refresh = note  # type: ignore[method-assign]
        before = row(2)
        app.table.put_rows([TableRow(2, "run-2", "finished", (*before.cells[:1], Cell("0.999"), *before.cells[2:]))])
        app.table.put_rows([before, row(1)])
        assert [(region.y, region.width < 10) for region in painted] == [(2, True), (2, True)]


async def test_ends_and_pages(screen_text: ScreenText) -> None:
    app = TableApp(tuple(row(number) for number in range(1, 100)))
    async with app.run_test(size=(80, 11), notifications=True) as pilot:
        for move, cursor in (
            ("bottom", 98),
            ("page_up", 88),
            ("half_down", 93),
            ("top", 0),
            ("up", 0),
            ("page_down", 10),
        ):
            getattr(app.table, f"do_{move}")()
            assert app.table.cursor == cursor, move
            assert app.table.top <= cursor < app.table.top + app.table.page
        await pilot.pause()
        assert "run-11" in screen_text(app)


async def test_while_runs_are_found_the_cursor_is_on_the_first_unless_it_was_moved() -> None:
    app = TableApp(tuple(row(rid) for rid in range(9)))
    async with app.run_test(size=(60, 8)):
        table = app.table
        table.stays_on_top = True
        table.set_order((5,))
        table.set_order((3, 5))
        assert table.current == 3
        table.set_order((1, 3, 5))
        assert table.current == 1
        table.stays_on_top = False
        table.set_order((0, 1, 3, 5))
        assert table.current == 1
        table.stays_on_top = True
        table.do_down()
        table.set_order((7, 0, 1, 3, 5))
        assert table.current == 3


async def test_rows_are_asked_for_before_they_come_into_the_window() -> None:
    app = TableApp(tuple(row(rid) for rid in range(1, 41)))
    async with app.run_test(size=(56, 11), notifications=True) as pilot:
        await pilot.pause()
        app.wanted.clear()
        app.table.set_order(tuple(range(1, 201)))
        await pilot.pause()
        assert app.wanted == [], "the next pages are known"
        app.table.move(24)  # the window ends there
        await pilot.pause()
        assert app.wanted == []
        app.table.move(36)
        await pilot.pause()
        assert app.wanted == [tuple(range(41, 58))], "the window is known, the page behind it not to its middle"
        app.table.move(150)
        await pilot.pause()
        assert app.wanted[1:] == [tuple(range(137, 167))], "a page around a window that is not known"
