"""What surrounds a run: code, packages, machine, job, data. Gathered once, bounded in time and size, secret-free."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from runspect.recorder.capture.arguments import params, program, seeds, the_seed
from runspect.recorder.capture.ci import ci
from runspect.recorder.capture.scheduler import scheduler
from runspect.recorder.capture.secrets import masked_argv
from runspect.recorder.capture.variables import variables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from runspect.recorder.capture.git import Snapshot

Facts = dict[str, object]


def everything(
    argv: Sequence[str],
    cwd: str,
    environ: Mapping[str, str],
    directory: Path,
    *,
    data: Sequence[str] = (),
    without: Sequence[Path] = (),
    snapshot: Snapshot | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Facts:
    """All facts by their keys in run.json. Takes seconds: call it in a thread. Never raises.

    Args:
        argv: The command as it was called; secrets in it are masked in what is returned.
        directory: The record: patch, untracked sources and the list of packages are written there.
        data: Files and directories to be digested.
        without: Directories whose files are no sources of the run, such as that of all records.
        snapshot: The one that was begun earlier by `begin`, at the moment of the start.
        stopped: Asked now and then whether to come to an end.
    """
    return {**at_once(argv, cwd, environ), **slowly(argv, cwd, environ, directory, data, without, snapshot, stopped)}


def at_once(argv: Sequence[str], cwd: str, environ: Mapping[str, str]) -> Facts:
    """What can be told without looking at a disk: the command line, variables, job and pipeline."""
    masked = masked_argv(argv)
    found = seeds(argv)
    facts: Facts = {
        "program": program(argv), "command": shlex.join(masked), "argv": masked, "cwd": cwd,
        "environment": variables(environ), "scheduler": scheduler(environ), "ci": ci(environ),
        "seeds": found, "seed": the_seed(found), "config": params(argv),
    }  # fmt: skip
    return {key: value for key, value in facts.items() if value not in (None, "", {}, [])}


def begin(cwd: str, environ: Mapping[str, str], directory: Path, without: Sequence[Path] = ()) -> Snapshot:
    """Begin to look at the repository: what it is at this moment is what the run uses."""
    from runspect.recorder.capture.git import Snapshot

    return Snapshot(cwd, environ, directory, without)


def slowly(
    argv: Sequence[str],
    cwd: str,
    environ: Mapping[str, str],
    directory: Path,
    data: Sequence[str],
    without: Sequence[Path],
    snapshot: Snapshot | None,
    stopped: Callable[[], bool],
) -> Facts:
    """What takes a while: repository, packages, machine, data. One that fails leaves the others."""
    begun = snapshot or begin(cwd, environ, directory, without)
    facts: Facts = {}
    _add(facts, "hardware", _hardware)
    _add(facts, "", lambda: _submitted(environ))
    _add(facts, "git", begun.facts)
    git = facts.get("git")
    root = str(git.get("root", "")) if isinstance(git, dict) else ""
    _add(facts, "", lambda: _packages(argv, cwd, environ, directory, root))
    if data:
        _add(facts, "data", lambda: _data(data, cwd, stopped))
    return facts


def _add(facts: Facts, key: str, tell: Callable[[], object]) -> None:
    try:
        told = tell()
    except Exception as error:  # noqa: BLE001 - what cannot be found out must not end a training
        problems = facts.setdefault("problems", [])
        assert isinstance(problems, list)
        problems.append(f"{key or 'packages'}: {type(error).__name__}: {error}")
        return
    if key:
        facts[key] = told
    elif isinstance(told, dict):
        facts.update(told)


def _hardware() -> object:
    from runspect.recorder.capture.hardware import hardware

    return hardware()


def _submitted(environ: Mapping[str, str]) -> object:
    from runspect.recorder.capture.waiting import submitted

    when = submitted(environ)
    return {"submitted": when} if when else {}


def _packages(argv: Sequence[str], cwd: str, environ: Mapping[str, str], directory: Path, root: str) -> object:
    from runspect.recorder.capture.packages import packages

    return packages(argv, cwd, environ, directory, root)


def _data(paths: Sequence[str], cwd: str, stopped: Callable[[], bool]) -> object:
    from runspect.recorder.capture.data import data

    return [data(path, cwd, stopped) for path in paths]


__all__ = ["at_once", "begin", "everything", "slowly"]
