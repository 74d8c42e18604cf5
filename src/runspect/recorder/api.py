"""`runspect.start`: begin to record this program's run."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Mapping
from itertools import count
from pathlib import Path

from runspect.recorder.config import plain_config
from runspect.recorder.endings import watch
from runspect.recorder.git import git_head
from runspect.recorder.joined import AddedFacts
from runspect.recorder.layout import HEAD, HYPOTHESIS, JOIN, make_directory, metrics_file, process_started, timestamp
from runspect.recorder.peak import peak
from runspect.recorder.place import default_name, runs_directory
from runspect.recorder.process import host_name, process_facts
from runspect.recorder.ranks import launch_key, rank_of
from runspect.recorder.run import FORGOTTEN, LEFT, Run
from runspect.recorder.warn import warn
from runspect.recorder.writer import RecordWriter

TYPE_CHECKING = False  # as in `typing`, which is slow to import
if TYPE_CHECKING:
    from typing import Any, Literal

    from runspect.recorder.surroundings import Surroundings
    from runspect.recorder.writer import End

    Ranks = Literal["first", "all"]


LOOKED_AT = 200
"""Newest records among which another rank looks for that of rank 0."""
STILL_S = 60.0
"""How long after a directory changed it is still looked through: its head comes a little later, clocks differ."""
_OURS = ("format", "version", "id", "status", "reason", "exit_code", "started", "ended", "config")
"""Keys of the head that are not the caller's to set."""
_nth = count()


def start(
    config: Any = None,
    name: str = "",
    hypothesis: str = "",
    project: str = "",
    tags: Iterable[str] = (),
    dir: str | os.PathLike[str] | None = None,
    note: str = "",
    ranks: Ranks = "first",
    capture: bool = True,
    data: Iterable[str | os.PathLike[str]] = (),
    **facts: Any,
) -> Run:
    """Begin to record a run, in a new directory below `dir` ($RUNSPECT_RUNS, `./runs`); never raises.

    Args:
        config: Its params: a dict, argparse's Namespace, a dataclass, OmegaConf …
        name: Its name and, as far as a file system takes it, that of its directory; by default program and time.
        hypothesis: What it is to show, as text or as the id that `runspect hypothesis new` printed ($RUNSPECT_HYPOTHESIS).
        project: What it is part of.
        tags: Words to find it by.
        dir: Where to make the directory.
        note: Anything else.
        ranks: "all" records every process of a distributed training, each in a file of its own; else rank 0 does alone.
        capture: Also record commit, patch and untracked sources, packages and machine, found out beside the run.
        data: Files and directories that are trained on; their digests are taken beside the run.
        facts: Other keys of the record, such as `seed`, `dataset`, `group`.
    """
    try:
        hypothesis = hypothesis or os.environ.get(HYPOTHESIS, "").strip()
        given = {"hypothesis": hypothesis, "project": project, "note": note, "tags": [str(tag) for tag in tags]}
        told = {key: value for key, value in given.items() if value}
        told |= {key: value for key, value in plain_config(facts).items() if key not in _OURS}
        paths = [str(path) for path in data]
        if _imported_again():
            return Run(str(name), None, None, _no_end)
        run = _started(str(name or ""), plain_config(config), told, dir, ranks, paths if capture else None)
    except Exception as error:  # noqa: BLE001 - a training does not end for its record
        warn("start", f"this run is not recorded: {error}")
        return Run(str(name), None, None, _no_end)
    watch(run)
    return run


def _imported_again() -> bool:
    """Whether a process that multiprocessing spawned imports the program's main module: the run is its parent's."""
    frame = sys._getframe(1) if "__mp_main__" in sys.modules or "multiprocessing.spawn" in sys.modules else None
    while frame is not None:
        if frame.f_code.co_name == "<module>" and frame.f_globals.get("__name__") == "__mp_main__":
            return True
        frame = frame.f_back
    return False


def _started(
    name: str, config: dict[str, Any], facts: dict[str, Any], place: object, ranks: Ranks, data: list[str] | None
) -> Run:
    environment = os.environ
    rank, nth = rank_of(environment), next(_nth)
    if rank and ranks != "all":
        return Run(name, None, None, _no_end)
    joined = Path(environment[JOIN]).absolute() if environment.get(JOIN) and not nth else None
    key = launch_key(environment, nth)
    if rank:
        return _other_rank(name, rank, joined, runs_directory(environment, place), key)
    head = _joined(joined, {**({"name": name} if name else {}), **facts, "config": config}) if joined else None
    if head is not None:
        return _open(name or head.directory.name, head, config)
    root = runs_directory(environment, place)
    directory = make_directory(root, name or default_name())
    own = {"name": name or directory.name, "named": bool(name), **process_facts(), **facts, "config": config}
    if git := git_head(Path(str(own["cwd"]))):  # at once; more of it is found out beside the run
        own["git"] = git
    if ranks == "all":
        own["launch"] = key
    writer = RecordWriter(directory, own)
    if data is None:
        return _open(str(own["name"]), writer, config)
    from runspect.recorder.surroundings import Surroundings  # imported where it is used: importing is to cost nothing

    return _open(str(own["name"]), writer, config, Surroundings(writer, root, config, data))


def _joined(directory: Path, facts: Mapping[str, object]) -> AddedFacts | None:
    try:
        return AddedFacts(directory, {**facts, "pid": os.getpid(), "started": timestamp()})
    except (OSError, ValueError):  # it is gone, or another process of the program has it
        return None


def _open(
    name: str, head: AddedFacts | RecordWriter, config: dict[str, Any], surroundings: Surroundings | None = None
) -> Run:
    directory = head.directory

    def close(status: End, reason: str, dropped: int) -> None:
        more: dict[str, object] = {"dropped": dropped} if dropped else {}
        if surroundings is not None:
            surroundings.wait()
        if isinstance(head, RecordWriter):
            head.end(status, None, reason, None, peak=peak(), **more)
        else:
            told = "" if reason in (FORGOTTEN, LEFT) else reason  # who keeps the record knows how it ended
            head.update({"status": status, "reason": told, "ended": timestamp(), **more})

    return Run(name, lambda: directory / metrics_file(), head, close, config)


def _other_rank(name: str, rank: int, joined: Path | None, root: Path, key: str) -> Run:
    begun = looked = time.time()

    def points() -> Path | None:
        nonlocal looked
        if joined is not None:
            return joined / metrics_file(rank)
        try:
            if root.stat().st_mtime < looked - STILL_S:  # nothing was made there since
                return None
        except OSError:
            return None
        looked = time.time()
        found = _record_of(root, key, begun)
        return found / metrics_file(rank) if found is not None else None

    return Run(name, points, None, _no_end)


def _record_of(root: Path, key: str, begun: float) -> Path | None:
    """The record that rank 0 of this launch made, once it is there."""
    try:
        heads = sorted(((head.stat().st_mtime, head) for head in root.glob(f"*/{HEAD}")), reverse=True)[:LOOKED_AT]
    except OSError:
        return None
    for modified, head in heads:
        if modified < begun - 3600:
            break
        try:
            told = json.loads(head.read_text("utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(told, dict) and told.get("launch") == key and (modified >= begun or _lives(told)):
            return head.parent
    return None


def _lives(told: Mapping[str, Any]) -> bool:
    """Whether a record that was written before this process began may be of the same launch, not of one that was killed."""
    pid, began = told.get("pid"), told.get("process_started")
    if told.get("status") != "running":
        return False
    return told.get("host") != host_name() or not isinstance(pid, int) or process_started(pid) == began


def _no_end(status: End, reason: str, dropped: int) -> None:
    """A process that keeps no head has no end to write."""
