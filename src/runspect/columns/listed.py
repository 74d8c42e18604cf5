"""Lists of columns as people type them: `lr, val/loss:min, "my key, too", train/loss - val/loss`.

Commas part the columns, and blanks where nothing is computed: `lr batch` are two. What stands between quotes or brackets
stays together; quotes are taken away, except in a formula, which reads them itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from runspect.columns.formula import parse_formula
from runspect.columns.names import Names
from runspect.columns.spec import parse_column, resolve
from runspect.errors import UsageError

_CLOSING = {"(": ")", "[": "]"}
_QUOTES = "\"'"


def listed(text: str, names: Names | None = None) -> tuple[str, ...]:
    """The specs of a list.

    Args:
        names: A part of several words that names one of these is one column, also without quotes.
    """
    return tuple(spec for part in _parted(text, ",") for spec in _specs(part.strip(), names or Names()) if spec)


def quoted(spec: str) -> str:
    """A spec as one piece of a list, whatever it holds."""
    return '"' + spec.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _specs(part: str, names: Names) -> Iterator[str]:
    if parse_formula(part.removeprefix("-")) is not None or _is_known(part, names):
        yield part
    else:
        yield from (_unquoted(word) for word in _parted(part, " \t\n"))


def _is_known(part: str, names: Names) -> bool:
    try:
        resolve(parse_column(part.removeprefix("-")), names)
    except UsageError:
        return False
    return True


def _parted(text: str, marks: str) -> Iterator[str]:
    """The pieces between any of the marks that stand outside quotes and closed brackets."""
    ends = _enclosed(text)
    start = at = 0
    while at < len(text):
        if text[at] in marks:
            yield text[start:at]
            start = at + 1
        at = ends.get(at, at) + 1
    yield text[start:]


def _enclosed(text: str) -> dict[int, int]:
    """The offsets where a quote or a bracket begins that is closed, and where it ends."""
    ends: dict[int, int] = {}
    open_at: list[int] = []
    at = 0
    while at < len(text):
        if (end := _closing_quote(text, at)) > at:
            ends[at] = end
            at = end
        elif text[at] in _CLOSING:
            open_at.append(at)
        elif open_at and text[at] == _CLOSING.get(text[open_at[-1]]):
            ends[open_at.pop()] = at
        at += 1
    return ends


def _closing_quote(text: str, start: int) -> int:
    """The offset of the quote that ends the one which begins at `start`, or `start` where none does."""
    if text[start] not in _QUOTES or (start and text[start - 1].isalnum()):
        return start
    at = start + 1
    while at < len(text) and text[at] != text[start]:
        at += 1 + (text[at] == "\\")
    return at if at < len(text) else start


def _unquoted(text: str) -> str:
    kept: list[str] = []
    at = 0
    while at < len(text):
        end = _closing_quote(text, at)
        if end > at:
            inside = text[at + 1 : end]
            kept.append(inside.replace(f"\\{text[at]}", text[at]).replace("\\\\", "\\"))
        else:
            kept.append(text[at])
        at = end + 1
    return "".join(kept)
