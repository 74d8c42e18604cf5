"""The process that stands for the program: it waits, passes on signals, stops and ends as the program does."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Sequence
from pathlib import Path

from runspect.errors import UsageError
from runspect.recorder.launch import naming
from runspect.recorder.launch.ending import die_of
from runspect.recorder.launch.plan import Plan, here
from runspect.recorder.launch.signals import JOB_CONTROL, PASSED_ON, catch, ignore
from runspect.recorder.launch.streams import Channel, open_channels
from runspect.recorder.launch.wires import Wire, pair
from runspect.recorder.layout import JOIN
from runspect.recorder.place import runs_directory


def launch(plan: Plan) -> int:
    """Record a command; returns its exit code, or ends by the signal that it ended by.

    Raises:
        UsageError: The name cannot be built as it was asked for; nothing has been started.
    """
    began = time.time()
    cwd = here()
    name, is_named = _name(plan, cwd, began)
    runs = runs_directory(os.environ, plan.runs or None)
    try:
        directory, name = naming.make_named(runs, name)
    except OSError as error:
        say(f"no record can be made in {runs} ({error.strerror or error}); the program runs without one")
        return _unrecorded(plan.argv)
    if not plan.quiet and not plan.as_json:
        say(f"recording to {_short(directory, cwd)}")
    for path in plan.data:
        if not os.path.lexists(path):
            say(f"--data {path}: there is no such file or directory yet")
    channels = open_channels(say)
    ours, keepers = pair()
    pid = os.fork()
    if pid == 0:
        ours.close()
        from runspect.recorder.launch.keeper import keep

        keep(plan, directory, {"name": name, "named": is_named}, cwd, channels, keepers)  # does not return
    keepers.close()
    return _Front(plan, directory, channels, ours).stand()


class _Front:
    """Waits for what the keeper tells; mutable."""

    def __init__(self, plan: Plan, directory: Path, channels: Sequence[Channel], wire: Wire) -> None:
        self._plan = plan
        self._directory = directory
        self._open = dict(enumerate(channels))
        self._wire = wire
        self._program = 0
        self._wakeup, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        catch(PASSED_ON)
        self._ignored = ignore(JOB_CONTROL)
        # the program's input is its own: who writes to it must see that it has closed it
        _null(0)
        for channel in channels:
            os.close(channel.inner)

    def stand(self) -> int:
        """Until the program has ended."""
        poll = select.poll()
        poll.register(self._wakeup, select.POLLIN)
        poll.register(self._wire.read, select.POLLIN)
        while self._wire.is_open:
            for descriptor, _ in poll.poll():
                if descriptor == self._wakeup:
                    for number in os.read(self._wakeup, 256):
                        self._wire.tell("signal", number)
                    continue
                for words in self._wire.told():
                    if (code := self._heard(words)) is not None:
                        return code
        return self._alone()

    def _heard(self, words: list[str]) -> int | None:
        match words:
            case ["program", pid]:
                self._program = int(pid)
            case ["closed", number]:
                os.close(self._open.pop(int(number)).source)
            case ["stop", number]:
                self._stop(int(number))
            case ["end", code]:
                return int(code)
            case ["die", number]:
                die_of(int(number))
                return 128 + int(number)
        return None

    def _stop(self, number: int) -> None:
        """Stop as the program has; the shell takes the terminal back, and goes on by continuing the whole group."""
        before = signal.signal(number, signal.SIG_DFL) if number != signal.SIGSTOP else None
        os.kill(os.getpid(), number)
        if before is not None:
            signal.signal(number, before)

    def _alone(self) -> int:
        """The keeper was killed: see to the program's console, and say in its record what is known."""
        from runspect.recorder.launch.takeover import take_over

        for number in PASSED_ON:  # whoever wants the program to end must reach it; a group has reached it already
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, signal.SIG_DFL if number == signal.SIGCONT else signal.SIG_IGN)
        return take_over(self._directory, self._program, tuple(self._open.values()), quiet=self._plan.quiet)


def say(text: str) -> None:
    """A line on stderr, also where it is closed or full."""
    try:
        os.write(2, f"runspect: {text}\n".encode("utf-8", "backslashreplace"))
    except OSError:
        return


def _name(plan: Plan, cwd: Path, now: float) -> tuple[str, bool]:
    """The run's name, `{number}` perhaps still open, and whether somebody chose it."""
    if plan.name:
        return plan.name, True
    pattern, policy = naming.find_pattern(cwd)
    if plan.name_from_policy and not pattern:
        raise UsageError(
            f"{policy}: it has no [naming] pattern"
            if policy
            else "no policy (runspect.toml) was found from here upwards"
        )
    default = naming.default_name(plan.argv, now)
    if not pattern:
        return default, False
    wrong = naming.fault(pattern)
    if not wrong:
        user = os.environ.get("USER") or os.environ.get("LOGNAME") or str(os.getuid())
        name, missing = naming.filled(
            pattern, plan.argv, hypothesis=plan.hypothesis, project=plan.project, user=user, here=cwd, now=now
        )
        if not missing:
            return name, True
        wrong = f"nothing says what {' and '.join(f'{{{key}}}' for key in dict.fromkeys(missing))} is"
    if plan.name_from_policy:
        raise UsageError(f"the name cannot be built by {pattern!r} ({policy}): {wrong}")
    say(f"the name is not built by {pattern!r} ({policy}): {wrong}")
    return default, False


def _unrecorded(argv: Sequence[str]) -> int:
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    os.environ.pop(JOIN, None)
    try:
        os.execvp(argv[0], list(argv))
    except OSError as error:
        say(f"{argv[0]}: {error.strerror}")
        return 126 if error.errno == 13 else 127


def _short(directory: Path, cwd: Path) -> str:
    return str(directory.relative_to(cwd)) if directory.is_relative_to(cwd) else str(directory)


def _null(descriptor: int) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, descriptor)
    os.close(null)
