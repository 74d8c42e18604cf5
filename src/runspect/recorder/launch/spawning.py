"""Starts the program as a shell would have: found by PATH, in the same process group, with signals as they were."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Mapping, Sequence

from runspect.recorder.launch.streams import Channel

NOT_FOUND, NOT_EXECUTABLE = 127, 126


class CannotStart(Exception):
    """The program was not started; `code` is what a shell ends with then."""

    def __init__(self, what: str, code: int) -> None:
        super().__init__(what)
        self.code = code


def spawn(argv: Sequence[str], environ: Mapping[str, str], channels: Sequence[Channel], ignored: Sequence[int]) -> int:
    """Start `argv` and return its process id.

    Args:
        channels: What it writes to instead of this process's own stdout and stderr.
        ignored: Signals that are ignored here and were not before.

    Raises:
        CannotStart: It does not exist or cannot be executed.
    """
    actions = [(os.POSIX_SPAWN_DUP2, channel.inner, number) for channel in channels for number in channel.stands_for]
    # Python ignores two signals for its own sake, which the program would inherit
    defaults = {signal.SIGPIPE, signal.SIGXFSZ, *ignored}
    try:
        return os.posix_spawnp(argv[0], list(argv), dict(environ), file_actions=actions, setsigdef=defaults)
    except OSError as error:
        if error.errno == errno.ENOEXEC:  # a script without `#!`
            return os.posix_spawnp(
                "/bin/sh", ["/bin/sh", *argv], dict(environ), file_actions=actions, setsigdef=defaults
            )
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            raise CannotStart(_missing(argv[0]), NOT_FOUND) from error
        raise CannotStart(f"{argv[0]}: {error.strerror}", NOT_EXECUTABLE) from error


def _missing(name: str) -> str:
    if os.path.lexists(name) and "/" in name:
        return f"{name}: its interpreter (the line after #!) does not exist"
    return f"{name}: no such file" if "/" in name else f"{name}: command not found"
