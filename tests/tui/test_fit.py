"""Text in cells: cuts show an ellipsis and never break a wide character."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from runspect.tui.fit import Where, cut, fit, shorten_path


def test_text_that_fits_is_left_alone() -> None:
    assert cut("resnet", 6) == "resnet"


def test_a_cut_shows_an_ellipsis_at_the_end_or_in_the_middle() -> None:
    assert cut("resnet50-cosine-seed2", 12) == "resnet50-co…"
    assert cut("resnet50-cosine-seed2", 12, where="middle") == "resnet5…eed2"


def test_wide_characters_count_two_cells() -> None:
    assert cut("実験画像分類", 7) == "実験画…"
    assert cell_len(fit("実験画像分類", 8)) == 8


def test_a_front_may_be_cut() -> None:
    assert fit("n 70  6 NaN  0.3357 ±0.25", 20, where="start") == "…6 NaN  0.3357 ±0.25"


def test_control_characters_never_reach_the_terminal() -> None:
    assert "\x1b" not in cut("\x1b[31mred\x1b[0m\nline", 40)


@given(st.text(max_size=60), st.integers(1, 50), st.sampled_from(["start", "end", "middle"]))
def test_fitted_text_has_exactly_the_wanted_width(text: str, width: int, where: Where) -> None:
    assert cell_len(fit(text, width, where=where)) == width


def test_paths_lose_their_home_and_then_their_front() -> None:
    assert shorten_path("/home/me/exp/cifar", "/home/me", 40) == "~/exp/cifar"
    assert shorten_path("/very/long/place/exp", "/home/me", 9) == "…lace/exp"
