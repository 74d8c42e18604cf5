"""Names for many runs from one pattern: `{name}-v2`, `exp-{n:03}`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from runspect.errors import UsageError

_FIELD = re.compile(r"\{([^{}]*)\}")
_NUMBER = re.compile(r"n(?::(0?)([0-9]))?")


def renamed(pattern: str, names: Sequence[str]) -> tuple[str, ...]:
    """The new name of each run: `{name}` is its name, `{n}` its number from 1, `{n:03}` the same with zeros in front.

    Raises:
        UsageError: The pattern has another field, or gives several runs the same name.
    """
    made = tuple(_named(pattern, name, n) for n, name in enumerate(names, 1))
    if len(set(made)) < len(set(names)) or not all(made):
        raise UsageError(f"{pattern!r} would give several runs the same name: use {{name}} or {{n}} in it")
    return made


def _named(pattern: str, name: str, n: int) -> str:
    return _FIELD.sub(lambda field: _value(field[1], name, n), pattern).strip()


def _value(field: str, name: str, n: int) -> str:
    if field == "name":
        return name
    number = _NUMBER.fullmatch(field)
    if number is None:
        raise UsageError(f"{{{field}}} is not known: a pattern has {{name}} and {{n}}, or {{n:03}} for 001")
    filled, width = number[1] or "", int(number[2] or 0)
    return str(n).rjust(width, "0" if filled else " ").strip()
