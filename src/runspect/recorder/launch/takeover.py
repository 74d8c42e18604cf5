"""The keeper was killed: the front goes on emptying the program's console and says in the record what it can."""

from __future__ import annotations

import json
import os
import select
import time
from collections.abc import Sequence
from pathlib import Path

from runspect.recorder.launch.console import ConsoleLog
from runspect.recorder.launch.copying import Copier
from runspect.recorder.launch.streams import Channel
from runspect.recorder.layout import CONSOLE, HEAD, replace_json, timestamp

EXIT_CODE_UNKNOWN = 125


def take_over(directory: Path, program: int, channels: Sequence[Channel], *, quiet: bool) -> int:
    """Until the program has ended; its exit code is known to nobody, so this one says that.

    Args:
        program: Its process id; 0 where it was never started.
    """
    from runspect.recorder.launch.front import say

    killed = timestamp()
    if not quiet:
        say(
            f"the recorder's own process was killed; {'the program goes on' if program else 'the program was not started'}"
        )
    console = ConsoleLog(directory / CONSOLE, say)
    copiers = [Copier(channel, console.write) for channel in channels]
    for copier in copiers:
        copier.start()
    reason = f"the recorder was killed at {killed}; how the program ended is not known"
    if program:
        _wait(program)
        for copier in copiers:
            copier.drain(2.0)
    else:
        reason = f"the recorder was killed at {killed}, before the program was started"
    try:
        head = json.loads((directory / HEAD).read_text("utf-8"))
        if isinstance(head, dict):
            replace_json(
                directory / HEAD,
                {**head, "status": "unknown", "reason": reason, "ended": timestamp(), **console.facts()},
            )
    except (OSError, ValueError) as error:
        say(f"{directory / HEAD} cannot be written: {error}")
    return EXIT_CODE_UNKNOWN


def _wait(pid: int) -> None:
    """Until a process that is no child of this one has ended."""
    try:
        descriptor = os.pidfd_open(pid)
    except (OSError, AttributeError):
        while _is_there(pid):
            time.sleep(0.5)
        return
    select.select([descriptor], [], [])


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
