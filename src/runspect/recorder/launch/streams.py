"""What the program writes to: a pseudo-terminal where a terminal was, a pipe where something else was."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from typing import NamedTuple

from runspect.recorder.launch.terminal import open_terminal

PIPE_BYTES = 1 << 20


class Channel(NamedTuple):
    """One way of the program's output."""

    source: int
    """Descriptor that the program's output is read from."""
    target: int
    """Descriptor that it is passed on to: the caller's own stdout or stderr."""
    inner: int
    """The program's end; closed once it has been started."""
    is_terminal: bool
    stands_for: tuple[int, ...]
    """1, 2 or both: where they are the same the order of what is written is kept."""


def open_channels(tell: Callable[[str], None]) -> list[Channel]:
    """Channels for stdout and stderr; a stream that is closed has none.

    Nor has one for which there is no pseudo-terminal or pipe to be had, as in a sandbox: the program writes to the
    caller's own then, and `tell` is given a line.
    """
    open_ones = [descriptor for descriptor in (1, 2) if _is_open(descriptor)]
    wanted = [(1, 2)] if len(open_ones) == 2 and _same(1, 2) else [(descriptor,) for descriptor in open_ones]
    found = list[Channel]()
    for stands_for in wanted:
        try:
            found.append(_channel(stands_for))
        except OSError as error:
            names = " and ".join(("stdout", "stderr")[each - 1] for each in stands_for)
            tell(f"{names} cannot be recorded ({error.strerror or error}); the program writes to it all the same")
    return found


def _channel(stands_for: tuple[int, ...]) -> Channel:
    # a copy that nobody inherits: 1 and 2 themselves may be closed later on
    target = os.dup(stands_for[0])
    if os.isatty(target):
        source, inner = open_terminal(target)
        return Channel(source, target, inner, True, stands_for)
    source, inner = os.pipe()
    _widen(source)
    return Channel(source, target, inner, False, stands_for)


def _widen(pipe: int) -> None:
    """Let the program run ahead a little further than the default of 64 KiB."""
    if sys.platform == "linux":
        import fcntl

        try:
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        except OSError:  # the user has many pipes open
            return


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _same(one: int, other: int) -> bool:
    first, second = os.fstat(one), os.fstat(other)
    if (first.st_dev, first.st_ino, first.st_rdev) != (second.st_dev, second.st_ino, second.st_rdev):
        return False
    # `>a 2>a` opens a file twice, each with an offset of its own; that is no order worth keeping
    return not stat.S_ISREG(first.st_mode) or os.lseek(one, 0, 1) == os.lseek(other, 0, 1)
