"""Lines of a table of groups, and their rows: pure values."""

from __future__ import annotations

import pytest

from runspect.columns import parse_column, resolve
from runspect.columns.names import Names
from runspect.practice.grouping import spread
from runspect.roles import Cell
from runspect.tui import group_row
from runspect.tui.glyphs import ASCII, UNICODE
from runspect.tui.outline import Folds, Numbers, grouped, nested, split_words
from runspect.tui.widgets.table_row import TableRow
from runspect.workspace import Members, Summed

NAMES = Names(params=("lr", "seed"), metrics=("loss",), facts=(), tags=())


def test_groups_keep_their_numbers_and_fold() -> None:
    numbers = Numbers()
    found = (Members("a", ("adam",), (1, 2)), Members("b", ("sgd",), (3,)))
    outline = grouped(("opt",), found, numbers)
    assert outline.lines(Folds()) == (-1, -2)
    assert outline.lines(Folds(all_open=True)) == (-1, 1, 2, -2, 3)
    one_open = Folds().turned(outline.nodes[-2].key)
    assert outline.lines(one_open) == (-1, -2, 3)
    assert (outline.seen(1, one_open), outline.seen(3, one_open)) == (-1, 3)
    again = grouped(("opt",), found[::-1], numbers)
    assert again.top == (-2, -1)
    assert [again.nodes[entry].label for entry in again.top] == ["opt=sgd", "opt=adam"]
    assert outline.headers((1, 3, 9)) == {-1, -2}


def test_a_config_that_was_run_once_has_no_header_and_equal_titles_are_told_apart() -> None:
    found = (Members("a", ("a",), (1, 2)), Members("a", ("a",), (5, 4)), Members("b", ("b",), (3,)))
    outline = grouped(("seeds",), found, Numbers())
    assert outline.top == (-1, -2, 3)
    assert outline.nodes[-1].key != outline.nodes[-2].key
    assert list(outline.runs) == [1, 2, 5, 4, 3]


def test_runs_stand_below_their_parents_and_circles_do_not_hang() -> None:
    found = (
        Members("", (None,), (1, 9)), Members("", ("u1",), (2, 3), 1), Members("", ("u2",), (4,), 2),
        Members("", ("u5",), (6,), 5), Members("", ("u6",), (5,), 6), Members("", ("gone",), (7,)),
    )  # fmt: skip
    outline = nested(found, (9, 1, 2, 3, 4, 5, 6, 7))
    opened = outline.lines(Folds(all_open=True))
    assert opened[:5] == (9, 1, 2, 4, 3)
    assert sorted(opened) == [1, 2, 3, 4, 5, 6, 7, 9]
    assert outline.depth(4) == 2
    assert outline.nodes[1].rids == (2, 4, 3)
    assert outline.lines(Folds())[:2] == (9, 1)


@pytest.mark.parametrize(
    ("text", "words"),
    [("opt, lr", ("opt", "lr")), ("opt lr opt", ("opt", "lr")), ('"my key",b ', ("my key", "b")), ("", ())],
)
def test_words_that_were_typed(text: str, words: tuple[str, ...]) -> None:
    assert split_words(text) == words


def test_a_header_shows_mean_spread_best_and_what_is_shared() -> None:
    shown = tuple(resolve(parse_column(spec), NAMES) for spec in ("name", "loss", "loss:best", "lr", "seed"))
    node = grouped(("opt",), (Members("a", ("adam",), (1, 2, 3)),), Numbers()).nodes[-1]
    nan = float("nan")
    cells = tuple(map(spread, ((1, 2, 3), (0.25, 0.35, nan), (0.2, 0.3, None), (0.1, 0.1, 0.1), (0, 1, 2))))
    row = group_row.header(
        node, Summed(cells, {"finished": 2, "running": 1}, 1), {}, shown, 0.0, UNICODE, is_open=False
    )
    assert [cell.text.rstrip() for cell in row.cells] == [
        "+ opt=adam (3)", "1 NaN  0.3000 ±0.071", "n 2  0.2000  0.2500 ±0.071", "0.1", "3 values",
    ]  # fmt: skip
    assert row.state == "running"
    ascii_row = group_row.header(node, Summed(cells, {}, 1), {}, shown, 0.0, ASCII, is_open=True)
    assert all(cell.text.isascii() for cell in ascii_row.cells)
    run = TableRow(1, "x", "finished", tuple(Cell(text) for text in ("x", "0.2500", "0.2000", "0.1", "0")))
    below = group_row.below(run, shown, 1, UNICODE, 0, is_open=False, has_means=True)
    assert below.cells[0].text == "    x"
    assert below.cells[1].text.index("0.25") + len(row.cells[1].text) - len(below.cells[1].text) == row.cells[
        1
    ].text.index("0.3")
