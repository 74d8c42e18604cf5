"""YAML as plain data: tags of Python objects are read as what stands under them, never built or executed."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import yaml

from runspect.dataclass import dataclass, field
from runspect.errors import ReaderFault
from runspect.model import Json
from runspect.readers.flatten import DEEPEST, plain

MOST_NODES = 200_000
"""Values of one document with its references written out; more is a trap or no config."""
MOST_LEVELS = 500
"""Levels that the parser may enter; libyaml's callers recurse in C and crash on very many."""
LONGEST_NAME = 200
REMEMBERED = 100
"""Characters of a value whose type is worth remembering."""
CUT = "…"
"""Stands for what refers to itself, and for what is nested too deeply to be a setting."""

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_EXPONENT = re.compile(r"[-+]?[0-9][0-9_]*(?:\.[0-9_]*)?[eE][-+]?[0-9]+\Z")
_AS_WRITTEN = re.compile(r"[-+]?(?:0[0-9_]+|[0-9][0-9_]*(?::[0-9_.]+)+)\Z")
"""What YAML 1.1 reads as octal or in base 60, and nobody means so: `017` (15), `12:30:00` (45000)."""
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPACES = str.maketrans("\t\n\r", "   ")
_INDENT = re.compile(r"^ *", re.MULTILINE)
_REDUCED = frozenset(("args", "kwds", "state", "listitems", "dictitems"))
_STANDARD = "tag:yaml.org,2002:"
_PYTHON = f"{_STANDARD}python/"
_TEXT = f"{_STANDARD}str"
_BUILD: dict[str, Any] = {
    f"{_STANDARD}{kind}": getattr(yaml.constructor.SafeConstructor, f"construct_yaml_{kind}")
    for kind in ("null", "bool", "int", "float")
}
_CONSTRUCTOR = yaml.constructor.SafeConstructor()


class PlainLoader(_Base):  # type: ignore[misc]  # the C loader exists only where libyaml does
    """The safe loader, with `1e-3` as a number; it is asked for nodes and scalars alone."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        """The tag of a node without one; the configs of a sweep say the same words again and again."""
        if kind is yaml.ScalarNode and implicit[0] and len(value) <= REMEMBERED:
            return _tag_of(value)
        return super().resolve(kind, value, implicit)


@lru_cache(maxsize=4096)
def _tag_of(value: str) -> Any:
    """What YAML takes a plain scalar for."""
    return _resolver().resolve(yaml.ScalarNode, value, (True, False))


@lru_cache(maxsize=1)
def _resolver() -> Any:
    resolver = yaml.resolver.Resolver()
    resolver.yaml_implicit_resolvers = PlainLoader.yaml_implicit_resolvers
    return resolver


@lru_cache(maxsize=4096)
def _built(tag: str, value: str) -> Any:
    """What YAML makes of a plain scalar that is no text."""
    return _BUILD[tag](_CONSTRUCTOR, yaml.ScalarNode(tag, value))


def load(text: str) -> Json:
    """The first document of a YAML text. Control characters, which YAML forbids, become U+FFFD.

    Raises:
        ReaderFault: It is no YAML, or it expands beyond all measure.
    """
    if not (text.isascii() and text.translate(_SPACES).isprintable()):
        text = _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)
    loader = PlainLoader(text)
    try:
        _refuse_abyss(text)
        node = loader.get_node() if loader.check_node() else None
        return None if node is None else _Builder(loader).value(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ReaderFault(f"not YAML: {error.problem or error.context}", mark.index if mark else None) from error
    except (yaml.YAMLError, ValueError, TypeError, OverflowError) as error:
        raise ReaderFault(f"not YAML: {' '.join(str(error).split())[:100]}") from error
    except RecursionError as error:
        raise ReaderFault("YAML nested too deeply") from error
    finally:
        loader.dispose()


def _refuse_abyss(text: str) -> None:
    """Count the levels without entering them, where there are signs enough for many."""
    if len(text) < MOST_LEVELS:
        return
    signs = sum(map(text.count, ("[", "{", "- ", "? "))) + max(map(len, _INDENT.findall(text)))
    if signs < MOST_LEVELS:
        return
    depth = 0
    for event in yaml.parse(text, Loader=PlainLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_LEVELS:
            at = event.start_mark.index if event.start_mark else None
            raise ReaderFault(f"YAML nested more than {MOST_LEVELS} levels deep", at)


@dataclass(slots=True)
class _Builder:
    """Turns a graph of nodes into a tree of plain data."""

    loader: Any
    left: int = MOST_NODES
    above: list[Any] = field(default_factory=list)
    """The nodes around the one at hand."""

    def value(self, node: Any) -> Any:
        self.left -= 1
        if self.left < 0:
            raise ReaderFault("YAML that refers to itself beyond all measure")
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if len(self.above) > 2 * DEEPEST or any(node is each for each in self.above):
            return CUT
        self.above.append(node)
        found = self._sequence(node) if isinstance(node, yaml.SequenceNode) else self._mapping(node)
        self.above.pop()
        return found

    def _scalar(self, node: Any) -> Any:
        if not _is_standard(node.tag):
            return node.value or node.tag.rpartition(":")[2]
        if node.tag == _TEXT:
            return node.value
        if _AS_WRITTEN.match(node.value):
            return node.value
        try:
            # what `construct_object` comes to for a scalar, without its book of what refers to itself
            if node.tag not in _BUILD:
                return self.loader.construct_object(node)
            return (_built if len(node.value) <= REMEMBERED else _built.__wrapped__)(node.tag, node.value)
        except (yaml.YAMLError, ValueError, TypeError, OverflowError):
            return node.value  # the 30th of February, an integer of 5,000 digits

    def _sequence(self, node: Any) -> Any:
        items = [self.value(item) for item in node.value]
        return items if _is_standard(node.tag) else _untagged(node.tag, items)

    def _mapping(self, node: Any) -> Any:
        found: dict[Any, Any] = {}
        for key, content in node.value:
            if key.tag == f"{_STANDARD}merge":
                found = {**self._merged(content), **found}
            else:
                found[_name(self.value(key))] = self.value(content)
        if node.tag == f"{_STANDARD}set":
            return list(found)
        reduced = not _is_standard(node.tag) and found and set(found) <= _REDUCED
        return _unreduced(found) if reduced else found

    def _merged(self, content: Any) -> dict[Any, Any]:
        """What `<<:` brings in; the first of several mappings wins."""
        value = self.value(content)
        merged: dict[Any, Any] = {}
        for each in reversed(value if isinstance(value, list) else [value]):
            merged.update(each if isinstance(each, dict) else {})
        return merged


def _name(key: Any) -> Any:
    """A key that a dict can hold; cut, since texts of texts in texts double with each level."""
    return str(plain(key))[:LONGEST_NAME] if isinstance(key, (dict, list)) else key


def _is_standard(tag: str) -> bool:
    return tag.startswith(_STANDARD) and not tag.startswith(_PYTHON)


def _untagged(tag: str, items: list[Any]) -> Json:
    """`!!python/object/apply:pathlib.PosixPath [a, b]` is a path; an enum with one argument is that argument."""
    if "pathlib" in tag:
        return "/".join(str(item) for item in items).replace("//", "/")
    if "apply:" in tag and len(items) == 1 and not isinstance(items[0], (list, dict)):
        return items[0]
    return items


def _unreduced(mapping: dict[str, Any]) -> Json:
    """The content of an object that was dumped with `__reduce__`: its items, else its state, else its arguments."""
    for name in ("dictitems", "state", "listitems", "args", "kwds"):
        if mapping.get(name):
            return mapping[name]
    return {}


PlainLoader.add_implicit_resolver("tag:yaml.org,2002:float", _EXPONENT, list("-+0123456789"))
