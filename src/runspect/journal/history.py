"""What was in force before: winners, undo and redo over the lines of all journal files."""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Container, Iterable, Sequence

from runspect.counted import counted
from runspect.dataclass import dataclass
from runspect.journal.lines import Line
from runspect.model import Json, Op

SNAPSHOT = "snapshot"
COPIED = "~"
"""Between the id of an op and what tells its copy in a shared folder."""
Slot = tuple[str, str]
"""A target and a key."""


@dataclass(frozen=True, slots=True)
class Inverse:
    """What one undo or redo is to write."""

    group: str
    """The group that is taken back or put into force again."""
    ops: tuple[Op, ...]
    text: str
    bare: frozenset[Slot] = frozenset()
    """Slots below whose op the journal says nothing."""


@dataclass(frozen=True, slots=True)
class _Layers:
    """The ops of one slot, the newest last."""

    done: list[Line]
    undone: list[Line]


class History:
    """Every op seen, by id, by slot and by client; mutable: lines are added, never taken away."""

    def __init__(self) -> None:
        self.newest = 0
        """The greatest time stamp seen, in nanoseconds."""
        self._ids: set[str] = set()
        self._slots: defaultdict[Slot, list[tuple[tuple[int, str], Line]]] = defaultdict(list)
        self._groups: dict[str, list[Line]] = {}
        self._undo: defaultdict[str, list[str]] = defaultdict(list)
        self._redo: defaultdict[str, list[str]] = defaultdict(list)
        self._names: dict[str, tuple[str, ...]] = {}
        """What else a target is called, itself included."""

    def __contains__(self, op_id: str) -> bool:
        return op_id in self._ids

    def add(self, lines: Iterable[Line]) -> list[Line]:
        """Take in lines in any order and with repeats; returns those that were new."""
        fresh = []
        for line in lines:
            if line.id in self._ids:
                continue
            self._ids.add(line.id)
            self.newest = max(self.newest, line.ts)
            held = self._slots[line.target, line.key]
            insort(held, (line.order, line))
            if line.key == SNAPSHOT:  # large, and never undone: only the newest counts
                del held[:-1]
            if line.group:
                self._join_group(line)
            fresh.append(line)
        return fresh

    def move(self, lines: Iterable[Line]) -> list[Line]:
        """Take ops that are known for what they say now, in a folder that was moved; returns those that say otherwise."""
        changed = []
        for line in lines:
            held = self._slots.get((line.target, line.key), [])
            at = next((at for at, (_, known) in enumerate(held) if known.id == line.id), None)
            if at is None:  # it speaks of another target: the one before has nothing any more that is about anything
                insort(self._slots[line.target, line.key], (line.order, line))
                changed.append(line)
            elif held[at][1].value != line.value:
                held[at] = (line.order, line)
                changed.append(line)
        return changed

    def winner(self, slot: Slot) -> Line | None:
        """The op in force, or None."""
        held = self._slots.get(slot)
        return held[-1][1] if held else None

    def value(self, slot: Slot) -> Json:
        """The value in force; None when there is none."""
        winner = self.winner(slot)
        return winner.value if winner else None

    def same(self, targets: Sequence[str]) -> bool:
        """All of these are one thing: what was said of one is below what is said of another; whether that is news."""
        known = self._names.get(targets[0], targets[:1])
        joined = tuple(dict.fromkeys((*known, *targets)))
        if len(joined) == len(known):
            return False
        self._names.update(dict.fromkeys(joined, joined))
        return True

    def lines(self, targets: Container[str]) -> list[Line]:
        """All ops on some targets, oldest first; of snapshots only the newest."""
        found = [line for (target, _), held in self._slots.items() if target in targets for _, line in held]
        return sorted(found, key=lambda line: line.order)

    def group(self, group: str) -> list[Line]:
        """The lines that one request wrote."""
        return self._groups.get(group, [])

    def to_undo(self, client: str) -> Inverse | None:
        """How to take back the client's last annotation that nobody has overwritten since."""
        for group in reversed(self._undo[client]):
            layers = [(line, self._layers((line.target, line.key)).done) for line in self._groups[group]]
            mine = [(line, done) for line, done in layers if done and done[-1].group == group]
            if mine:
                ops = tuple(Op(line.target, line.key, _value_below(done)) for line, done in mine)
                bare = frozenset((line.target, line.key) for line, done in mine if len(done) == 1)
                return Inverse(group, ops, f"undid {describe([line for line, _ in mine])}", bare)
        return None

    def to_redo(self, client: str) -> Inverse | None:
        """How to put into force again what the client took back last."""
        for group in reversed(self._redo[client]):
            layers = [(line, self._layers((line.target, line.key)).undone) for line in self._groups[group]]
            mine = [line for line, undone in layers if undone and undone[-1].group == group]
            if mine:
                ops = tuple(Op(line.target, line.key, line.value) for line in mine)
                return Inverse(group, ops, f"redid {describe(mine)}")
        return None

    def _join_group(self, line: Line) -> None:
        if line.group in self._groups:
            self._groups[line.group].append(line)
            return
        self._groups[line.group] = [line]
        undo, redo = self._undo[line.client], self._redo[line.client]
        if line.undoes:
            _move(line.undoes, undo, redo)
        elif line.redoes:
            _move(line.redoes, redo, undo)
        else:
            undo.append(line.group)
            redo.clear()

    def _held(self, slot: Slot) -> list[Line]:
        """The ops of a slot under all names of its target, in their order."""
        target, key = slot
        names = self._names.get(target, (target,))
        held = [each for name in names if (name, key) in self._slots for each in self._slots[name, key]]
        return [line for _, line in sorted(held, key=lambda each: each[0]) if not _is_copy(line, self._ids)]

    def _layers(self, slot: Slot) -> _Layers:
        """The slot's ops as what is done and what is undone, each undo and redo taken for what it did."""
        layers = _Layers([], [])
        for line in self._held(slot):
            if line.undoes and layers.done and layers.done[-1].group == line.undoes:
                layers.undone.append(layers.done.pop())
            elif line.redoes and layers.undone and layers.undone[-1].group == line.redoes:
                layers.done.append(layers.undone.pop())
            else:
                layers.done.append(line)
                layers.undone.clear()
        return layers


def _is_copy(line: Line, ids: Container[str]) -> bool:
    """Whether it was taken along into a shared folder and the original is here as well."""
    original, mark, _ = line.id.partition(COPIED)
    return bool(mark) and original in ids


def _value_below(done: list[Line]) -> Json:
    return done[-2].value if len(done) > 1 else None


def describe(lines: list[Line]) -> str:
    """What the lines did, in a few words."""
    keys = list(dict.fromkeys(_words(line) for line in lines))
    targets = len({line.target for line in lines})
    what = ", ".join(keys[:3]) + (f" and {len(keys) - 3} more" if len(keys) > 3 else "")
    return f"{what} on {counted(targets)}" if targets > 1 else what


def _words(line: Line) -> str:
    kind, _, name = line.key.partition(":")
    if kind == "tag":
        return f"{'tag' if line.value else 'untag'} {name}"
    key = "hypothesis" if line.target.startswith("hyp:") and line.key not in ("verdict", "closed") else line.key
    return key if line.value not in (None, False) else f"removal of {key}"


def _move(group: str, source: list[str], target: list[str]) -> None:
    if group in source:
        source.remove(group)
        target.append(group)
