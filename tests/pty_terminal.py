"""A terminal for tests: starts a program on a pty, answers its questions, shows its screen, counts its bytes."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import selectors
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType

import pyte

KEYS = {
    "enter": b"\r", "escape": b"\x1b", "tab": b"\t", "space": b" ", "backspace": b"\x7f", "down": b"\x1b[B", "up": b"\x1b[A",
    "right": b"\x1b[C", "left": b"\x1b[D", "pagedown": b"\x1b[6~", "pageup": b"\x1b[5~", "home": b"\x1b[H", "end": b"\x1b[F",
}  # fmt: skip


class PtyTerminal:
    """One program on a terminal of its own; everything it drew is on `screen`."""

    def __init__(
        self, argv: Sequence[str], *, columns: int = 160, lines: int = 45, env: Mapping[str, str] | None = None
    ) -> None:
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self.received = 0
        self.raw = bytearray()
        self.exit_code: int | None = None
        environ = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", **(env or {})}
        for name in ("LINES", "COLUMNS", "NO_COLOR", "SSH_CONNECTION", "SSH_TTY", "TMUX"):
            if name not in (env or {}):
                environ.pop(name, None)
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            os.execvpe(argv[0], list(argv), environ)
        self.resize(columns, lines)
        os.set_blocking(self._master, False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._master, selectors.EVENT_READ)

    def __enter__(self) -> PtyTerminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def resize(self, columns: int, lines: int) -> None:
        """Give the terminal another size."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.screen.resize(lines, columns)

    def press(self, *keys: str) -> None:
        """Press keys: names of `KEYS`, "ctrl+x", or characters."""
        for key in keys:
            if key.startswith("ctrl+"):
                os.write(self._master, bytes([ord(key[-1]) & 0x1F]))
            else:
                os.write(self._master, KEYS.get(key, key.encode()))

    def read(self, timeout: float) -> bool:
        """Take in what is there within `timeout` seconds; whether anything was."""
        if not self._selector.select(timeout):
            return False
        try:
            data = os.read(self._master, 1 << 16)
        except OSError:
            data = b""
        if not data:
            self._reap()
            return False
        self.received += len(data)
        self.raw += data
        if b"\x1b[?2026$p" in data:
            os.write(self._master, b"\x1b[?2026;2$y")
        self._stream.feed(data)
        return True

    def wait_for(self, seen: str | Callable[[str], bool], timeout: float = 20.0) -> str:
        """Read until the screen shows what is wanted; returns the screen.

        Raises:
            AssertionError: It did not within `timeout` seconds; the message is the screen.
        """
        wanted = seen if callable(seen) else lambda text: seen in text
        deadline = time.monotonic() + timeout
        while not wanted(self.text):
            left = deadline - time.monotonic()
            if left <= 0 or self.exit_code is not None:
                raise AssertionError(f"not seen: {seen!r} (exit code {self.exit_code})\n{self.text}")
            self.read(min(left, 0.2))
        return self.text

    def settle(self, quiet: float = 0.4, timeout: float = 10.0) -> int:
        """Read until nothing came for `quiet` seconds; returns the bytes that came."""
        before, deadline = self.received, time.monotonic() + timeout
        while time.monotonic() < deadline and self.read(quiet):
            pass
        return self.received - before

    def wait_exit(self, timeout: float = 10.0) -> int:
        """Read until the program ends; returns its exit code.

        Raises:
            AssertionError: It did not end in time.
        """
        deadline = time.monotonic() + timeout
        while self.exit_code is None:
            if time.monotonic() > deadline:
                raise AssertionError(f"still running\n{self.text}")
            if not self.read(0.1):
                self._reap()
        return self.exit_code

    @property
    def text(self) -> str:
        """The screen as text, without blanks at the ends of lines."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def close(self) -> None:
        """End the program and the terminal."""
        if self.exit_code is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self.pid, 0)
        self._selector.close()
        os.close(self._master)

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.exit_code = os.waitstatus_to_exitcode(status)
