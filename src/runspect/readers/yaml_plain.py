"""YAML as plain data: tags of Python objects are read as what stands under them, never built or executed."""

from __future__ import annotations

import re
from typing import Any

import yaml

from runspect.errors import ReaderFault
from runspect.model import Json
from runspect.readers.flatten import DEEPEST

MOST_NODES = 200_000
"""Values of one document with its references written out; more is a trap or no config."""

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_EXPONENT = re.compile(r"[-+]?[0-9][0-9_]*(?:\.[0-9_]*)?[eE][-+]?[0-9]+\Z")
_REDUCED = frozenset(("args", "kwds", "state", "listitems", "dictitems"))


class PlainLoader(_Base):  # type: ignore[misc]  # the C loader exists only where libyaml does
    """The safe loader, with unknown tags as plain data and `1e-3` as a number."""


def load(text: str) -> Json:
    """The first document of a YAML text.

    Raises:
        ReaderFault: It is no YAML, or it expands beyond all measure.
    """
    loader = PlainLoader(text)
    try:
        data = loader.get_data()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ReaderFault(f"not YAML: {error.problem or error.context}", mark.index if mark else None) from error
    except (yaml.YAMLError, ValueError, TypeError, OverflowError) as error:
        raise ReaderFault(f"not YAML: {str(error)[:100]}") from error
    except RecursionError as error:
        raise ReaderFault("YAML nested too deeply") from error
    finally:
        loader.dispose()
    _measure(data, 0, [MOST_NODES])
    return data


def _measure(value: object, depth: int, left: list[int]) -> None:
    left[0] -= 1
    if left[0] < 0 or depth > 4 * DEEPEST:
        raise ReaderFault("YAML that refers to itself beyond all measure")
    if isinstance(value, dict):
        for inner in value.values():
            _measure(inner, depth + 1, left)
    elif isinstance(value, (list, tuple, set)):
        for inner in value:
            _measure(inner, depth + 1, left)


def _plain(loader: Any, suffix: str, node: Any) -> Json:
    """What stands under an unknown tag."""
    if isinstance(node, yaml.ScalarNode):
        text = loader.construct_scalar(node)
        return text or suffix.rpartition(":")[2]
    if isinstance(node, yaml.SequenceNode):
        return _sequence(suffix, loader.construct_sequence(node, deep=True))
    mapping = loader.construct_mapping(node, deep=True)
    return _unreduced(mapping) if mapping and set(mapping) <= _REDUCED else mapping


def _sequence(suffix: str, items: list[Any]) -> Json:
    """`!!python/object/apply:pathlib.PosixPath [a, b]` is a path; an enum with one argument is that argument."""
    if "pathlib" in suffix:
        return "/".join(str(item) for item in items).replace("//", "/")
    if "apply:" in suffix and len(items) == 1 and not isinstance(items[0], (list, dict)):
        return items[0]
    return items


def _unreduced(mapping: dict[str, Any]) -> Json:
    """The content of an object that was dumped with `__reduce__`: its items, else its state, else its arguments."""
    for name in ("dictitems", "state", "listitems", "args", "kwds"):
        if mapping.get(name):
            return mapping[name]
    return {}


PlainLoader.add_multi_constructor("", _plain)
PlainLoader.add_implicit_resolver("tag:yaml.org,2002:float", _EXPONENT, list("-+0123456789"))
