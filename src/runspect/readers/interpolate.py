"""OmegaConf's `${a.b}` in a loaded config, without OmegaConf: simple references only, resolvers stay as text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from runspect.model import Json

_REFERENCE = re.compile(r"\$\{\s*(\.*[A-Za-z_][\w.\-/\[\]]*)\s*\}")
DEEPEST = 16
"""References through which a value is followed; more is a circle."""


def resolved(config: Mapping[str, Any]) -> dict[str, Json]:
    """A copy with references to other values of the same config filled in."""
    return {key: _value(inner, config, (key,), 0) for key, inner in config.items()}


def _value(value: Json, config: Mapping[str, Any], at: tuple[str, ...], depth: int) -> Json:
    if depth > DEEPEST:
        return value
    if isinstance(value, dict):
        return {key: _value(inner, config, (*at, str(key)), depth) for key, inner in value.items()}
    if isinstance(value, list):
        return [_value(inner, config, at, depth) for inner in value]
    if not isinstance(value, str) or "${" not in value:
        return value
    whole = _REFERENCE.fullmatch(value)
    if whole:
        found, target = _look(whole[1], config, at)
        return _value(target, config, at, depth + 1) if found else value
    return _REFERENCE.sub(lambda match: _text(match, config, at, depth), value)


def _text(match: re.Match[str], config: Mapping[str, Any], at: tuple[str, ...], depth: int) -> str:
    found, target = _look(match[1], config, at)
    if not found or isinstance(target, (dict, list)):
        return match[0]
    return str(_value(target, config, at, depth + 1))


def _look(name: str, config: Mapping[str, Any], at: tuple[str, ...]) -> tuple[bool, Json]:
    """The value at a dotted name; leading dots are relative to the place of the reference."""
    dots = len(name) - len(name.lstrip("."))
    base = list(at[: max(0, len(at) - dots)]) if dots else []
    node: Any = config
    for part in [*base, *re.split(r"[.\[\]]+", name.lstrip(".").rstrip("]"))]:
        if isinstance(node, Mapping) and part in node:
            node = node[part]
        elif isinstance(node, list) and part.isdigit() and int(part) < len(node):
            node = node[int(part)]
        else:
            return False, None
    return True, node
