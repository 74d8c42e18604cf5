"""The terminal shows the same, cell by cell, whether it is sent everything or only what changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runspect.tui.shown_cells import ShownCells
from tests.pty_terminal import PtyTerminal
from tests.tui.test_pty import start

WIDTH, HEIGHT = 24, 12
STYLES = ("\x1b[1;38;2;1;2;3;48;2;9;9;9m", "\x1b[38;5;7m", "\x1b[7m", "\x1b[48;2;9;9;9m")
# Textual never writes over one half of a wide character: those are in lines that are sent whole
TEXTS = st.text(st.sampled_from("ab ─⣿é ✓"), min_size=1, max_size=10)


class Emulated:
    """A terminal that is written to."""

    def __init__(self) -> None:
        self.screen = pyte.Screen(WIDTH, HEIGHT)
        self._stream = pyte.Stream(self.screen)

    def write(self, data: str) -> None:
        self._stream.feed(data)

    def cells(self) -> list[list[tuple[object, ...]]]:
        """Character and look of each cell; of one that holds nothing to see only what is behind it."""
        return [[_cell(self.screen.buffer[y][x]) for x in range(WIDTH)] for y in range(HEIGHT)]


def _cell(char: pyte.screens.Char) -> tuple[object, ...]:
    return (char.data, char.bg, char.reverse) if char.data == " " and not char.reverse else tuple(char)


def piece(x: int, y: int, style: str, text: str) -> str:
    """A text at a place, as Textual sends it; cut so that it stays on its line."""
    room, kept = WIDTH - x, ""
    for char in text:
        room -= 2 if char == "日" else 1
        if room < 0:
            break
        kept += char
    return f"\x1b[{y + 1};{x + 1}H{style}{kept}\x1b[0m" if kept else ""


PIECES = st.builds(piece, st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1), st.sampled_from(STYLES), TEXTS)
FRAMES = st.lists(PIECES, max_size=8).map(lambda pieces: "".join([*pieces, "\x1b[1;1H"]))


@given(st.lists(FRAMES, max_size=6))
def test_any_frames(frames: list[str]) -> None:
    whole, less, shown = Emulated(), Emulated(), ShownCells()
    for frame in frames:
        whole.write(frame)
        less.write(shown.fewer(frame))
        assert less.cells() == whole.cells()


@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=6),
    st.integers(0, 3),
    st.booleans(),
    st.lists(st.tuples(st.integers(0, HEIGHT - 1), st.integers(0, WIDTH - 1)), max_size=3),
)
def test_a_list_that_scrolls(tops: list[int], fixed: int, wide: bool, spots: list[tuple[int, int]]) -> None:
    whole, less, shown = Emulated(), Emulated(), ShownCells()
    for number, top in enumerate(tops):
        lines = ["the head"] * fixed + [
            f"row {top + y} {'日本' if wide and y % 3 else 'abc'} {y % 2}" for y in range(HEIGHT - fixed)
        ]
        frame = "".join(
            piece(0, y, STYLES[y % 3 == number % 3], f"{line:<{WIDTH - 2}}") for y, line in enumerate(lines)
        )
        frame += "".join(piece(x, y, STYLES[2], "!") for y, x in spots if not wide)
        whole.write(frame + "\x1b[1;1H")
        less.write(shown.fewer(frame + "\x1b[1;1H"))
        assert less.cells() == whole.cells()


def test_a_line_more_is_a_line_more() -> None:
    shown = ShownCells()
    rows = [f"run {at:03}  loss 0.{at * 37 % 1000:03}" for at in range(80)]

    def frame(top: int) -> str:
        return "".join(piece(0, y, STYLES[0], rows[top + y]) for y in range(HEIGHT)) + "\x1b[1;1H"

    first, again, next_ = (shown.fewer(frame(top)) for top in (0, 0, 1))
    assert len(first) > 250
    assert again == ""
    assert f"\x1b[1;{HEIGHT}r\x1b[1;1H\x1b[1M\x1b[r" in next_
    assert len(next_) < 100


def test_what_is_no_picture_is_passed_on() -> None:
    shown = ShownCells()
    for data in ("\x1b[?1000h", "\x1b[?25l", "\x1b]52;c;aGk=\x07", "\x1b[>1u"):
        assert shown.fewer(data) == data
    frame = piece(0, 0, STYLES[0], "hello") + "\x1b[1;1H"
    assert "hello" in shown.fewer(frame)
    assert shown.fewer("\x1b[?25h") == "\x1b[?25h"
    assert shown.fewer(frame) == ""
    assert shown.fewer("\x1b[2J") == "\x1b[2J", "after what is not known, everything is sent again"
    assert "hello" in shown.fewer(frame)
    shown.forget()
    assert "hello" in shown.fewer(frame)


def test_without_comparing_everything_is_sent() -> None:
    shown = ShownCells(compares=False)
    frame = piece(0, 0, STYLES[0], "hello") + "\x1b[1;1H"
    assert "hello" in shown.fewer(frame)
    assert "hello" in shown.fewer(frame)


@pytest.fixture
def terminal(tmp_path: Path, home: Path) -> Iterator[PtyTerminal]:
    for at in range(60):
        run = tmp_path / "runs" / f"run-{at:02}{'日本' if at % 7 == 0 else ''}"
        run.mkdir(parents=True)
        (run / "config.json").write_text(json.dumps({"lr": at / 100, "opt": "adam"}))
        rows = [{"step": step, "time": 1.7e9 + step + at * 100, "val/loss": 1 / (1 + step + at)} for step in range(30)]
        (run / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text("line_diff = false\n")
    with start(tmp_path / "runs", home, 120, 30) as opened:
        opened.wait_for("run-59")
        opened.wait_for("inotify")
        opened.settle(0.5)
        yield opened


def test_the_real_screen_is_what_a_whole_repaint_shows(terminal: PtyTerminal) -> None:
    for key in (
        "j",
        "G",
        "k",
        "\x06",
        "\x02",
        "\x04",
        "gg",
        " ",
        " ",
        "2",
        "1",
        "3",
        "1",
        "l",
        "l",
        "]",
        "s",
        "\x1b",
        "5",
        "J",
        "1",
        "?",
        "\x1b",
        "z",
        "z",
    ):
        terminal.press(key)
        terminal.settle(0.3)
        shown = _picture(terminal)
        terminal.press("\x0c")
        terminal.settle(0.3)
        others = [
            (y, x, old, new)
            for y, rows in enumerate(zip(shown, _picture(terminal), strict=True))
            for x, (old, new) in enumerate(zip(*rows, strict=True))
            if old != new
        ]
        assert not others, f"after {key!r}"


def _picture(terminal: PtyTerminal) -> list[list[tuple[object, ...]]]:
    screen = terminal.screen
    return [[_cell(screen.buffer[y][x]) for x in range(screen.columns)] for y in range(screen.lines)]
