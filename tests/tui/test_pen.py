"""Fewer bytes, the same picture."""

from __future__ import annotations

import pyte
from hypothesis import given
from hypothesis import strategies as st

from runspect.tui.pen import thrifty

STYLES = (
    "1", "2", "4", "7", "1;4", "31", "90", "39", "44", "38;2;1;2;3", "38;5;7;48;5;200", "1;38;2;9;9;9;48;2;21;24;29",
    "48;2;21;24;29", "3;4;38;2;1;2;3", "7;100",
)  # fmt: skip
PIECES = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(STYLES), st.text("ab ▇─", min_size=1, max_size=6)).map(
            lambda both: f"\x1b[{both[0]}m{both[1]}\x1b[0m"
        ),
        st.tuples(st.integers(1, 5), st.integers(1, 20)).map(lambda at: f"\x1b[{at[0]};{at[1]}H"),
        st.just("\r\n\x1b[2;3H"),
        st.just("plain"),
        st.just("\x1b[?25l"),
    ),
    max_size=20,
)


def picture(data: str) -> tuple[object, ...]:
    """What a terminal shows after `data`, and how it would go on."""
    screen = pyte.Screen(24, 40)  # tall enough that nothing scrolls
    stream = pyte.Stream(screen)
    stream.feed("\x1b[1;1H" + data)
    cells = tuple(screen.buffer[y][x] for y in range(40) for x in range(24))
    return cells, screen.cursor.attrs


@given(PIECES)
def test_the_picture_is_the_same_in_no_more_bytes(pieces: list[str]) -> None:
    data = "".join(pieces)
    assert picture(thrifty(data)) == picture(data)
    assert len(thrifty(data)) <= len(data)


def test_only_what_changes_is_said() -> None:
    dark = "48;2;21;24;29"
    data = (
        f"\x1b[38;2;1;2;3;{dark}mab\x1b[0m\x1b[1;38;2;4;5;6;{dark}mcd\x1b[0m\x1b[38;2;4;5;6;{dark}mef\x1b[0m\x1b[1;1H"
    )
    assert thrifty(data) == (f"\x1b[38;2;1;2;3;{dark}mab\x1b[1;38;2;4;5;6mcd\x1b[22mef\x1b[1;1H\x1b[0m")


def test_what_has_no_style_stays_as_it_is() -> None:
    assert thrifty("\x1b[?1049h") == "\x1b[?1049h"
