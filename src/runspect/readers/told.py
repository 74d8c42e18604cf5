"""Facts from what a tool keeps of a run under names of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runspect.model import Json
from runspect.readers.numbers import number

_LARGEST = 2**53
"""Beyond, floats do not hold every whole number."""


def texts(found: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Json]:
    """The facts that are texts and not empty; `names` are fact by key."""
    return {fact: found[key] for key, fact in names.items() if isinstance(found.get(key), str) and found[key]}


def count(value: object) -> int | None:
    """A number of steps or epochs, also as a text or a float; None where it is none."""
    known = number(value)
    return int(known) if known is not None and 0 <= known < _LARGEST else None


def goal(value: object) -> dict[str, Json]:
    """The fact that a run is to go so far: nothing where no number above 0 says so."""
    steps = count(value)
    return {"max_steps": steps} if steps else {}
