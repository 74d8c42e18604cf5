from __future__ import annotations

import numpy as np

from runspect.charts.canvas import NOBODY, Canvas


def text(canvas: Canvas) -> list[str]:
    return ["".join(piece for piece, _, _ in row) for row in canvas.rows()]


def test_a_diagonal() -> None:
    canvas = Canvas(4, 2)
    canvas.line(0, np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    assert text(canvas) == ["  ⡠⠊", "⡠⠊  "]


def test_a_step_is_joined_by_a_vertical() -> None:
    canvas = Canvas(4, 1)
    canvas.line(0, np.array([0, 0.4, 0.45, 1]), np.array([0.0, 0, 1, 1]))
    assert text(canvas) == ["⣀⣸⠉⠉"]


def test_nan_breaks_the_line() -> None:
    canvas = Canvas(6, 1)
    canvas.line(0, np.array([0, 0.25, 0.5, 0.75, 1]), np.array([0.0, 0, np.nan, 0, 0]))
    assert text(canvas) == ["⣀⣀  ⣀⣀"]


def test_every_cell_has_one_owner_and_faint_lines_give_way() -> None:
    canvas = Canvas(2, 1)
    flat = np.array([0.0, 0.0])
    canvas.line(1, np.array([0.0, 1.0]), flat, faint=True)
    canvas.line(2, np.array([0.0, 0.3]), np.array([1.0, 1.0]))
    canvas.line(3, np.array([0.0, 1.0]), np.array([0.5, 0.5]), faint=True)
    assert canvas.rows()[0][0] == ("⠉", 2, "line")
    assert canvas.rows()[0][1][1:] == (3, "faint")


def test_an_empty_sheet() -> None:
    assert Canvas(3, 1).rows() == [[("   ", NOBODY, "line")]]
    Canvas(0, 0).line(0, np.array([0.0]), np.array([0.0]))


def test_many_faint_lines_in_one_go_are_the_same_as_one_after_the_other() -> None:
    random = np.random.default_rng(1)
    curves = []
    for count in (1, 2, 3, 40, 200):
        x = np.sort(random.uniform(-0.2, 1.2, count))
        y = random.uniform(-0.2, 1.2, count)
        y[random.uniform(size=count) < 0.1] = np.nan
        curves.append((x, y))
    curves.append((np.array([0.5, 0.5]), np.array([0.0, 1.0])))
    together, alone = Canvas(30, 9), Canvas(30, 9)
    together.lines(0, [*curves, (np.empty(0), np.empty(0))], faint=True)
    for x, y in curves:
        alone.line(0, x, y, faint=True)
    assert together.rows() == alone.rows()
