"""Which files outside of it a record says its run wrote, and which process it was: for `resolve`, as hints.

Paths in a record are absolute and those of the machine it was made on. Each is told relative to the walked root where it
lies in there, and relative to the run's working directory and its repository, which holds in a tree that was moved or
cloned, too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from runspect.pathtext import to_text
from runspect.readers.contract import Entry
from runspect.readers.times import moment

MOST = 500
"""Files of a record that are told."""
MOST_WORDS = 50


def hints(entry: Entry, found: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The hints "record", "process", "span", "wrote", "away", "below", "words" and "console" of a record's head; see `resolve.HINTS`."""
    host, pid = found.get("host"), found.get("pid")
    begun, ended = _moment(found.get("started")), _moment(found.get("ended"))
    told = [("span", f"{begun} {ended}")] if math.isfinite(begun) else []
    if isinstance(host, str) and isinstance(pid, int) and host and "\n" not in host:
        told.append(("process", f"{host}:{pid}"))
    if wrote := "\n".join(_lines(entry.walked, found)):
        told.append(("wrote", wrote))
    if away := "\n".join(_away(entry.walked, found)):
        told.append(("away", away))
    if isinstance(own := found.get("id"), str) and own:
        told.append(("record", own))
    if (below := _reach(entry.walked, found.get("cwd"))) is not None:
        told.append(("below", below))
    if words := _words(found.get("argv")):
        told.append(("words", "\n".join(words)))
    if isinstance(console := found.get("console"), str) and console:
        told.append(("console", console))
    return tuple(told)


def _lines(walked: str, found: Mapping[str, Any]) -> Iterator[str]:
    git = found.get("git")
    places = [walked, found.get("cwd"), git.get("root") if isinstance(git, Mapping) else None]
    for path, log in _logs(found):
        below = [_below(path, place) for place in places]
        if any(below):
            shared = "shared" if log.get("shared") is True else ""
            yield "\t".join((str(_moment(log.get("from"))), str(_moment(log.get("to"))), *below, shared))


def _away(walked: str, found: Mapping[str, Any]) -> Iterator[str]:
    """Files that lie outside of the walked root."""
    return (path for path, log in _logs(found) if not _below(path, walked) and log.get("shared") is not True)


def _logs(found: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    logs = found.get("logs")
    for log in logs[:MOST] if isinstance(logs, list) else ():
        path = log.get("path") if isinstance(log, Mapping) else None
        if isinstance(path, str) and path.startswith("/") and not any(mark in path for mark in "\n\t"):
            yield to_text(path), log


def _reach(walked: str, cwd: object) -> str | None:
    """What of the walked tree lies below the working directory, as a path in it; None for nothing."""
    if not isinstance(cwd, str) or not cwd.startswith("/"):
        return None
    place = to_text(cwd).rstrip("/") or "/"
    if walked == place or _below(walked, place):
        return "."
    return _below(place, walked) or None


def _words(argv: object) -> list[str]:
    """Names of the files that a command line may name."""
    if not isinstance(argv, list):
        return []
    names = (PurePosixPath(word).name for word in argv[:MOST_WORDS] if isinstance(word, str))
    return [to_text(name) for name in names if name and "\n" not in name]


def _below(path: str, place: object) -> str:
    """The path relative to a directory; "" where it lies elsewhere."""
    root = f"{place.rstrip('/')}/" if isinstance(place, str) and place.startswith("/") else ""
    return path[len(root) :] if root and path.startswith(root) else ""


def _moment(told: object) -> float:
    found = moment(told) if isinstance(told, str) else None
    return math.nan if found is None else found
