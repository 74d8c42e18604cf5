"""A config as JSON, whatever it is: a dict, argparse's Namespace, a dataclass, OmegaConf, pydantic, numbers of numpy."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from os import PathLike, fspath

TYPE_CHECKING = False  # as in `typing`, which is slow to import
if TYPE_CHECKING:
    from typing import Any

DEEPEST = 32
LONGEST_TEXT = 1 << 16
MOST_ITEMS = 10_000
_BARE_REPR: Any = object.__repr__


def plain_config(config: Any) -> dict[str, Any]:
    """Its params by name, secrets masked; never raises. What is no mapping and holds none is under "config"."""
    if config is None:
        return {}
    from runspect.masking import mask  # imported where it is used: importing the recorder is to cost nothing

    found = plain(config)
    try:
        masked: dict[str, Any] = mask("", found if isinstance(found, dict) else {"config": found})
    except RecursionError:  # nearly as deep as the stack
        return {}
    return masked


def plain(value: Any, depth: int = 0) -> Any:
    """A value as JSON; objects that are none of its kinds as a short text."""
    if value is None or isinstance(value, (bool, str)):
        return value[:LONGEST_TEXT] if isinstance(value, str) else value
    try:
        if depth < DEEPEST:
            return _known(value, depth)
    except Exception:  # noqa: BLE001 - other people's objects may raise anything: then their text has to do
        pass
    return _text(value)


def _known(value: Any, depth: int) -> Any:
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, int):
        return int(value) if value.bit_length() <= 1024 else f"an integer of {value.bit_length():,} bits"
    if isinstance(value, float):
        return float(value)
    if isinstance(value, Mapping):
        return {str(key): plain(value[key], depth + 1) for key in list(value)[:MOST_ITEMS]}
    if isinstance(value, (list, tuple)):
        return [plain(each, depth + 1) for each in value[:MOST_ITEMS]]
    if isinstance(value, (set, frozenset)):
        return [plain(each, depth + 1) for each in sorted(value, key=repr)[:MOST_ITEMS]]
    if isinstance(value, PathLike):
        return str(fspath(value))
    if isinstance(value, type) or callable(value):
        return f"{value.__module__}.{value.__qualname__}"
    return _object(value, depth)


def _object(value: Any, depth: int) -> Any:
    if (fields := getattr(value, "__dataclass_fields__", None)) is not None:  # the module is slow to import
        return {name: plain(getattr(value, name), depth + 1) for name in fields if hasattr(value, name)}
    for method in ("model_dump", "to_dict", "_asdict"):
        if callable(told := getattr(value, method, None)) and isinstance(made := told(), Mapping):
            return plain(made, depth + 1)
    if callable(item := getattr(value, "item", None)) and getattr(value, "size", None) in (1, None):
        return plain(item(), depth + 1)
    if callable(listed := getattr(value, "tolist", None)) and value.size <= MOST_ITEMS:
        return plain(listed(), depth + 1)
    if _says_nothing(value):
        return {name: plain(each, depth + 1) for name, each in vars(value).items() if not name.startswith("_")}
    return _text(value)


def _says_nothing(value: Any) -> bool:
    """Whether its attributes tell more than its text: a Namespace, and objects without a text of their own."""
    named = type(value).__name__.endswith("Namespace")
    return hasattr(value, "__dict__") and (named or type(value).__repr__ is _BARE_REPR)


def _text(value: Any) -> str:
    try:
        return str(value)[:200]
    except Exception:  # noqa: BLE001 - as above
        return f"<{type(value).__name__}>"
