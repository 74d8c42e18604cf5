"""What the value of an annotation may look like, by its key: of what others write no other value comes into the index.

Keys that are not listed may have any value: they are another runspect's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from runspect.journal.history import SNAPSHOT
from runspect.model import IMPORTED, Json

Shape = tuple[str, Callable[[Json], bool]]
"""(what it is to be, whether a value is it)."""

_FAR = 1e11
"""Seconds since 1970 that are no time any more."""


def fault(target: str, key: str, value: Json) -> str:
    """What is wrong with a value; "" for nothing. Null takes back whatever it was."""
    if value is None:
        return ""
    kind, _, name = key.partition(":")
    if kind == "tag" and key != "tag":
        return "" if name and isinstance(value, bool) else f"{key[:40]!r} must be true or false"
    shape = (_OF_RUNS if target.startswith("run:") else _OTHERS).get(key)
    if shape is None or shape[1](value):
        return ""
    return f"{key!r} must be {shape[0]}"


def _is_text(value: Json) -> bool:
    return isinstance(value, str)


def _is_flag(value: Json) -> bool:
    return isinstance(value, bool)


def _is_moment(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _FAR


def _object(**shapes: Callable[[Json], bool]) -> Callable[[Json], bool]:
    """An object in which these keys, where they are there and not null, are of these shapes."""

    def holds(value: Json) -> bool:
        return isinstance(value, dict) and all(
            value.get(key) is None or is_shaped(value[key]) for key, is_shaped in shapes.items()
        )

    return holds


def _is_verdict(value: Json) -> bool:
    return _object(verdict=_is_text, note=_is_text, retrospective=_is_flag)(value) and "verdict" in value


def _is_whole(value: Json) -> bool:
    return type(value) is int and abs(value) < 1 << 62


def _texts(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _params(value: Json) -> bool:
    return isinstance(value, dict) and all(
        _is_number(each) or not isinstance(each, int | float) for each in value.values()
    )


def _metrics(value: Json) -> bool:
    return isinstance(value, dict) and all(map(_is_series, value.values()))


def _is_series(value: Json) -> bool:
    if not isinstance(value, dict):
        return False
    return all(each is None or isinstance(each, str) or _is_number(each) for each in value.values())


def _is_number(value: Json) -> bool:
    """Whether DuckDB has room for it."""
    if isinstance(value, bool):
        return True
    if isinstance(value, int):
        return abs(value) < 1 << 62
    return isinstance(value, float) and not math.isinf(value)


_is_file = _object(name=_is_text, path=_is_text, size=_is_whole, sha256=_is_text)
_is_stage = _object(
    stage=_is_text, why=_is_text, model=_is_file, version=_is_whole, gate=_object(), report=_is_file, forced=_is_flag,
    at=_is_moment, **{"from": _is_text},
)  # fmt: skip
_is_run = _object(
    root=_is_text, path=_is_text, name=_is_text, project=_is_text, group=_is_text, tools=_texts, state=_is_text,
    reason=_is_text, started=_is_text, ended=_is_text, updated=_is_text, steps=_is_whole, host=_is_text, owner=_is_text,
    parent=_is_text, params=_params, metrics=_metrics, tags=_texts, source=_is_text, uid=_is_text,
)  # fmt: skip

_TEXT: Shape = ("text", _is_text)
_FLAG: Shape = ("true or false", _is_flag)
_VERDICT: Shape = ("a verdict with its note", _is_verdict)
_RUN: Shape = ("a run with root and path", lambda value: _is_run(value) and _is_text(value.get("root")))

_OF_RUNS: Mapping[str, Shape] = {
    "note": _TEXT, "name": _TEXT, "project": _TEXT, "star": _FLAG, "archive": _FLAG, "retro": _FLAG,
    "hypothesis": ("the id of a hypothesis", lambda value: isinstance(value, str) or value is False),
    "verdict": _VERDICT, "stage": ("a stage with what was known then", _is_stage), SNAPSHOT: _RUN, IMPORTED: _RUN,
}  # fmt: skip
_OTHERS: Mapping[str, Shape] = {
    "text": _TEXT, "project": _TEXT, "metric": _TEXT, "branch": _TEXT, "root": _TEXT, "retrospective": _FLAG,
    "due": ("seconds since 1970", _is_moment), "verdict": _VERDICT, "closed": ("an object with a note", _object(note=_is_text)),
    "baseline": ("the id of a run", _is_text),
}  # fmt: skip
