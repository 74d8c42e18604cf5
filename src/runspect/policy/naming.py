"""Whether a run is called as a pattern of `[naming]` says: the pattern as a regular expression that names are held against.

What the recorder fills in is known by its shape: `{date}` is a date, `{number:03}` at least three digits, `{seed}` a
number, `{commit}` hexadecimal, any other field one or more characters without blanks and slashes.
"""

from __future__ import annotations

import re

from runspect.recorder.launch.naming import FIELD

_SHAPES = {
    "date": r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])",
    "time": r"(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]",
    "commit": r"[0-9a-f]{7,40}",
    "seed": r"-?[0-9]+",
}
_ANY = r"[^/ \t\n\r\f\v]+"
_ODD = re.compile(r"([^\w.+=@,-]+)")
"""What a directory cannot be called: a `-` may stand for it."""
_ENDS = re.compile(r"[^\w+=@,{}]*")


def shape(pattern: str) -> str:
    """The expression that a whole name must match, for Python's `re` and for RE2 alike.

    The ends that a directory's name cannot have (`-`, `.`, blanks) need not be there: the recorder strips them.
    """
    head = _ENDS.match(pattern)
    first = head.end() if head is not None else 0
    tail = _ENDS.match(pattern[first:][::-1])
    end = len(pattern) - (tail.end() if tail is not None else 0)
    made, at = "", first
    for field in FIELD.finditer(pattern, first, end):
        made += _literal(pattern[at : field.start()]) + _field(field[1], field[2] or "")
        at = field.end()
    made += _literal(pattern[at:end])
    return f"(?:{_optional(pattern[:first])}{made}{_optional(pattern[end:])})"


def _optional(text: str) -> str:
    return f"(?:{_literal(text)})?" if text else ""


def _field(name: str, digits: str) -> str:
    if name == "number":
        least = int(digits or 1)
        return f"[0-9]{{{least},}}" if digits.startswith("0") else r"(?:-| *)[0-9]+" if digits else "[0-9]+"
    return _SHAPES.get(name, _ANY)


def _literal(text: str) -> str:
    """The text itself, or with `-` where it has what a directory's name cannot have."""
    return "".join(
        f"(?:{re.escape(piece)}|-)" if odd % 2 else re.escape(piece) for odd, piece in enumerate(_ODD.split(text))
    )
