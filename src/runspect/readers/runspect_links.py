"""Which files outside of it a record says its run wrote, and which process it was: for `resolve`, as hints.

Paths in a record are absolute and those of the machine it was made on. Each is told relative to the walked root where it
lies in there, and relative to the run's working directory and its repository, which holds in a tree that was moved or
cloned, too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from runspect.pathtext import to_text
from runspect.readers.contract import Entry
from runspect.readers.times import moment

MOST = 500
"""Files of a record that are told."""


def hints(entry: Entry, found: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The hints "process", "span", "wrote" and "console" of a record's head; see `resolve.HINTS`."""
    host, pid = found.get("host"), found.get("pid")
    begun, ended = _moment(found.get("started")), _moment(found.get("ended"))
    told = [("span", f"{begun} {ended}")] if math.isfinite(begun) else []
    if isinstance(host, str) and isinstance(pid, int) and host and "\n" not in host:
        told.append(("process", f"{host}:{pid}"))
    if wrote := "\n".join(_lines(entry.walked, found)):
        told.append(("wrote", wrote))
    if isinstance(console := found.get("console"), str) and console:
        told.append(("console", console))
    return tuple(told)


def _lines(walked: str, found: Mapping[str, Any]) -> Iterator[str]:
    logs, git = found.get("logs"), found.get("git")
    places = [walked, found.get("cwd"), git.get("root") if isinstance(git, Mapping) else None]
    for log in logs[:MOST] if isinstance(logs, list) else ():
        path = log.get("path") if isinstance(log, Mapping) else None
        if not isinstance(path, str) or not path.startswith("/") or any(mark in path for mark in "\n\t"):
            continue
        below = [_below(to_text(path), place) for place in places]
        if any(below):
            yield "\t".join((str(_moment(log.get("from"))), str(_moment(log.get("to"))), *below))


def _below(path: str, place: object) -> str:
    """The path relative to a directory; "" where it lies elsewhere."""
    root = f"{place.rstrip('/')}/" if isinstance(place, str) and place.startswith("/") else ""
    return path[len(root) :] if root and path.startswith(root) else ""


def _moment(told: object) -> float:
    found = moment(told) if isinstance(told, str) else None
    return math.nan if found is None else found
