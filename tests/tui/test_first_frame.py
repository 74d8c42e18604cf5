"""The frame that is painted first: what it shows, what it never shows, and the terminal around it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color, ColorSystem

from runspect.tui import first_frame, kept_frame, theme
from runspect.tui.kept_frame import KeptFrame
from tests.pty_terminal import PtyTerminal
from tests.tui.test_pty import SOURCE, start

SIZE = (160, 45)
OWN = re.compile(r"\x1b\[[0-9;]*[Hm]")
"""The only sequences that a frame is made of."""
HEAVY = {"dataclasses", "inspect", "json", "logging", "pathlib", "re", "rich", "textual", "typing"}
PAUSED = "import signal, sys; from runspect.tui.skeleton import paint; paint(sys.argv[1:]) and signal.pause()"
TAKEN_OVER = b"\x1b[?1004h"
"""What Textual says before it paints; nothing before it is from Textual."""
SHOWN = b"\x1b[?2026l"
"""The end of a frame of Textual's."""


def drawn(data: bytes, columns: int = SIZE[0], lines: int = SIZE[1]) -> pyte.Screen:
    """What a terminal shows after these bytes."""
    screen = pyte.Screen(columns, lines)
    pyte.ByteStream(screen).feed(data)
    return screen


def texts(screen: pyte.Screen) -> list[str]:
    """Its lines."""
    return [line.rstrip() for line in screen.display]


def kept() -> KeptFrame:
    """A frame of two runs."""
    frame = KeptFrame()
    frame.at, frame.columns, frame.theme = 0, 40, "runspect-dark"
    frame.styles = [("", "c9ced6/251", "15181d/16"), ("b", "n8", "-")]
    frame.title = [(0, " runspect  ~/exp" + " " * 24)]
    frame.filter = [(0, " / lr<1" + " " * 24 + "  2 runs ")]
    frame.table = [[(0, " name" + " " * 35)], [(1, "▸ 東京-alpha" + " " * 27)], [(0, "  beta" + " " * 34)]]
    frame.footer = [(0, " ? help" + " " * 33)]
    return frame


def shown_by(frame: KeptFrame | None, size: tuple[int, int], **environ: str) -> bytes:
    return first_frame.framed(frame, ["/exp"], (), {"TERM": "xterm-256color", **environ}, size)


# the file


def test_a_frame_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    path = str(tmp_path / "state" / "frame-1.txt")
    kept_frame.save(path, ["/exp"], kept())
    found = kept_frame.load(path, ["/exp"])
    assert found is not None
    assert [getattr(found, name) for name in KeptFrame.__slots__] == [
        getattr(kept(), name) for name in KeptFrame.__slots__
    ]
    assert kept_frame.load(path, ["/other"]) is None
    assert (tmp_path / "state").stat().st_mode & 0o77 == 0


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=6), st.integers(1, 200), st.integers(1, 60))
def test_whatever_the_file_holds_it_cannot_steer_the_terminal(lines: list[str], columns: int, height: int) -> None:
    scope = os.fsencode("/exp").hex()
    hostile = [
        kept_frame.FORMAT,
        scope,
        "columns 40",
        "S b ff0000/1 -",
        "title\x1f0 a\x1b]0;b\x07",
        *lines,
        "row\x1f0 \x9b2J",
    ]
    try:
        frame = kept_frame._parsed("\n".join(hostile).split("\n"), scope)
    except (ValueError, IndexError):
        return  # `load` takes it for no frame
    if frame is not None:
        assert OWN.sub("", shown_by(frame, (columns, height)).decode()).isprintable()


@given(st.binary(max_size=300))
def test_any_bytes_are_a_frame_or_none(data: bytes) -> None:
    descriptor = os.memfd_create("frame")
    os.write(descriptor, kept_frame.FORMAT.encode() + b"\n" + os.fsencode("/exp").hex().encode() + b"\n" + data)
    os.lseek(descriptor, 0, os.SEEK_SET)
    try:
        kept_frame.load(f"/proc/self/fd/{descriptor}", ["/exp"])
    finally:
        os.close(descriptor)


# the frame


@pytest.mark.parametrize("size", [(160, 45), (80, 24), (40, 12), (39, 3), (10, 2), (1, 1)])
def test_a_frame_fills_the_terminal_and_no_more(size: tuple[int, int]) -> None:
    frame = drawn(shown_by(kept(), size, COLORTERM="truecolor"), *size)
    for y in range(size[1]):
        assert {frame.buffer[y][x].bg for x in range(size[0])} <= {"15181d", "1b1f26", "default"}
    if size[0] >= 39 and size[1] >= 12:
        assert "alpha" in texts(frame)[3]
        assert texts(frame)[1].endswith("2 runs")
        assert "as of 1970-01-01" in texts(frame)[0] or "as of 1969-12-31" in texts(frame)[0]


def test_colours_are_those_that_the_terminal_has() -> None:
    for environ, wanted, never in (
        ({"COLORTERM": "truecolor"}, "38;2;201;206;214", "[34]8;5"),
        ({}, "38;5;251", "[34]8;2"),
        ({"TERM": "screen"}, "90", "[34]8;[25]"),
        ({"NO_COLOR": "1", "COLORTERM": "truecolor"}, "\x1b[0;1m", "[34]8;[25]"),
    ):
        sent = shown_by(kept(), SIZE, **environ).decode()
        assert wanted in sent
        assert not re.search(f";{never}", sent)


def test_the_empty_frame_has_the_colours_of_the_theme() -> None:
    for name, known in (("dark", theme.DARK), ("light", theme.LIGHT)):
        _, fore, back = first_frame._BLANK[name]
        told = {fore: known.foreground, back: known.background, first_frame._BAR[name]: known.surface}
        told[first_frame._DIM[name]] = known.variables["look-dim"]
        for colour, wanted in told.items():
            number = Color.parse(str(wanted)).downgrade(ColorSystem.EIGHT_BIT).number
            assert colour == f"{str(wanted)[1:]}/{number}"


def test_an_unknown_directory_is_named_while_it_is_looked_through() -> None:
    frame = texts(drawn(first_frame.framed(None, ["/tmp"], (), {"TERM": "xterm", "HOME": "/root"}, SIZE)))
    assert any("Looking for runs" in line for line in frame)
    assert "/tmp" in frame[0]


def test_little_is_imported_before_the_first_frame() -> None:
    code = "import sys, runspect.__main__, runspect.cli.commands, runspect.tui.skeleton; print(*sys.modules)"
    environ = {**os.environ, "PYTHONPATH": str(SOURCE)}
    loaded = subprocess.run([sys.executable, "-I", "-c", f"import sys; sys.path[:0] = [{str(SOURCE)!r}]; {code}"], env=environ, check=True, capture_output=True, text=True)  # fmt: skip
    assert not HEAVY & set(loaded.stdout.split())


# on a terminal


def paused(tree: Path, home: Path) -> PtyTerminal:
    """A terminal with the first frame, and nothing behind it."""
    env = {"RUNSPECT_HOME": str(home), "PYTHONPATH": str(SOURCE)}
    return PtyTerminal([sys.executable, "-c", PAUSED, str(tree)], env=env)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_gives_the_terminal_back(tree: Path, home: Path, number: signal.Signals) -> None:
    with paused(tree, home) as terminal:
        before = termios.tcgetattr(terminal._master)
        terminal.wait_for("Looking for runs")
        quiet = termios.tcgetattr(terminal._master)
        assert not quiet[3] & termios.ECHO
        if number == signal.SIGINT:
            terminal.press("x", "ctrl+z", "ctrl+c")
        else:
            os.kill(terminal.pid, number)
        assert terminal.wait_exit() == -number
        assert terminal.raw.rstrip().endswith(b"\x1b[?1049l\x1b[?25h")
        assert b"x" not in terminal.raw.partition(b"Looking for")[2].partition(b"\x1b[?1049l")[0].replace(b"exp", b"")
        assert termios.tcgetattr(terminal._master)[3] == before[3]


def test_a_start_that_fails_says_so_on_the_usual_screen(tree: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "config.toml").write_text("theme = 7\n")
    with start(tree, home) as terminal:
        assert terminal.wait_exit(30) == 2
        message = terminal.raw.rindex(b"config.toml")
        assert terminal.raw.index(b"\x1b[?1049l") < message
        assert termios.tcgetattr(terminal._master)[3] & termios.ECHO


@pytest.mark.parametrize("arguments", [["/nowhere/at/all"], ["--nonsense"], ["ls", "--help"]])
def test_nothing_is_painted_where_there_will_be_no_screen(home: Path, arguments: list[str]) -> None:
    env = {"RUNSPECT_HOME": str(home), "PYTHONPATH": str(SOURCE)}
    with PtyTerminal([sys.executable, "-m", "runspect", *arguments], env=env) as terminal:
        terminal.wait_exit(30)
        assert b"\x1b[?1049h" not in terminal.raw


def visit(tree: Path, home: Path, size: tuple[int, int] = SIZE, **env: str) -> PtyTerminal:
    """A screen that was opened, filled and left."""
    with start(tree, home, size[0], size[1], **env) as terminal:
        terminal.wait_for("alpha")
        terminal.wait_for("inotify")
        terminal.wait_for(lambda text: "4 runs" in text and "reading" not in text)  # all that decides the columns
        terminal.settle(0.5)
        terminal.press("Q")
        terminal.wait_exit()
    return terminal


@pytest.mark.parametrize(
    "env",
    [
        {"COLORTERM": "truecolor"},
        {"COLORTERM": "", "TERM": "xterm-256color"},
        {"COLORTERM": "", "TERM": "screen"},
        {"COLORTERM": "", "NO_COLOR": "1"},
    ],
    ids=["truecolor", "256", "16", "none"],
)
def test_the_first_frame_shows_what_the_screen_showed_and_turns_into_it(
    tree: Path, home: Path, env: dict[str, Any]
) -> None:
    visit(tree, home, **env)
    with start(tree, home, **env) as terminal:
        terminal.wait_for("inotify", 40)
        terminal.settle(0.5)
        raw = bytes(terminal.raw)
        terminal.press("Q")
        terminal.wait_exit()
    before = raw.partition(TAKEN_OVER)[0]
    skeleton = drawn(before)
    frames = [drawn(raw[: found.end()]) for found in re.finditer(re.escape(SHOWN), raw)][:24]
    filled = next(frame for frame in frames if "as of" not in texts(frame)[0])
    assert "as of" in texts(skeleton)[0]
    names = [line for line in texts(skeleton) if "alpha" in line]
    assert names
    assert b"\x1b[2J" not in raw
    assert raw.count(b"\x1b[?1049h") == 1
    for frame in frames:  # never an empty table in between
        assert any("alpha" in line for line in texts(frame))
    for y in range(1, SIZE[1] - 14):  # the title says what it was as of, the charts come later
        for x in range(SIZE[0]):
            old, new = skeleton.buffer[y][x], filled.buffer[y][x]
            if old.data == new.data:
                assert (old.bg, old.bold, old.reverse) == (new.bg, new.bold, new.reverse), (x, y, old, new)
                assert old.data == " " or old.fg == new.fg, (x, y, old, new)


@pytest.mark.parametrize("size", [(160, 45), (80, 24)])
def test_the_first_frame_shows_nothing_that_was_not_on_the_screen(
    tree: Path, home: Path, size: tuple[int, int]
) -> None:
    shown = visit(tree, home, size).raw.rpartition(b"\x1b[?2004l")[0]
    last = texts(drawn(bytes(shown), *size))
    with start(tree, home, *size) as terminal:
        terminal.wait_for("inotify", 40)
        terminal.press("Q")
        terminal.wait_exit()
    skeleton = texts(drawn(bytes(terminal.raw).partition(TAKEN_OVER)[0], *size))
    for line in skeleton[1:]:
        assert re.sub(r"\b\d+[smhd]\b", "", line).strip() in [
            re.sub(r"\b\d+[smhd]\b", "", each).strip() for each in [*last, ""]
        ]


def test_keys_that_are_typed_at_the_first_frame_reach_the_screen(tree: Path, home: Path) -> None:
    visit(tree, home)
    with start(tree, home) as terminal:
        terminal.wait_for("as of")
        first = next(line for line in terminal.text.split("\n") if line.startswith("▸"))
        terminal.press("j", "j", "k")
        terminal.wait_for("inotify", 40)
        terminal.wait_for(
            lambda text: any(line.startswith("▸") and line[4:12] != first[4:12] for line in text.split("\n"))
        )
        terminal.press("Q")
        assert terminal.wait_exit() == 0
    assert b"jjk" not in terminal.raw


def test_secrets_that_are_shown_are_not_kept(tree: Path, home: Path) -> None:
    argv = [sys.executable, "-m", "runspect", "--show-secrets", str(tree)]
    with PtyTerminal(argv, env={"RUNSPECT_HOME": str(home), "PYTHONPATH": str(SOURCE)}) as terminal:
        terminal.wait_for("alpha", 40)
        terminal.press("Q")
        terminal.wait_exit()
    assert not Path(kept_frame.file_of([str(tree)], {"RUNSPECT_HOME": str(home)})).exists()


def test_another_query_begins_with_an_empty_frame(tree: Path, home: Path) -> None:
    visit(tree, home)
    argv = [sys.executable, "-m", "runspect", "--query", "lr<0.01", str(tree)]
    with PtyTerminal(argv, env={"RUNSPECT_HOME": str(home), "PYTHONPATH": str(SOURCE)}) as terminal:
        terminal.wait_for("2 of 4 runs", 40)
        terminal.press("Q")
        terminal.wait_exit()
    assert b"Looking for runs" in terminal.raw.partition(TAKEN_OVER)[0]
    assert b"alpha" not in terminal.raw.partition(TAKEN_OVER)[0]
