"""The real program on a real terminal: bytes, resizing, leaving; seen through a terminal emulator."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.pty_terminal import PtyTerminal

SOURCE = Path(__file__).parents[2] / "src"
CURSOR_MOVE_BYTES = 600
"""What a cursor move may cost."""


def start(tree: Path, home: Path, columns: int = 160, lines: int = 45, **env: str) -> PtyTerminal:
    """The program as a user starts it."""
    return PtyTerminal(
        [sys.executable, "-m", "runspect", str(tree)], columns=columns, lines=lines,
        env={"RUNSPECT_HOME": str(home), "PYTHONPATH": str(SOURCE), **env},
    )  # fmt: skip


@pytest.mark.parametrize("size", [(160, 45), (80, 24)])
def test_a_cursor_move_costs_few_bytes(tree: Path, home: Path, size: tuple[int, int]) -> None:
    with start(tree, home, *size) as terminal:
        terminal.wait_for("alpha")
        terminal.wait_for("inotify")
        terminal.settle(0.8)
        costs = []
        for key in ("j", "k") * 4:
            before = terminal.received
            terminal.press(key)
            terminal.settle(0.1)  # less than the rest after which the charts follow
            costs.append(terminal.received - before)
        print(f"bytes of a cursor move at {size[0]}x{size[1]}: {costs}")
        # the median: on a busy machine the charts may follow before the bytes of the move are counted
        assert 0 < sorted(costs)[len(costs) // 2] <= CURSOR_MOVE_BYTES


def test_it_is_quiet_while_nothing_happens(tree: Path, home: Path) -> None:
    with start(tree, home) as terminal:
        terminal.wait_for("inotify")
        terminal.settle(1.5, timeout=20)
        before = terminal.received
        terminal.settle(2.0, timeout=2.5)
        assert terminal.received - before < 400


def test_the_screen_follows_the_size_of_the_terminal(tree: Path, home: Path) -> None:
    with start(tree, home) as terminal:
        terminal.wait_for("inotify")
        terminal.resize(80, 24)
        os.kill(terminal.pid, signal.SIGWINCH)
        terminal.wait_for(lambda text: "? help" in text.split("\n")[-1] and "alpha" in text)
        terminal.resize(40, 12)
        os.kill(terminal.pid, signal.SIGWINCH)
        terminal.wait_for(lambda text: "alpha" in text and "? help" in text.split("\n")[-1])
        assert "Traceback" not in terminal.text


@pytest.mark.parametrize("key", ["q", "ctrl+c", "Q"])
def test_leaving_restores_the_terminal(tree: Path, home: Path, key: str) -> None:
    with start(tree, home) as terminal:
        terminal.wait_for("alpha")
        terminal.press(key)
        assert terminal.wait_exit() == 0
        for sequence in (b"\x1b[?1049l", b"\x1b[?25h"):  # the alternate screen is left, the cursor is shown
            assert sequence in terminal.raw
        assert "Traceback" not in terminal.text


def test_a_hang_up_keeps_the_state(tree: Path, home: Path) -> None:
    with start(tree, home) as terminal:
        terminal.wait_for("alpha")
        terminal.press("/", *"lr<0.01", "enter")
        terminal.wait_for("2 of 4 runs")
        os.kill(terminal.pid, signal.SIGHUP)
        terminal.wait_exit()
    with start(tree, home) as terminal:
        terminal.wait_for("2 of 4 runs")


def test_suspending_gives_the_shell_back_and_returns(tree: Path, home: Path) -> None:
    with start(tree, home) as terminal:
        terminal.wait_for("alpha")
        terminal.settle(0.5)
        before = len(terminal.raw)
        terminal.press("ctrl+z")
        terminal.settle(0.5)
        assert b"\x1b[?1049l" in terminal.raw[before:]
        os.kill(terminal.pid, signal.SIGCONT)
        terminal.settle(0.5)
        terminal.press("5")
        terminal.wait_for("not recorded")


def test_no_colour_means_no_colour(tree: Path, home: Path) -> None:
    with start(tree, home, NO_COLOR="1") as terminal:
        terminal.wait_for("alpha")
        terminal.settle(0.5)
        cells = [cell for line in terminal.screen.buffer.values() for cell in line.values()]
        assert {cell.fg for cell in cells} | {cell.bg for cell in cells} <= {"default"}


def test_a_dumb_terminal_gets_a_table(tree: Path, home: Path) -> None:
    with start(tree, home, TERM="dumb") as terminal:
        assert terminal.wait_exit(20) == 0
        assert "alpha" in terminal.text and b"\x1b[?1049h" not in terminal.raw
