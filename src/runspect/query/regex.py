"""Whether RE2, the regular expressions of the index, will take a pattern; and globs as patterns.

The check is made before anything runs, so that the error can point at the pattern: what Python refuses is wrong, and
so is what only Python knows (look-around, back-references, possessive repeats) or RE2 holds too large.
"""

from __future__ import annotations

import re
import warnings

MAX_REPEATS = 1000
"""RE2's limit for `{n}`; here for the product of all of them in a pattern."""

_UNIT = re.compile(
    r"\\x[0-9A-Fa-f]{2}|\\.|\[\^?\]?(?:\\.|\[:\^?[a-z]+:\]|[^\]\\])*\]|\(\?[^:)]*[:)]?|[*+?}]\+|\{[0-9,]+\}|.",
    re.DOTALL,
)
_ESCAPES = frozenset("dDwWsSbBAntrfv")
_GROUPS = re.compile(r"\(\?(?::|P<[A-Za-z_][A-Za-z0-9_]*|[imsU]+\)|[ims]+:)")
_CLASS_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|.)", re.DOTALL)


def fault(pattern: str) -> str | None:
    """What is wrong with a pattern, or None."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return str(error)
    repeats = 1
    for unit in _UNIT.findall(pattern):
        if said := _unit_fault(unit):
            return said
        if counts := re.fullmatch(r"\{([0-9]*),?([0-9]*)\}", unit):
            repeats *= max(1, *(int(count) for count in counts.groups() if count))
            if repeats > MAX_REPEATS:
                return "it repeats too often"
    return "it is too long" if len(pattern) > 2000 else None


def from_glob(glob: str) -> str:
    """A pattern for a glob: `*` any text, `?` any character, all else itself."""
    return "".join({"*": ".*", "?": "."}.get(char) or _escaped(char) for char in glob)


def _unit_fault(unit: str) -> str | None:
    if unit.startswith("(?") and not _GROUPS.match(unit):
        return "look-around and other extensions are not supported"
    if unit[0] == "[" and len(unit) > 1:
        faults = (_escape_fault(part[1], inside=True) for part in _CLASS_ESCAPE.finditer(unit))
        return next(filter(None, faults), None)
    if unit[0] == "\\":
        return _escape_fault(unit[1:], inside=False)
    return "possessive repeats are not supported" if len(unit) == 2 and unit[1] == "+" else None


def _escape_fault(after: str, *, inside: bool) -> str | None:
    if after[:1] == "x" and len(after) == 3:
        return None
    known = after in _ESCAPES and not (inside and after in "bBA")
    if known or (len(after) == 1 and after.isascii() and not after.isalnum() and after not in "_"):
        return None
    return f"\\{after} is not supported"


def _escaped(char: str) -> str:
    return "\\" + char if char in ".^$*+?{}[]\\|()" else char
