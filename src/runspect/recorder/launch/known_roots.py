"""Directories of records that an engine is to know although none was running when they came to be.

A file in the user's data directory, a path a line. Engines read it when they are asked for all known roots.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

NAME = "recorded-roots"
LARGEST = 1 << 20


def roots_file(environ: Mapping[str, str]) -> Path:
    """Where the list is (XDG base directory specification)."""
    if environ.get("RUNSPECT_HOME"):
        return Path(environ["RUNSPECT_HOME"]).absolute() / NAME
    base = environ.get("XDG_DATA_HOME", "")
    home = environ.get("HOME") or str(Path.home())
    return (Path(base) if base.startswith("/") else Path(home) / ".local/share") / "runspect" / NAME


def add_root(root: Path, environ: Mapping[str, str]) -> None:
    """Add a directory unless it or one above it is listed already. Never raises: a record is whole without it."""
    try:
        real = os.path.realpath(root)
        path = roots_file(environ)
        if any(real == known or real.startswith(f"{known}/") for known in listed_roots(environ)):
            return
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            os.write(descriptor, os.fsencode(real) + b"\n")
        finally:
            os.close(descriptor)
    except (OSError, RuntimeError):  # RuntimeError: no home
        return


def listed_roots(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The listed directories, the oldest first; () where there is no list."""
    try:
        with roots_file(environ).open("rb") as file:
            lines = file.read(LARGEST).split(b"\n")
    except (OSError, RuntimeError):
        return ()
    return tuple(dict.fromkeys(os.fsdecode(line) for line in lines[:-1] if line.startswith(b"/")))
