"""What jsonpickle made of Python objects, as plain JSON: never rebuilt, only unwrapped where the value is in sight."""

from __future__ import annotations

from runspect.model import Json
from runspect.readers.flatten import DEEPEST

_LISTS = ("py/tuple", "py/set", "py/iterator")


def plain_of(value: Json, depth: int = 0) -> Json:
    """Tuples and sets as lists, a NumPy scalar as its number, a class as its name; other objects as their fields."""
    if depth > DEEPEST:
        return None
    if isinstance(value, list):
        return [plain_of(item, depth + 1) for item in value]
    if not isinstance(value, dict):
        return value
    for key in _LISTS:
        if len(value) == 1 and isinstance(value.get(key), list):
            return [plain_of(item, depth + 1) for item in value[key]]
    if "py/object" in value and isinstance(value.get("value"), (int, float, str)):
        return value["value"]
    if len(value) == 1 and isinstance(value.get("py/type"), str):
        return value["py/type"]
    return {key: plain_of(item, depth + 1) for key, item in value.items()}
