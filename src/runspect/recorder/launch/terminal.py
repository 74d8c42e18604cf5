"""A pseudo-terminal that looks like the real one, and what must be carried between the two."""

from __future__ import annotations

import os
import termios
from typing import Any

_OFLAG, _IFLAG, _LFLAG, _CC = 1, 0, 3, 6


def open_terminal(real: int) -> tuple[int, int]:
    """(our end, the program's end) of a pseudo-terminal with size and modes of `real`.

    It changes no newline: the real one does that, and the log has the bytes that the program wrote.

    Raises:
        OSError: There is none to be had.
    """
    ours, inner = os.openpty()
    try:
        modes = termios.tcgetattr(real)
        modes[_OFLAG] &= ~termios.OPOST
        termios.tcsetattr(inner, termios.TCSANOW, modes)
        size = os.get_terminal_size(real)
        termios.tcsetwinsize(inner, (size.lines, size.columns))
    except (OSError, termios.error):  # a terminal that was hung up has no modes
        return ours, inner
    return ours, inner


class Mirror:
    """Carries size and modes between a real terminal and the pseudo-terminal that stands for it; mutable."""

    def __init__(self, ours: int, real: int) -> None:
        self._ours = ours
        self._real = real
        self._size = self._size_of_real()
        self._modes = self._modes_of_program()

    def resize(self) -> bool:
        """Take over the real terminal's size; whether it has changed."""
        size = self._size_of_real()
        if size is None or size == self._size:
            return False
        self._size = size
        try:
            termios.tcsetwinsize(self._ours, size)
        except (OSError, termios.error):
            return False
        return True

    def carry_modes(self) -> None:
        """Give the real terminal the modes that the program has set on its stdout (raw, no echo), in the foreground."""
        modes = self._modes_of_program()
        if modes is None or modes == self._modes:
            return
        self._modes = modes
        try:
            if os.tcgetpgrp(self._real) != os.getpgrp():
                return
            real = termios.tcgetattr(self._real)
            real[_IFLAG], real[_LFLAG], real[_CC] = modes[_IFLAG], modes[_LFLAG], modes[_CC]
            real[_OFLAG] = real[_OFLAG] & termios.OPOST | modes[_OFLAG] & ~termios.OPOST
            termios.tcsetattr(self._real, termios.TCSANOW, real)
        except (OSError, termios.error):
            return

    def _modes_of_program(self) -> list[Any] | None:
        try:
            return termios.tcgetattr(self._ours)
        except (OSError, termios.error):
            return None

    def _size_of_real(self) -> tuple[int, int] | None:
        try:
            size = os.get_terminal_size(self._real)
        except OSError:
            return None
        return size.lines, size.columns
