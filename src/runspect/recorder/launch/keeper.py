"""The process that starts the program and records it; the front's child and the program's parent."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn

from runspect.recorder import capture
from runspect.recorder.launch import copying
from runspect.recorder.launch.collector import Collector
from runspect.recorder.launch.console import ConsoleLog
from runspect.recorder.launch.ending import Ending, MemoryWatch, ending
from runspect.recorder.launch.front import say
from runspect.recorder.launch.known_roots import add_root
from runspect.recorder.launch.marking import marked
from runspect.recorder.launch.plan import Plan
from runspect.recorder.launch.report import final_line, first_facts
from runspect.recorder.launch.safe_record import SafeRecord
from runspect.recorder.launch.sampling import Sampler
from runspect.recorder.launch.signals import JOB_CONTROL, PASSED_ON, Received, Witnesses, catch, ignore, received
from runspect.recorder.launch.spawning import CannotStart, spawn
from runspect.recorder.launch.streams import Channel
from runspect.recorder.launch.wires import Wire
from runspect.recorder.layout import CONSOLE, HYPOTHESIS, JOIN, process_started

START_WAITS_S = 1.5
"""So long the program waits for git; what takes longer goes on behind it, and the record says so."""
DRAIN_S = 2.0
FACTS_S = 10.0
"""So long the end waits for facts that are still being gathered; the record has said by then how the run ended."""
FACTS_AFTER_SIGNAL_S = 3.0
LONGEST_FACTS_S = 90.0
MOST_SIGNALS = 20


def keep(
    plan: Plan, directory: Path, named: Mapping[str, object], cwd: Path, channels: Sequence[Channel], wire: Wire
) -> NoReturn:
    """Start the program, record it, tell the front how it ended; then end this process."""
    try:
        _Keeper(plan, directory, named, cwd, channels, wire).keep()
    except BaseException as error:  # noqa: BLE001 - the front takes over the program's console
        say(f"the recorder failed: {type(error).__name__}: {error}")
        os._exit(1)
    os._exit(0)


class _Keeper:
    """Mutable; everything but copying, sampling and gathering facts happens in its one thread."""

    def __init__(
        self,
        plan: Plan,
        directory: Path,
        named: Mapping[str, object],
        cwd: Path,
        channels: Sequence[Channel],
        wire: Wire,
    ) -> None:
        self._plan = plan
        self._directory = directory
        self._cwd = str(cwd)
        self._channels = channels
        self._wire = wire
        self._front = os.getppid()
        foreign = [*wire.descriptors(), *(end for each in channels for end in (each.source, each.target, each.inner))]
        self._collector = Collector(plan.argv, self._cwd, directory, plan.data, START_WAITS_S, foreign)
        self._witnesses = Witnesses()
        self._signals: list[Received] = []
        self._front_was_killed = 0.0
        self._look_at_front_until = 0.0
        self._program = 0
        self._result: tuple[int, int] | None = None
        """(wait status, bytes of the largest process) once the program has ended."""
        self._wakeup, wake = os.pipe()
        os.set_blocking(self._wakeup, False)
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        catch((*PASSED_ON, signal.SIGCHLD, signal.SIGWINCH))
        self._ignored = ignore(JOB_CONTROL)
        self._id = os.urandom(8).hex()
        head = {
            "id": self._id,
            **named,
            **first_facts(plan, self._cwd),
            **capture.at_once(plan.argv, self._cwd, os.environ),
        }
        self._record = SafeRecord(directory, head, say)
        self._console = ConsoleLog(directory / CONSOLE, say)
        self._copiers = [
            copying.Copier(channel, self._console.write, partial(wire.tell, "closed", number))
            for number, channel in enumerate(channels)
        ]
        self._facts = threading.Thread(target=self._gather, name="runspect-facts", daemon=True)

    def keep(self) -> None:
        """From start to end."""
        self._collector.wait()
        memory = MemoryWatch(os.getpid())
        began = time.time()
        environ = marked({**os.environ, JOIN: str(self._directory)}, self._id)
        if self._plan.hypothesis:  # what the program itself records is to show the same
            environ[HYPOTHESIS] = self._plan.hypothesis
        early = self._came_early()
        try:
            self._program = spawn(self._plan.argv, environ, self._channels, self._ignored)
        except CannotStart as error:
            say(str(error))
            self._console.write(f"{error}\n".encode())
            self._collector.end_soon()
            self._facts.start()
            self._finish(Ending("failed", error.code, None, str(error)), {})
            self._wire.tell("end", error.code)
            return
        self._wire.tell("program", self._program)
        for number in early:  # the group got it when the program was not yet in it
            os.kill(self._program, number)
            self._saw(number, "keeper")
        _detach_input()
        for channel in self._channels:
            os.close(channel.inner)
        for copier in self._copiers:
            copier.start()
        sampler = Sampler(self._program, self._directory, self._cwd, began, self._record.update)
        sampler.start()
        self._record.update({"pid": self._program, "process_started": process_started(self._program)})
        self._facts.start()
        status, largest = self._wait()
        ended = time.time()
        verdict = memory.verdict(self._program) if status else ""
        for copier in self._copiers:
            copier.drain(DRAIN_S)
        self._finish(ending(status, self._signals, ended, verdict), sampler.stop(largest))
        code = os.waitstatus_to_exitcode(status)
        self._wire.tell(*(("end", code) if code >= 0 else ("die", -code)))
        # the caller goes on; what is left is for those whom the program has left behind
        self._facts.join(LONGEST_FACTS_S)
        self._collector.kill()
        for copier in self._copiers:
            copier.join()
        self._record.update(self._console.facts())

    def _came_early(self) -> list[int]:
        """Signals that came while the start waited for git."""
        try:
            numbers = os.read(self._wakeup, 256)
        except BlockingIOError:
            return []
        return [number for number in numbers if number in PASSED_ON and number not in (signal.SIGTSTP, signal.SIGCONT)]

    def _finish(self, how: Ending, facts: dict[str, object]) -> None:
        if self._front_was_killed:
            reason = "the recorder's front process was killed before"
            how = how._replace(reason=f"{how.reason}; {reason}" if how.reason else reason)
        if self._signals:
            facts["signals"] = [
                {"signal": seen.name, "time": _iso(seen.time), "to": seen.to} for seen in self._signals[-MOST_SIGNALS:]
            ]
        self._record.end(how, {**facts, **self._console.facts()})
        self._await_facts(FACTS_AFTER_SIGNAL_S if how.signal else FACTS_S)
        if self._plan.as_json:
            final_line(self._directory, how)

    def _gather(self) -> None:
        add_root(self._directory.parent, os.environ)
        self._record.update(self._collector.facts())

    def _await_facts(self, seconds: float) -> None:
        """Until they are there, at most so long, and no longer than whoever waits for the end has patience."""
        until = time.monotonic() + seconds
        while self._facts.is_alive() and time.monotonic() < until:
            self._facts.join(0.05)
            if set(self._heard_since()) & {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT}:
                return

    def _heard_since(self) -> Iterator[int]:
        """Signals that front or keeper got after the program had ended."""
        ready = select.select([self._wakeup, *([self._wire.read] if self._wire.is_open else [])], [], [], 0)[0]
        if self._wakeup in ready:
            yield from os.read(self._wakeup, 256)
        if self._wire.read in ready:
            yield from (int(words[1]) for words in self._wire.told() if words[0] == "signal")

    def _wait(self) -> tuple[int, int]:
        """Until the program has ended."""
        poll = select.poll()
        poll.register(self._wakeup, select.POLLIN)
        poll.register(self._wire.read, select.POLLIN)
        self._reap()
        looked = False
        # a signal that ended the program may still be told by the front, or lie unread where it ended at once
        while self._result is None or not looked or self._witnesses.wait_s(time.monotonic()) is not None:
            looked = True
            for descriptor, _ in poll.poll(self._timeout_ms()):
                if descriptor == self._wakeup:
                    for number in os.read(self._wakeup, 256):
                        self._got(number)
                    continue
                for words in self._wire.told():
                    if words[0] == "signal":
                        self._saw(int(words[1]), "front")
                if not self._wire.is_open:
                    poll.unregister(self._wire.read)
                    self._front_was_killed = time.time()
            self._settle()
        self._collector.end_soon()
        return self._result

    def _timeout_ms(self) -> float | None:
        now = time.monotonic()
        if now < self._look_at_front_until:
            return 50
        wait = self._witnesses.wait_s(now)
        if wait is None:
            return None if self._result is None else 0
        return wait * 1000 + 1

    def _got(self, number: int) -> None:
        if number == signal.SIGCHLD:
            self._reap()
        elif number == signal.SIGWINCH:
            changed = [copier.mirror.resize() for copier in self._copiers if copier.mirror is not None]
            if any(changed):
                # the program has looked at a size that was still the old one; once more, for its children as well
                os.killpg(0, signal.SIGWINCH)
        else:
            self._saw(number, "keeper")

    def _saw(self, number: int, who: str) -> None:
        if self._witnesses.saw(number, who, time.monotonic()):
            self._note(number, "group")

    def _settle(self) -> None:
        """Pass on what only one of the two has got."""
        now = time.monotonic()
        for number in self._witnesses.alone(now):
            if self._front_was_killed:
                self._note(number, "group")  # nobody sends a signal to this process alone
            else:
                self._note(number, "recorder")
                if self._result is None:
                    os.kill(self._program, number)
        if now < self._look_at_front_until and _is_stopped(self._front) and not _is_stopped(self._program):
            os.kill(self._front, signal.SIGCONT)

    def _note(self, number: int, to: str) -> None:
        if number not in (signal.SIGCONT, signal.SIGTSTP):
            self._signals.append(received(number, to))

    def _reap(self) -> None:
        while self._result is None:
            pid, status, usage = os.wait4(self._program, os.WNOHANG | os.WUNTRACED | os.WCONTINUED)
            if pid == 0:
                return
            if os.WIFSTOPPED(status):
                self._wire.tell("stop", os.WSTOPSIG(status))
            elif os.WIFCONTINUED(status):
                self._look_at_front_until = time.monotonic() + 0.5
            else:
                self._result = status, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _is_stopped(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123
            return file.read(512).rpartition(b")")[2].split()[0] == b"T"
    except (OSError, IndexError):
        return False


def _detach_input() -> None:
    """Let go of stdin: whoever writes to it must see it when the program has closed it."""
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0, inheritable=False)
    os.close(null)


def _iso(moment: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment)) + f".{int(moment % 1 * 1000):03d}+00:00"
