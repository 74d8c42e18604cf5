"""A terminal that notes when bytes come and leaves drawing them for later: the emulator is slower than the program."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import pyte

from tests.pty_terminal import PtyTerminal

DEADLINE_S = 120.0


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a key press brought: seconds until the first and the last byte, and how many bytes."""

    first_s: float
    last_s: float
    received: int


class TimedTerminal(PtyTerminal):
    """Reads without drawing; `text` draws what has come until then."""

    def __init__(
        self, argv: Sequence[str], *, columns: int = 160, lines: int = 45, env: Mapping[str, str] | None = None
    ) -> None:
        self.begun = time.perf_counter()
        self.came_at = self.begun
        """When bytes came last."""
        self.chunks: list[tuple[float, int]] = []
        """When each piece came, and how many bytes had come with it."""
        self._drawn = 0
        super().__init__(argv, columns=columns, lines=lines, env=env)

    def __enter__(self) -> Self:
        return self

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
        self.came_at = time.perf_counter()
        self.received += len(data)
        self.raw += data
        self.chunks.append((self.came_at, self.received))
        if b"\x1b[?2026$p" in data:
            os.write(self._master, b"\x1b[?2026;2$y")
        return True

    @property
    def text(self) -> str:
        """The screen as text."""
        self._stream.feed(bytes(self.raw[self._drawn :]))
        self._drawn = len(self.raw)
        return "\n".join(line.rstrip() for line in self.screen.display)

    def until(self, wanted: str, since: int = 0, deadline_s: float = DEADLINE_S) -> float:
        """Read until this text was written after byte `since`; the moment (`perf_counter`) when it had come.

        Raises:
            AssertionError: It did not come; the message is the screen.
        """
        sought = wanted.encode()
        deadline = time.perf_counter() + deadline_s
        while self.raw.find(sought, since) < 0:
            if time.perf_counter() > deadline or self.exit_code is not None:
                raise AssertionError(f"not seen: {wanted!r} (exit code {self.exit_code})\n{self.text}")
            self.read(0.2)
        return self.came_at

    def until_shown(self, wanted: str, deadline_s: float = DEADLINE_S) -> float:
        """Read until the screen shows this text, wherever its cells came from; the moment when it did.

        Raises:
            AssertionError: It did not; the message is the screen.
        """
        deadline = time.perf_counter() + deadline_s
        while wanted not in self.text:
            if time.perf_counter() > deadline or self.exit_code is not None:
                raise AssertionError(f"not shown: {wanted!r} (exit code {self.exit_code})\n{self.text}")
            self.read(0.2)
        return self.came_at

    def react(self, key: str, quiet: float = 0.05, deadline_s: float = 10.0) -> Reaction:
        """Press a key and read until nothing has come for `quiet` seconds.

        Raises:
            AssertionError: Nothing came at all.
        """
        while self.read(0):
            pass
        before, pressed = self.received, time.perf_counter()
        self.press(key)
        assert self.read(deadline_s), f"no reaction to {key!r}\n{self.text}"
        first = self.came_at
        while self.read(quiet):
            pass
        return Reaction(first - pressed, self.came_at - pressed, self.received - before)

    def received_within(self, duration_s: float) -> int:
        """Bytes that come in so many seconds."""
        before, end = self.received, time.perf_counter() + duration_s
        while (left := end - time.perf_counter()) > 0:
            self.read(left)
        return self.received - before

    def replay(self, since: float) -> Iterator[tuple[float, Sequence[str]]]:
        """Each moment after `since` at which bytes came, and the lines of the screen then. Slow: for afterwards."""
        screen = pyte.Screen(self.screen.columns, self.screen.lines)
        stream = pyte.ByteStream(screen)
        low = 0
        for moment, high in self.chunks:
            stream.feed(bytes(self.raw[low:high]))
            low = high
            if moment >= since:
                yield moment, screen.display
