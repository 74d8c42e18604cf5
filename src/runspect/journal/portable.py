"""Ops as they stand in a shared folder, where directories are told from the folder, and as they are meant on this host."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

from runspect.journal.history import SNAPSHOT
from runspect.journal.lines import Line
from runspect.model import IMPORTED, Json

_PLACED = (SNAPSHOT, IMPORTED)
"""Keys of runs whose value tells a `root` and a `path` below it."""
_PROJECT = "project:"


def portable(line: Line, base: str) -> Line:
    """The op with directories below `base` as `.` or `./DIR`; those elsewhere stay as they are."""

    def told(directory: str) -> str:
        if directory == base:
            return "."
        inside = directory.startswith(f"{base.rstrip('/')}/")
        return f"./{os.path.relpath(directory, base)}" if inside else directory

    return _changed(line, told, lambda place: place == base or place.startswith(f"{base.rstrip('/')}/"))


def localised(line: Line, base: str) -> Line:
    """The op as it was meant where the folder lies in `base` now."""

    def told(directory: str) -> str:
        if directory != "." and not directory.startswith("./"):
            return directory
        place = os.path.normpath(f"{base}/{directory}")
        # who writes "./../.." speaks of nothing that the folder is about
        return place if place == base or place.startswith(f"{base.rstrip('/')}/") else base

    return _changed(line, told, lambda _: False)


def _changed(line: Line, told: Callable[[str], str], is_inside: Callable[[str], bool]) -> Line:
    value = line.value
    if line.target.startswith("run:") and line.key in _PLACED and isinstance(value, dict):
        return replace(line, value=_placed(value, told, is_inside))
    if line.target.startswith("hyp:") and line.key == "root" and isinstance(value, str):
        return replace(line, value=told(value))
    if line.target.startswith(_PROJECT):
        return replace(line, target=_PROJECT + told(line.target.removeprefix(_PROJECT)))
    return line


def _placed(value: dict[str, Json], told: Callable[[str], str], is_inside: Callable[[str], bool]) -> dict[str, Json]:
    root, path = value.get("root"), value.get("path")
    if not isinstance(root, str):
        return value
    place = os.path.normpath(f"{root}/{path}") if isinstance(path, str) and path else root
    if not is_inside(root) and is_inside(place):  # the watched directory is a wider one
        return {**value, "root": told(place), "path": "."}
    return {**value, "root": told(root)}
