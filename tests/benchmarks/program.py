"""The real program in a home of its own: as a command, on a terminal, as a client."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runspect.errors import EngineError
from runspect.workspace import Workspace
from tests.benchmarks.terminal import TimedTerminal

SOURCE = Path(__file__).parents[2] / "src"
SETTLED_S = 0.6
"""Longer than the rest after which the charts follow the cursor."""


@dataclass(frozen=True, slots=True)
class Program:
    """A place with its own index and its own engine; `environ` is what its processes get."""

    place: Path
    environ: dict[str, str]

    def command(self, *words: str | Path) -> bytes:
        """Run `runspect WORDS…` to its end; its stdout."""
        return self.python("-m", "runspect", *map(str, words))

    def python(self, *words: str) -> bytes:
        """Run the interpreter; its stdout."""
        done = subprocess.run([sys.executable, *words], env=self.environ, capture_output=True)
        assert done.returncode == 0, f"{' '.join(words)}: {done.stderr.decode()}"
        return done.stdout

    def screen(
        self, *directories: Path, columns: int = 160, lines: int = 45, colours: str = "truecolor", slow: bool = False
    ) -> TimedTerminal:
        """The screen on a terminal; closing the terminal kills it.

        Args:
            colours: "truecolor" or "256".
            slow: Behind a link of 50 kB/s and 80 ms each way.
        """
        argv = [sys.executable, "-m", "runspect", *map(str, directories)]
        if slow:
            argv = [sys.executable, "-m", "tests.benchmarks.slow_link", *argv]
        env = {**self.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor" if colours == "truecolor" else ""}
        return TimedTerminal(argv, columns=columns, lines=lines, env=env)

    def opened(self, tree: Path, shown: str, **how: Any) -> TimedTerminal:
        """The screen as one sees it for the first time, settled, once it shows a text and is watching."""
        shutil.rmtree(self.place / "home" / "state", ignore_errors=True)  # what the last screen looked like
        terminal = self.screen(tree, **how)
        terminal.until(shown)
        terminal.until_shown("inotify")
        terminal.settle(SETTLED_S)
        return terminal

    @contextmanager
    def client(self, *directories: Path, start: bool = True) -> Iterator[Workspace]:
        """A client in this process."""
        workspace = Workspace.open(directories, start=start)
        try:
            yield workspace
        finally:
            workspace.close()

    def stop_engine(self) -> None:
        """End the engine, if there is one."""
        with suppress(EngineError), self.client(start=False) as workspace:
            workspace.stop_engine()

    def engine_pid(self) -> int:
        """The process id of the running engine."""
        with self.client() as workspace:
            return int(str(workspace.status()["pid"]))


@contextmanager
def program(kept: Path | None = None) -> Iterator[Program]:
    """A fresh home in a temporary directory; whatever happens, its engine is ended and the directory removed.

    Compiled modules are kept beside it, as an installation keeps them, so that no start pays for compiling twice.

    Args:
        kept: A directory of the caller's for all this, which stays.
    """
    with tempfile.TemporaryDirectory(prefix="runspect-bench-", ignore_cleanup_errors=True) as directory:
        place = kept or Path(directory)
        settings = {
            "RUNSPECT_HOME": str(place / "home"),
            "PYTHONPATH": os.pathsep.join([str(SOURCE), str(SOURCE.parent)]),
            "PYTHONPYCACHEPREFIX": str(place / "compiled"),
            "PYTHONDONTWRITEBYTECODE": "",
        }
        before = dict(os.environ)
        os.environ.update(settings)
        made = Program(place, dict(os.environ))
        try:
            yield made
        finally:
            made.stop_engine()
            os.environ.clear()
            os.environ.update(before)


@contextmanager
def busy(cores: int) -> Iterator[None]:
    """So many processes that do nothing but burn a core each."""
    burning = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(cores)]
    try:
        yield
    finally:
        for process in burning:
            process.kill()
            process.wait()


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """A process that stands still meanwhile."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def command_cpu() -> float:
    """CPU time of all commands that have ended until now."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def best_cpu(command: Callable[[], object], repeats: int) -> float:
    """CPU seconds of the cheapest of some calls of a command."""
    used = []
    for _ in range(repeats):
        before = command_cpu()
        command()
        used.append(command_cpu() - before)
    return min(used)


def best(work: Callable[[], object], repeats: int) -> float:
    """How long the fastest of some calls takes: what the work costs on a machine with neighbours."""
    return min(seconds(work) for _ in range(repeats))


def proportional_memory(pid: int) -> float:
    """MB of memory that a process holds, what it shares counted in parts."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def peak_memory(pid: int) -> float:
    """MB of memory that a process held at most."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def cpu_seconds(pids: Sequence[int]) -> float:
    """CPU time that processes, and the children whose end they have seen, have used until now."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")
