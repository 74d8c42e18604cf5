from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runspect.charts.labels import cells, fit, spread


def test_cut_text_says_so() -> None:
    assert fit("resnet50-cosine", 8) == "resnet5…"
    assert fit("resnet50-cosine", 8, ascii_only=True) == "resnet5~"
    assert fit("日本語テスト", 7) == "日本語…"
    assert fit("short", 8) == "short"
    assert fit("any", 0) == ""


@given(st.text(max_size=60), st.integers(0, 40))
def test_always_fits(text: str, width: int) -> None:
    assert cells(fit(text, width)) <= width


def test_labels_of_close_curves_move_apart() -> None:
    assert spread([5, 5, 5], 10) == [5, 6, 7]
    assert spread([9, 9, 0], 10) == [8, 9, 0]


@given(st.lists(st.floats(0, 19), max_size=20))
def test_every_label_has_its_own_row(wanted: list[float]) -> None:
    rows = spread(wanted, 20)
    assert len(set(rows)) == len(rows)
    assert all(0 <= row < 20 for row in rows)
    assert sorted(range(len(rows)), key=lambda i: rows[i]) == sorted(range(len(rows)), key=lambda i: wanted[i])
