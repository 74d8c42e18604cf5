"""Which columns of the table are shown in how many cells."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runspect.tui.column_layout import GAP, Wish, lay_out

NAME = Wish(16, 30, 0, stretch=True)


def shown(wishes: list[Wish], width: int, focus: int = 0) -> list[int]:
    return [place.index for place in lay_out(wishes, 5, width, focus).places]


def test_everything_is_shown_where_there_is_room() -> None:
    assert shown([NAME, Wish(4, 4, 3), Wish(8, 8, 1)], 80) == [0, 1, 2]


def test_the_least_important_column_leaves_first() -> None:
    layout = lay_out([NAME, Wish(6, 6, 9), Wish(8, 8, 1)], 5, 5 + 16 + GAP + 8, 0)
    assert [place.index for place in layout.places] == [0, 2]
    assert layout.hidden_right


def test_the_column_under_the_cursor_comes_into_view() -> None:
    wishes = [NAME, *(Wish(8, 8, number) for number in range(1, 9))]
    assert 8 not in shown(wishes, 40)
    layout = lay_out(wishes, 5, 40, focus=8)
    assert [place.index for place in layout.places] == [0, 8]
    assert layout.hidden_left


def test_the_name_takes_what_is_left_over_up_to_its_ideal() -> None:
    layout = lay_out([NAME, Wish(8, 8, 1)], 5, 100, 0)
    assert [place.width for place in layout.places] == [30, 8]


@given(
    st.lists(st.builds(Wish, st.integers(1, 20), st.integers(20, 40), st.integers(0, 9)), min_size=1, max_size=12),
    st.integers(20, 200), st.integers(0, 11),
)  # fmt: skip
def test_columns_never_overlap_and_never_leave_the_line(wishes: list[Wish], width: int, focus: int) -> None:
    focus = min(focus, len(wishes) - 1)
    end = 5 - GAP
    for place in lay_out(wishes, 5, width, focus).places:
        assert place.x >= end + GAP
        end = place.x + place.width
    assert end <= max(width, 5 + 1)
