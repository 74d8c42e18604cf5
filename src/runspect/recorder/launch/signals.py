"""Which signals are passed on, and how to tell whether the program has got one already."""

from __future__ import annotations

import signal
import time
from typing import NamedTuple

PASSED_ON = tuple(
    getattr(signal, name)
    for name in ("SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGXCPU", "SIGTSTP", "SIGCONT")
    if hasattr(signal, name)
)  # fmt: skip
JOB_CONTROL = tuple(getattr(signal, name) for name in ("SIGTTIN", "SIGTTOU") if hasattr(signal, name))
"""Ignored by front and keeper: they stop when the program has stopped."""
ENDING = ("SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGXCPU", "SIGALRM", "SIGKILL")
"""Signals that mean that a program is to end."""
TOGETHER_S = 0.05
"""What reaches two processes of a group within this time was sent to all of it."""


class Received(NamedTuple):
    """A signal, as the record tells it."""

    name: str
    time: float
    """s since 1970."""
    to: str
    """"group": the program got it itself; "recorder": it was passed on."""


class Witnesses:
    """Front and keeper are in the program's group: what both got, the program got as well. Mutable.

    It also holds where a scheduler signals every process of a job one by one.
    """

    def __init__(self) -> None:
        self._seen: list[tuple[int, str, float]] = []

    def saw(self, number: int, who: str, now: float) -> bool:
        """`who` got a signal; whether that makes it one of the whole group."""
        for entry in self._seen:
            if entry[0] == number and entry[1] != who:
                self._seen.remove(entry)
                return True
        self._seen.append((number, who, now))
        return False

    def alone(self, now: float) -> list[int]:
        """Signals that only one has got, now that the other would have told; they are forgotten."""
        due = [entry for entry in self._seen if now - entry[2] >= TOGETHER_S]
        self._seen = [entry for entry in self._seen if entry not in due]
        return [entry[0] for entry in due]

    def wait_s(self, now: float) -> float | None:
        """How long until `alone` has something to tell; None while nothing is open."""
        return max(0.0, min(entry[2] for entry in self._seen) + TOGETHER_S - now) if self._seen else None


def name_of(number: int) -> str:
    """ "SIGTERM" of 15; "signal 42" of one without a name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def received(number: int, to: str) -> Received:
    """A signal that came now."""
    return Received(name_of(number), time.time(), to)


def catch(numbers: tuple[int, ...]) -> None:
    """Have these signals wake the loop (`signal.set_wakeup_fd`); one that the caller has ignored stays ignored."""
    for number in numbers:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _noted)


def ignore(numbers: tuple[int, ...]) -> tuple[int, ...]:
    """Ignore these signals; those that were not ignored before, for the program is not to ignore them."""
    changed = tuple(number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN)
    for number in changed:
        signal.signal(number, signal.SIG_IGN)
    return changed


def _noted(number: int, frame: object) -> None:
    del number, frame  # the wakeup descriptor has told
