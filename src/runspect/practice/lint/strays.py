"""Programs on this machine that look like a training and write nothing that runspect reads: a pure judgement.

A program looks like one when it computes on a graphics card, or has a training library in its memory and has used the
processor for long. It is told apart by trees: workers belong to the program that began them.
"""

from __future__ import annotations

import os.path
import shlex
from collections.abc import Collection, Iterable, Mapping, Sequence

from runspect.dataclass import dataclass, field
from runspect.masking import mask_text, printable
from runspect.model import Json
from runspect.practice.hypothesis_json import moment

BUSY_S = 60.0
"""Seconds of processor time; who only loads a library to look at something takes fewer."""
SLACK_S = 60.0
"""How long before its start a run's files may say that it wrote: clocks, and file systems that round times."""
LONGEST = 300
"""Characters of a command that are shown."""
SHOWN_FILES = 3


@dataclass(frozen=True, slots=True)
class Process:
    """A process, as far as it may be looked at. Times are seconds since 1970."""

    pid: int
    parent: int
    user: str
    command: tuple[str, ...]
    cwd: str | None
    started: float
    cpu_s: float
    on_gpu: bool = False
    libraries: tuple[str, ...] = ()
    """Training libraries in its memory, such as torch."""
    writes: tuple[str, ...] | None = ()
    """Regular files that it has open for writing; None where that may not be seen."""
    is_recorded: bool = False
    """It was started by `runspect record`, or below a program that was."""


@dataclass(frozen=True, slots=True)
class Logged:
    """A run that wrote lately. Times are seconds since 1970."""

    directory: str
    updated: float
    files: frozenset[str] = frozenset()
    """Absolute paths of its logs."""
    pid: int | None = None
    """Of its process on this machine, where its logs tell."""


@dataclass(frozen=True, slots=True)
class Stray:
    """A training that nothing is read of."""

    process: Process
    workers: int
    """Processes below it that take part."""
    writes: tuple[str, ...]
    """What the tree has open for writing."""

    @property
    def command(self) -> str:
        """The command line, safe to show."""
        text = printable(mask_text(shlex.join(self.process.command)))
        return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"

    @property
    def what(self) -> str:
        """What it does, and what it lacks."""
        uses = [*(["a graphics card"] if self.process.on_gpu else []), *self.process.libraries]
        many = f" in {self.workers + 1} processes" if self.workers else ""
        return f"uses {', '.join(uses)}{many} and writes no log that runspect reads"

    @property
    def closes(self) -> str:
        """What to do."""
        record = f"start the next one with `runspect record -- {self.command}`"
        if not self.writes:
            return record
        listed = ", ".join(printable(path) for path in self.writes[:SHOWN_FILES])
        more = " …" if len(self.writes) > SHOWN_FILES else ""
        place = printable(shlex.quote(os.path.commonpath([path.rpartition("/")[0] or "/" for path in self.writes])))
        return f"{record}; it writes {listed}{more}: `runspect {place}` shows what of that can be read"

    def as_json(self) -> dict[str, Json]:
        """As `lint --json` has it."""
        process = self.process
        return {
            "pid": process.pid, "user": process.user, "command": self.command, "cwd": process.cwd,
            "since": moment(process.started), "cpu_s": round(process.cpu_s, 1), "gpu": process.on_gpu,
            "libraries": list(process.libraries), "workers": self.workers, "writes": list(self.writes),
            "rule": "process", "what": self.what, "closes": self.closes,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Strays:
    """All of them, and what cannot be told."""

    found: tuple[Stray, ...] = ()
    unseen: tuple[Stray, ...] = field(default=())
    """Trainings of others: what they write may not be looked at."""
    unknown: str = ""
    """Why nothing can be known; "" where it can."""

    def as_json(self) -> dict[str, Json]:
        """As `lint --json` has it."""
        return {
            "known": not self.unknown, "why": self.unknown or None, "found": [each.as_json() for each in self.found],
            "unseen": [each.as_json() for each in self.unseen],
        }  # fmt: skip


def is_training(process: Process, busy_s: float = BUSY_S) -> bool:
    """Whether a process looks like a training."""
    return process.on_gpu or (bool(process.libraries) and process.cpu_s >= busy_s)


def trees(processes: Iterable[Process], busy_s: float = BUSY_S) -> list[tuple[Process, tuple[Process, ...]]]:
    """(the topmost process that looks like a training, all processes at and below it), the oldest first."""
    by_pid = {process.pid: process for process in processes}
    training = {pid for pid, process in by_pid.items() if is_training(process, busy_s)}
    tops = [pid for pid in training if not any(above.pid in training for above in _above(by_pid, pid))]
    members: dict[int, list[Process]] = {pid: [] for pid in tops}
    for pid, process in by_pid.items():
        for each in (process, *_above(by_pid, pid)):
            if each.pid in members:
                members[each.pid].append(process)
    return sorted(
        ((by_pid[pid], tuple(found)) for pid, found in members.items()), key=lambda tree: (tree[0].started, tree[0].pid)
    )


def strays(processes: Sequence[Process], runs: Sequence[Logged], home: str = "", busy_s: float = BUSY_S) -> Strays:
    """The trainings of which nothing is read.

    A training is read when a run tells its process, or when it has a run's log or a file below its directory open. Most
    tools open a log, write a line and close it: a run that wrote since the training began, in or below its working
    directory or in a place that its command names, is taken for its own, for one training alone.

    Args:
        processes: All that can be seen: what is above and below a training counts.
        home: The home directory; as a working directory it says nothing of where a run belongs.
    """
    by_pid = {process.pid: process for process in processes}
    open_ones = [
        (top, tree)
        for top, tree in trees(processes, busy_s)
        if not any(each.is_recorded or _records(each) for each in (*tree, *_above(by_pid, top.pid)))
    ]
    left, doubtful = list(runs), []
    for top, tree in open_ones:
        own = [run for run in left if _is_told(run, top, tree)]
        if own:
            left = [run for run in left if run not in own]
        else:
            doubtful.append((top, tree))
    found: list[Stray] = []
    unseen: list[Stray] = []
    for top, tree in doubtful:
        likely = next((run for run in left if _is_likely(run, top, home)), None)
        if likely is not None:
            left.remove(likely)
            continue
        workers = [each for each in tree if each is not top and is_training(each, 0.0)]
        writes = tuple(dict.fromkeys(path for each in tree for path in each.writes or ()))
        (found if top.writes is not None else unseen).append(Stray(top, len(workers), writes))
    return Strays(tuple(found), tuple(unseen))


def _is_told(run: Logged, top: Process, tree: Collection[Process]) -> bool:
    if run.updated < top.started - SLACK_S:
        return False
    if run.pid is not None and any(each.pid == run.pid for each in tree):
        return True
    return any(path in run.files or _is_below(path, run.directory) for each in tree for path in each.writes or ())


def _is_likely(run: Logged, top: Process, home: str) -> bool:
    if run.pid is not None or run.updated < top.started - SLACK_S:
        return False
    cwd = top.cwd or ""
    if cwd and cwd not in ("/", home) and _is_below(run.directory, cwd):
        return True
    return any(_is_below(run.directory, place) for place in _places(top.command, cwd))


def _places(command: Sequence[str], cwd: str) -> list[str]:
    """The paths that a command line may name, absolute; those that hold too much to tell anything are left out."""
    words = [word.rpartition("=")[2] for word in command[1:]]
    named = [word if word.startswith("/") else f"{cwd}/{word}" for word in words if "/" in word and cwd]
    found = [os.path.normpath(path) for path in named]
    return [path for path in found if path.count("/") > 1]


def _is_below(path: str, directory: str) -> bool:
    return path == directory or path.startswith(f"{directory.rstrip('/')}/")


def _above(by_pid: Mapping[int, Process], pid: int) -> list[Process]:
    """The processes above one, the nearest first."""
    found: list[Process] = []
    seen, process = {pid}, by_pid.get(pid)
    while process is not None and process.parent not in seen and (process := by_pid.get(process.parent)) is not None:
        seen.add(process.pid)
        found.append(process)
    return found


def _records(process: Process) -> bool:
    """Whether it is `runspect record`, or the recorder's keeper."""
    words = process.command
    if any(word.startswith("runspect.") for word in words[1:4]) and "-m" in words[1:3]:
        return True
    at = next((n for n, word in enumerate(words[:4]) if word.rpartition("/")[2] == "runspect"), None)
    return at is not None and "record" in words[at + 1 : at + 3]
