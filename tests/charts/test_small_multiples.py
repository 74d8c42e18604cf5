from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runspect.charts.small_multiples import GAP, layout


def test_one_chart_takes_all() -> None:
    grid = layout(1, 120, 30)
    assert [(box.x, box.y, box.width, box.height) for box in grid.boxes()] == [(0, 0, 120, 30)]


def test_what_does_not_fit_goes_to_the_next_page() -> None:
    grid = layout(20, 80, 20)
    assert (grid.columns, grid.rows, grid.pages) == (2, 2, 5)
    assert list(grid.shown(1)) == [4, 5, 6, 7]
    assert list(grid.shown(5)) == [0, 1, 2, 3]


def test_a_tiny_place_still_has_one() -> None:
    grid = layout(3, 10, 3)
    assert (grid.columns, grid.rows, grid.pages) == (1, 1, 3)


@given(st.integers(0, 60), st.integers(0, 300), st.integers(0, 100))
def test_boxes_lie_inside_and_apart(count: int, width: int, height: int) -> None:
    grid = layout(count, width, height)
    seen: list[int] = []
    for page in range(grid.pages):
        boxes = grid.boxes(page)
        assert len(boxes) == len(grid.shown(page))
        seen += grid.shown(page)
        taken: set[tuple[int, int]] = set()
        for box in boxes:
            assert box.x >= 0 and box.x + box.width <= width and box.y >= 0 and box.y + box.height <= height
            area = {(x, y) for x in (box.x, box.x + box.width - 1) for y in (box.y, box.y + box.height - 1)}
            assert not area & taken
            taken |= area
    assert seen == (list(range(count)) if width and height else [])


def test_neighbours_keep_their_distance() -> None:
    left, right = layout(2, 160, 12).boxes()
    assert right.x - (left.x + left.width) == GAP
