"""Runs another program with a bound of time and of output; its signals and terminal are not the user's."""

from __future__ import annotations

import os
import select
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

CHUNK = 1 << 16


class Output(NamedTuple):
    """What a program wrote until it ended or was cut off."""

    code: int | None
    """Its exit code; None where it was cut off or not found."""
    data: bytes
    """Its stdout; b"" where a sink took it."""
    said: str
    """The end of its stderr."""
    cut: str
    """Why there is no more: "not installed", "took longer than 2 s", "more than 32 MiB"; "" where it ended itself."""

    @property
    def fine(self) -> bool:
        """Whether it ended by itself and well."""
        return self.code == 0


def output(
    argv: Sequence[str],
    *,
    seconds: float,
    largest: int = 1 << 20,
    cwd: str | None = None,
    environ: Mapping[str, str] | None = None,
    sink: Callable[[bytes], object] | None = None,
) -> Output:
    """Run `argv` without a shell and read what it writes. Never raises for what the program does.

    Args:
        seconds: After so long it is killed.
        largest: So many bytes of stdout are taken; at one more it is killed.
        sink: Is given stdout piece by piece, and nothing is kept in memory.
    """
    try:
        # a session of its own: ctrl+c and ctrl+z are meant for the program that is recorded
        process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=cwd,
            env=None if environ is None else dict(environ), start_new_session=True,
        )  # fmt: skip
    except FileNotFoundError:
        return Output(None, b"", "", "not installed")
    except (OSError, ValueError) as error:
        return Output(None, b"", "", f"cannot be started: {error}")
    try:
        return _read(process, seconds, largest, sink)
    finally:
        if process.poll() is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, 9)
            process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


def _read(
    process: subprocess.Popen[bytes], seconds: float, largest: int, sink: Callable[[bytes], object] | None
) -> Output:
    assert process.stdout is not None and process.stderr is not None
    out, err = process.stdout.fileno(), process.stderr.fileno()
    poll = select.poll()
    for descriptor in (out, err):
        poll.register(descriptor, select.POLLIN | select.POLLHUP)
    waiting, kept, said, taken = {out, err}, list[bytes](), b"", 0
    until = time.monotonic() + seconds
    while waiting:
        left = until - time.monotonic()
        if left <= 0:
            return Output(None, b"".join(kept), _text(said), f"took longer than {seconds:g} s")
        for descriptor, _ in poll.poll(left * 1000):
            piece = os.read(descriptor, CHUNK)
            if not piece:
                poll.unregister(descriptor)
                waiting.discard(descriptor)
            elif descriptor == err:
                said = (said + piece)[-4096:]
            else:
                taken += len(piece)
                if taken > largest:
                    return Output(None, b"".join(kept), _text(said), f"more than {size_text(largest)}")
                if sink is None:
                    kept.append(piece)
                else:
                    sink(piece)
    try:
        code = process.wait(max(0.1, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        return Output(None, b"".join(kept), _text(said), f"took longer than {seconds:g} s")
    return Output(code, b"".join(kept), _text(said), "")


def size_text(size: int) -> str:
    """A size in one unit: "12 bytes", "3 KiB", "32 MiB"."""
    for power, unit in ((30, "GiB"), (20, "MiB"), (10, "KiB")):
        if size >= 1 << power:
            return f"{size / (1 << power):.3g} {unit}"
    return f"{size} bytes"


def _text(said: bytes) -> str:
    return said.decode("utf-8", "replace").strip()
