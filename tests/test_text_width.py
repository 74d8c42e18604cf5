"""Text in terminal cells."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runspect.roles import Align
from runspect.text_width import cut, pad, width


def test_widths() -> None:
    assert width("abc") == 3
    assert width("実験") == 4
    assert width("e\u0301") == 1
    assert width("▁▂█…") == 4


def test_cuts_show() -> None:
    assert cut("abcdef", 4) == "abc…"
    assert cut("abcd", 4) == "abcd"
    assert cut("実験結果", 5) == "実験…"
    assert cut("実験結果", 4) == "実…"
    assert cut("abc", 0) == ""
    assert cut("abcdef", 4, "...") == "a..."
    assert cut("abcdef", 2, "...") == ".."


def test_padding() -> None:
    assert pad("ab", 4) == "ab  "
    assert pad("ab", 4, "right") == "  ab"
    assert pad("実験", 3) == "実…"


@given(st.text(), st.integers(0, 20), st.sampled_from(["left", "right"]))
def test_padded_text_has_exactly_the_width(text: str, cells: int, align: Align) -> None:
    assert width(pad(text, cells, align)) == cells
    assert width(cut(text, cells)) <= cells
