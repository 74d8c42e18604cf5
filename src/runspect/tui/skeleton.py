"""The first frame: painted before Textual is imported, which takes ten times as long as all of this.

It is the frame that the screen last showed for these directories, said to be "as of 14:02"; where none is known, an
empty one. The terminal is quiet from here on: what is typed reaches the screen, and does not show. The screen takes
the same alternate screen over; whatever goes wrong before that gives the terminal back as it was.
Standard library only, and little of that; the terminal is written to directly.
"""

from __future__ import annotations

import os
import signal
import termios

from runspect.tui import kept_frame
from runspect.tui.first_frame import framed, is_ascii

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import FrameType
    from typing import Any

    from runspect.tui.kept_frame import KeptFrame

FLAGS = ("--ascii", "--low-bandwidth", "--no-color", "--show-secrets")
"""Options that do not change which runs are listed."""
OTHERS = ("--query", "--sort")
TERMINAL = 2
"""The descriptor that the screen is drawn on."""
_ENTER, _LEAVE = b"\x1b[?1049h\x1b[?25l", b"\x1b[0m\x1b[?1049l\x1b[?25h"
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Skeleton:
    """A frame on the terminal that waits for the screen; it owns the terminal until it is handed over."""

    def __init__(self, attributes: list[Any], *, shows_rows: bool) -> None:
        self.attributes = attributes
        """The terminal's settings as they were."""
        self.shows_rows = shows_rows
        """Whether it is the last known frame: an empty table must not take its place."""
        self.is_up = True

    def hand_over(self) -> None:
        """The screen has the terminal, and gives it back."""
        self.is_up = False
        for number in _SIGNALS:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)

    def leave(self) -> None:
        """Give the terminal back as it was, unless the screen has it."""
        if self.is_up:
            self.hand_over()
            _write(_LEAVE)
            termios.tcsetattr(0, termios.TCSANOW, self.attributes)

    def _ended(self, number: int, frame: FrameType | None) -> None:
        self.leave()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


def paint(argv: Sequence[str], environ: Mapping[str, str] = os.environ) -> Skeleton | None:
    """Paint the first frame of `runspect ARGV…`; None where there will be no screen, or something is to be said first."""
    directories = _directories(argv)
    if directories is None or not _can_draw(environ):
        return None
    kept = None if "--query" in argv or "--sort" in argv else _known(directories, argv, environ)
    if kept is None and not directories:
        return None  # it may be that there is nothing to show
    frame = framed(kept, directories, argv, environ, os.get_terminal_size(TERMINAL))
    try:
        before = termios.tcgetattr(0)
        skeleton = Skeleton(before, shows_rows=kept is not None)
        for number in _SIGNALS:
            signal.signal(number, skeleton._ended)
        termios.tcsetattr(0, termios.TCSANOW, _quiet(before))
    except termios.error:
        return None
    _write(_ENTER + frame)
    return skeleton


def _directories(argv: Sequence[str]) -> list[str] | None:
    """The directories of the command line; None when it says anything else, or something that is not there."""
    found = []
    words = iter(argv)
    for word in words:
        if word in OTHERS:
            next(words, None)
        elif not word.startswith("-"):
            found.append(os.path.expanduser(word))
        elif word not in FLAGS:
            return None
    return found if all(map(os.path.isdir, found)) else None


def _can_draw(environ: Mapping[str, str]) -> bool:
    try:
        return environ.get("TERM", "dumb") not in ("dumb", "") and all(map(os.isatty, range(3)))
    except OSError:
        return False


def _known(directories: Sequence[str], argv: Sequence[str], environ: Mapping[str, str]) -> KeptFrame | None:
    kept = kept_frame.load(kept_frame.file_of(directories, environ), directories)
    return None if kept is None or (is_ascii(argv, environ) and not kept.ascii) else kept


def _quiet(attributes: list[Any]) -> list[Any]:
    """Settings under which keys wait for the screen unseen and unchanged; of the keys that signal, ctrl+c alone works."""
    found: list[Any] = [list(part) if isinstance(part, list) else part for part in attributes]
    found[0] &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR)
    found[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN)
    characters = found[6]
    for key in (termios.VSUSP, termios.VQUIT):
        characters[key] = b"\0"
    characters[termios.VMIN], characters[termios.VTIME] = 1, 0
    return found


def _write(data: bytes) -> None:
    while data:
        try:
            data = data[os.write(TERMINAL, data) :]
        except OSError:
            return  # the terminal is gone, as the screen will see
