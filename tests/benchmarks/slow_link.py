"""`python -m tests.benchmarks.slow_link [--rate 50000] [--delay 0.08] COMMAND …`: a command as if over a slow link.

A relay between two terminals: what the command writes arrives at `rate` bytes a second and `delay` seconds late, keys are
`delay` seconds late. What is under way is bounded, as a socket's buffer is; then the command has to wait.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import selectors
import signal
import sys
import termios
import time
import tty
from collections import deque
from collections.abc import Sequence

RATE, DELAY_S = 50_000.0, 0.08
UNDER_WAY = 1 << 16
PIECE = 1_024
_FOREVER = 3600.0


class Direction:
    """Bytes on their way: each piece has a moment at which it arrives."""

    def __init__(self, rate: float, delay_s: float) -> None:
        self._rate, self._delay_s = rate, delay_s
        self._pieces: deque[tuple[float, bytes]] = deque()
        self._free_at = 0.0
        self.size = 0

    def put(self, data: bytes, now: float) -> None:
        """Send some bytes."""
        for at in range(0, len(data), PIECE):
            piece = data[at : at + PIECE]
            self._free_at = max(now, self._free_at) + len(piece) / self._rate
            self._pieces.append((self._free_at + self._delay_s, piece))
        self.size += len(data)

    def arrived(self, now: float) -> bytes:
        """What has arrived by now."""
        found = b""
        while self._pieces and self._pieces[0][0] <= now:
            found += self._pieces.popleft()[1]
        self.size -= len(found)
        return found

    def wait_s(self, now: float) -> float:
        """Seconds until the next piece arrives."""
        return max(0.0, self._pieces[0][0] - now) if self._pieces else _FOREVER


def relay(argv: Sequence[str], rate: float, delay_s: float) -> int:
    """Run the command on a terminal behind the link; its exit code."""
    child, master = pty.fork()
    if child == 0:
        os.execvp(argv[0], list(argv))

    def resize(*_: object) -> None:
        fcntl.ioctl(master, termios.TIOCSWINSZ, fcntl.ioctl(0, termios.TIOCGWINSZ, bytes(8)))

    signal.signal(signal.SIGWINCH, resize)
    resize()
    before = termios.tcgetattr(0)
    tty.setraw(0)
    try:
        _carry(master, Direction(rate, delay_s), Direction(rate, delay_s))
    finally:
        termios.tcsetattr(0, termios.TCSANOW, before)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _carry(master: int, down: Direction, up: Direction) -> None:
    open_end = True
    while True:
        now = time.monotonic()
        _write(1, down.arrived(now))
        if not open_end and not down.size:
            return
        _write(master, up.arrived(now) if open_end else b"")
        with selectors.DefaultSelector() as selector:
            selector.register(0, selectors.EVENT_READ)
            if open_end and down.size < UNDER_WAY:
                selector.register(master, selectors.EVENT_READ)
            ready = selector.select(min(down.wait_s(now), up.wait_s(now)))
        for key, _ in ready:
            try:
                data = os.read(key.fd, 1 << 14)
            except OSError:  # the command has ended
                data = b""
            if key.fd == master:
                open_end = bool(data)
            (down if key.fd == master else up).put(data, time.monotonic())


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def main(words: Sequence[str]) -> int:
    """Run a command behind the link."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.slow_link")
    parser.add_argument("--rate", type=float, default=RATE, help="bytes a second")
    parser.add_argument("--delay", type=float, default=DELAY_S, help="seconds each way")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    given = parser.parse_args(words)
    return relay(given.command, given.rate, given.delay)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
