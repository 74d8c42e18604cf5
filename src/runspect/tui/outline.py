"""The table's lines when runs stand in groups or below their parents: what is folded, how deep a line is.

An order of the table is a tuple of numbers: a run is its rid, the header of a group a negative number that stays the
group's as long as the screen is open. A parent is no header but a run, with lines below it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from runspect.columns.cells import value_text
from runspect.dataclass import dataclass, field
from runspect.model import Json
from runspect.workspace import Members

SEEDS, PARENT = "seeds", "parent"
"""What to group by besides columns: equal configs but for the seed; the run that started others."""


@dataclass(frozen=True, slots=True)
class Folds:
    """Which groups are open: all or none, but for some."""

    all_open: bool = False
    others: frozenset[str] = frozenset()
    """Keys of the nodes that are not like all."""

    def is_open(self, key: str) -> bool:
        """Whether the lines below a node are shown."""
        return self.all_open ^ (key in self.others)

    def turned(self, key: str) -> Folds:
        """The same with one node opened or folded."""
        return Folds(self.all_open, self.others ^ {key})


@dataclass(frozen=True, slots=True)
class Node:
    """A line with others below it."""

    entry: int
    """The rid of a parent, or the negative number of a group's header."""
    key: str
    """What its folding is remembered by."""
    label: str
    """Of a header: what its runs share."""
    below: tuple[int, ...]
    """The entries of the lines directly below."""
    rids: tuple[int, ...]
    """All runs below, in the order of the list; a parent is not one of them."""


@dataclass(frozen=True, slots=True)
class Outline:
    """Groups and runs in the order of the list."""

    top: tuple[int, ...]
    """The entries that are below no other."""
    nodes: Mapping[int, Node] = field(default_factory=dict)
    around: Mapping[int, int] = field(default_factory=dict)
    """The entry of the node that an entry lies directly below."""

    def lines(self, folds: Folds) -> tuple[int, ...]:
        """The entries that are shown."""
        return tuple(self._shown(self.top, folds))

    @property
    def runs(self) -> Iterator[int]:
        """Every run, folded or not, in the order of the list."""
        return (entry for entry in self._shown(self.top, Folds(all_open=True)) if entry >= 0)

    def depth(self, entry: int) -> int:
        """How many nodes lie around an entry."""
        depth = 0
        while entry in self.around:
            entry, depth = self.around[entry], depth + 1
        return depth

    def headers(self, rids: Iterable[int]) -> set[int]:
        """The headers around these runs."""
        return {self.around[rid] for rid in rids if self.around.get(rid, 0) < 0}

    def seen(self, entry: int, folds: Folds) -> int:
        """The entry itself, or the outermost folded node around it, which stands for it."""
        shown, at = entry, entry
        while at in self.around:
            at = self.around[at]
            if not folds.is_open(self.nodes[at].key):
                shown = at
        return shown

    def _shown(self, entries: Iterable[int], folds: Folds) -> Iterator[int]:
        for entry in entries:
            yield entry
            node = self.nodes.get(entry)
            if node is not None and folds.is_open(node.key):
                yield from self._shown(node.below, folds)


class Numbers:
    """Gives each group a number below zero, the same one as long as the screen is open."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def of(self, key: str) -> int:
        """The number of a group."""
        return self._known.setdefault(key, -len(self._known) - 1)


def grouped(by: Sequence[str], found: Sequence[Members], numbers: Numbers) -> Outline:
    """A header for each group, its runs below. A config that was run once needs no header: the run says it all."""
    keys = [_key(by, each) for each in found]
    often = Counter(keys)
    top: list[int] = []
    nodes: dict[int, Node] = {}
    around: dict[int, int] = {}
    for each, key in zip(found, keys, strict=True):
        if tuple(by) == (SEEDS,) and len(each.rids) == 1:
            top.append(each.rids[0])
            continue
        if often[key] > 1:  # other configs whose runs are called the same
            key = f"{key} {min(each.rids)}"
        entry = numbers.of(key)
        top.append(entry)
        nodes[entry] = Node(entry, key, label(by, each), each.rids, each.rids)
        around.update(dict.fromkeys(each.rids, entry))
    return Outline(tuple(top), nodes, around)


def nested(found: Sequence[Members], listed: Sequence[int]) -> Outline:
    """Each run below its parent, as far as that is listed; `listed` are all runs in the order of the list."""
    parents = {rid: each.head for each in found if each.head is not None for rid in each.rids if rid != each.head}
    for rid in list(parents):  # runs that are each other's parents stand beside each other
        met, at = {rid}, rid
        while at in parents:
            at = parents[at]
            if at in met:
                del parents[rid]
                break
            met.add(at)
    below: dict[int, list[int]] = {}
    for rid in listed:
        if rid in parents:
            below.setdefault(parents[rid], []).append(rid)

    def all_below(entry: int) -> Iterator[int]:
        for rid in below.get(entry, ()):
            yield rid
            yield from all_below(rid)

    nodes = {
        entry: Node(entry, f"run {entry}", "", tuple(children), tuple(all_below(entry)))
        for entry, children in below.items()
    }
    return Outline(tuple(rid for rid in listed if rid not in parents), nodes, parents)


def label(by: Sequence[str], group: Members) -> str:
    """What stands in a group's header: `opt=adamw lr=0.001`, or what the names of its runs share."""
    return "  ".join(_word(spec, value) for spec, value in zip(by, group.keys, strict=True)) or group.title


def split_words(text: str) -> tuple[str, ...]:
    """The columns that were typed, with commas or blanks between them; quotes keep a name with blanks together."""
    words, quoted, word = [], False, ""
    for char in text:
        if char == '"':
            quoted = not quoted
        elif not quoted and (char == "," or char.isspace()):
            words.append(word)
            word = ""
        else:
            word += char
    return tuple(dict.fromkeys(each for each in (*words, word) if each))


def _word(spec: str, value: Json) -> str:
    if spec == SEEDS:
        return str(value)
    return f"no {spec}" if value is None else f"{spec}={value_text(value)}"


def _key(by: Sequence[str], group: Members) -> str:
    return json.dumps([*by, *group.keys], default=str)
