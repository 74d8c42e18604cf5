"""What a record itself says that it lacks: lost console, dropped points, data that were not there, facts cut off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from runspect.model import Problem
from runspect.recorder.layout import LATE

MOST = 20


def losses(path: Path, found: Mapping[str, Any], reader: str) -> tuple[Problem, ...]:
    """A problem for each loss, `MOST` at most; values of other kinds than the format's are left out."""
    told = [Problem(str(path), None, reader, what, effect) for what, effect in _losses(found)]
    return tuple(told[:MOST])


def _losses(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    console, dropped, git = found.get("console_lost"), found.get("dropped"), found.get("git")
    if isinstance(console, Mapping) and _is_count(console.get("bytes")):
        why = f" ({console['why'][:100]})" if isinstance(console.get("why"), str) else ""
        yield (
            f"the recorder could not write {console['bytes']:,} bytes of the console{why}",
            "the console log has a gap",
        )
    if _is_count(dropped):
        yield f"the recorder could not write {dropped:,} points", "they are missing in the curves"
    if isinstance(git, Mapping):
        for text in _texts(git.get("cut")):
            if text.startswith(LATE):
                continue
            yield f"git: {text}", "the run may not be rebuilt from its record"
    for each in found["data"] if isinstance(found.get("data"), list) else ():
        if isinstance(each, Mapping) and isinstance(each.get("missing"), str):
            yield f"no data at {str(each.get('path'))[:200]} ({each['missing'][:100]})", "its digest is not known"
    for text in _texts(found.get("problems")):
        yield text, "these facts are not known"


def _texts(told: object) -> list[str]:
    return [each[:200] for each in told if isinstance(each, str)] if isinstance(told, list) else []


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
