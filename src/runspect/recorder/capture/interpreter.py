"""Which Python a command line runs, told without running it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from runspect.recorder.capture.arguments import is_python

DEEPEST = 12
"""Words of a command line that are looked at: `srun --mpi=pmix env A=1 nice -n 5 python train.py`."""
_PROJECT_RUNNERS = ("uv", "poetry", "pdm", "rye", "hatch", "pixi", "pipenv")


class Interpreter(NamedTuple):
    """A Python, and how it was found."""

    path: str
    how: str


def interpreter(argv: Sequence[str], cwd: str, environ: Mapping[str, str]) -> Interpreter | None:
    """The Python that `argv` runs: itself, the one of its `#!` line, or that of the active environment."""
    if not argv:
        return None
    if Path(argv[0]).name in _PROJECT_RUNNERS and (found := _of_project(cwd, environ)):
        return found
    for word in argv[:DEEPEST]:
        if word.startswith("-") or "=" in word:
            continue
        path = _resolved(word, cwd, environ)
        if path is None:
            continue
        if is_python(path) or is_python(word):
            return Interpreter(path, "the command's own")
        if (shebang := _of_script(path, environ)) is not None:
            return Interpreter(shebang, f"that of {Path(path).name}")
        if word is argv[0] and not _launches(word):
            break
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        path = os.path.join(environ.get(name) or "/nowhere", "bin", "python")  # noqa: PTH118 - a link, kept as it is
        if os.access(path, os.X_OK):
            return Interpreter(path, f"that of ${name}")
    return None


def _of_project(cwd: str, environ: Mapping[str, str]) -> Interpreter | None:
    named = environ.get("UV_PROJECT_ENVIRONMENT") or ".venv"
    for directory in (Path(cwd), *Path(cwd).parents):
        path = directory / named / "bin" / "python"
        if os.access(path, os.X_OK):
            return Interpreter(str(path), f"that of {directory / named}")
    return None


def _launches(word: str) -> bool:
    """Whether a program's arguments are likely to be another command; a compiled trainer's are not."""
    from runspect.recorder.capture.arguments import LAUNCHERS

    return Path(word).name in LAUNCHERS


def _resolved(word: str, cwd: str, environ: Mapping[str, str]) -> str | None:
    if "/" in word:
        path = os.path.join(cwd, word)  # noqa: PTH118 - links stay: a virtual environment's python is one
        return path if os.access(path, os.X_OK) and Path(path).is_file() else None
    return shutil.which(word, path=environ.get("PATH", os.defpath))


def _of_script(path: str, environ: Mapping[str, str]) -> str | None:
    """The Python of a script's first line, also through `/usr/bin/env` and pip's `/bin/sh` detour for long paths."""
    try:
        with Path(path).open("rb") as file:
            lines = file.read(4096).split(b"\n")
    except OSError:
        return None
    if not lines[0].startswith(b"#!"):
        return None
    words = os.fsdecode(lines[0][2:]).split()
    if words[:1] == ["/bin/sh"] and len(lines) > 1 and lines[1].startswith(b"'''exec' "):
        words = [os.fsdecode(lines[1][9:]).split(" ")[0].strip('"')]
    if words and Path(words[0]).name == "env":
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    if not words or not is_python(words[0]):
        return None
    return _resolved(words[0], "/", environ)
