"""Files below a directory whose name says what it is, wherever the walk began: above that directory, or in it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from runspect.dataclass import dataclass
from runspect.readers.contract import Entry

Find = Callable[[str], str | None]
"""Path of a file → the directory above it, at any depth, that a tool's layout makes a run's; None: there is none."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a file lies in a run's directory."""

    root: str
    """The directory relative to the walked root; "." where the walk began in it."""
    named: str
    """The directory with the names above it."""
    inside: str
    """Path of the file within the directory."""


def placed(entry: Entry, find: Find) -> Placement | None:
    """The file's place in the run's directory that `find` knows by its name; None outside of any."""
    root = find(entry.path)
    if root is not None:
        return Placement(root, root, entry.path[len(root) + 1 :])
    named = _around(entry.walked, find)
    if named is None:
        return None
    return Placement(".", named, f"{entry.walked}/{entry.path}"[len(named) + 1 :])


@lru_cache(maxsize=256)
def _around(walked: str, find: Find) -> str | None:
    """The run's directory that the walked root is or lies in: asked for each file, the same for all of a walk."""
    return find(f"{walked}/any") if walked else None
