from __future__ import annotations

import numpy as np

from runspect.charts.scatter import MOST_WORDS, SPREAD, points_of, scatter


def test_numbers_over_many_decades_get_a_log_axis() -> None:
    picture = scatter(points_of([1e-5, 1e-4, 1e-3, 1e-2], [4.0, 1.0, 1.0, 3.0]), 50, 9, title="loss against lr")
    assert (
        f"\n{picture}\n"
        == """
                  loss against lr
4┤  ●
 │
 │                                             ●
2┤
 │
 │                ●              ●
 └──┬─────────────┬──────────────┬─────────────┬──
   1e-5          1e-4          0.001          0.01
"""
    )
    linear = scatter(points_of([1e-5, 1e-4, 1e-3, 1e-2], [4.0, 1.0, 1.0, 3.0]), 50, 9, log_x=False)
    assert "1e-5" not in linear


def test_words_stand_side_by_side_and_hide_nobody() -> None:
    points = points_of(["sgd", "adam", "adam", "sgd", "adam", None], [1.0, 2.0, 2.0, 3.0, None, 1.0])
    assert points.words == ("adam", "sgd")
    assert len(points.y) == 4
    assert len(set(zip(points.x.tolist(), points.y.tolist(), strict=True))) == 4
    assert np.all(np.abs(points.x - np.round(points.x)) <= SPREAD)
    assert scatter(points, 40, 10, ascii_only=True).isascii()


def test_rare_words_share_a_place() -> None:
    names = [f"w{at:02}" for at in range(30)] + ["w00"]
    points = points_of(names, [float(at) for at in range(31)])
    assert len(points.words) == MOST_WORDS
    assert points.words[-1] == "other"
    assert "w00" in points.words


def test_what_cannot_be_drawn() -> None:
    assert scatter(points_of([], []), 40, 8, title="x") == "x\nno finite points"
    assert "no finite points" in scatter(points_of([1.0], [float("nan")]), 40, 8)
    assert "●" in scatter(points_of([1.0, float("inf"), 1e308], [1.0, 2.0, -1e308]), 40, 8)
    assert scatter(points_of([0.0, -1.0], [0.0, 0.0]), 40, 8, log_x=True) == "no finite points"
