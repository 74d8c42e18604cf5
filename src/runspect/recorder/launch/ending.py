"""How a program ended, from its wait status and from what was seen before."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from runspect.recorder.launch.signals import ENDING, Received, name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from runspect.recorder.writer import End

CGROUPS = Path("/sys/fs/cgroup")
KERNEL_LOG = Path("/dev/kmsg")
BELONGS_S = 600.0
"""So long after a signal an end is told together with it: a checkpoint takes a while."""
_OWN_FAULT = ("SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGTRAP", "SIGSYS")
_BY_SHELL = {128 + number: number for number in (1, 2, 9, 15)}
"""Exit codes by which a shell says that what it ran was killed."""


class Ending(NamedTuple):
    """As the record has it."""

    status: End
    exit_code: int | None
    signal: str | None
    reason: str


def ending(wait_status: int, signals: Sequence[Received], ended: float, memory: str = "") -> Ending:
    """Judge a wait status (`os.waitpid`).

    Args:
        signals: What front and keeper saw, the oldest first.
        ended: s since 1970.
        memory: What the kernel says of memory; "" where it killed nobody for it.
    """
    code = os.waitstatus_to_exitcode(wait_status)
    last = next((s for s in reversed(signals) if s.name in ENDING and ended - s.time < BELONGS_S), None)
    if code < 0:
        name = name_of(-code)
        how = f"signal {-code}, {name}"
        if name == "SIGKILL" and memory:
            how += f": {memory}"
        elif last is not None and last.name != name:
            how += f" after {last.name}"
        if os.WCOREDUMP(wait_status):
            how += ", core dumped"
        return Ending("failed" if name in _OWN_FAULT else "killed", None, name, how)
    words = [memory] if memory and code else []
    if last is not None:
        words.append(f"after {last.name}")
    if code in _BY_SHELL:
        words.insert(0, f"as if by signal {_BY_SHELL[code]}, {name_of(_BY_SHELL[code])}")
        return Ending("killed", code, None, ", ".join(words))
    return Ending("failed" if code else "finished", code, None, ", ".join(words))


class MemoryWatch:
    """Whether the kernel has killed something for want of memory since this was made."""

    def __init__(self, pid: int, cgroups: Path = CGROUPS) -> None:
        self._file = _events_file(pid, cgroups)
        self._before = _kills(self._file)

    def verdict(self, pid: int) -> str:
        """What the kernel says; "" where it has killed nobody."""
        if self._before is not None and (now := _kills(self._file)) is not None and now > self._before:
            return "out of memory, says the kernel (limit of the control group)"
        if _in_kernel_log(pid):
            return "out of memory, says the kernel"
        return ""


def _events_file(pid: int, cgroups: Path) -> Path | None:
    """`memory.events` of the process's own group (cgroup v2), or what v1 has in its place."""
    try:
        lines = Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            candidates = (cgroups / path.lstrip("/") / "memory.events", cgroups / "memory.events")
        elif "memory" in controllers.split(","):
            candidates = (
                cgroups / "memory" / path.lstrip("/") / "memory.oom_control",
                cgroups / "memory/memory.oom_control",
            )
        else:
            continue
        for candidate in candidates:
            if _kills(candidate) is not None:
                return candidate
    return None


def _kills(path: Path | None) -> int | None:
    try:
        found = re.search(r"^oom_kill (\d+)$", path.read_text(), re.MULTILINE) if path is not None else None
    except OSError:
        return None
    return int(found[1]) if found else None


def _in_kernel_log(pid: int) -> bool:
    """Whether the kernel's log says that it killed this process; most users may not read it."""
    try:
        descriptor = os.open(KERNEL_LOG, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    wanted = f"Killed process {pid} ".encode()
    try:
        while True:
            try:
                if wanted in os.read(descriptor, 8192):
                    return True
            except BrokenPipeError:  # overwritten while it was read; the next read goes on
                continue
    except OSError:
        return False
    finally:
        os.close(descriptor)


def die_of(number: int) -> None:
    """End this process by a signal, as the program did, without a second core file. Returns where it cannot."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    if number != signal.SIGKILL:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [number])
    os.kill(os.getpid(), number)
