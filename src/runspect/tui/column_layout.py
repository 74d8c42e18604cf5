"""Which columns of the table fit, how wide they are and where they stand."""

from __future__ import annotations

from collections.abc import Sequence

from runspect.dataclass import dataclass
from runspect.roles import Align

GAP = 2
"""Blank cells between columns."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a column would like."""

    least: int
    ideal: int
    priority: int
    """0 stays longest; the largest number goes first when the room is short."""
    align: Align = "left"
    stretch: bool = False
    """Takes what is left over, up to its ideal width."""


@dataclass(frozen=True, slots=True)
class Place:
    """A column on the screen."""

    index: int
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns on the screen, left to right, and whether others are hidden.

    Those that left for want of room count as hidden at the right, those that were scrolled away as hidden at the left.
    """

    places: tuple[Place, ...]
    hidden_left: bool = False
    hidden_right: bool = False
    first: int = 0
    """The column that stands beside the frozen ones once the table was scrolled; 0 before."""

    @property
    def end(self) -> int:
        """The cell behind the last column."""
        return self.places[-1].x + self.places[-1].width if self.places else 0

    def place_of(self, index: int) -> Place | None:
        """Where a column stands, or None when it is hidden."""
        return next((place for place in self.places if place.index == index), None)


def lay_out(wishes: Sequence[Wish], start: int, width: int, focus: int, frozen: int = 1, first: int = 0) -> Layout:
    """Place columns between `start` and `width` (cells) so that the column `focus` is among them.

    Columns leave by priority. When `focus` is one that left, the frozen columns stay and the others are scrolled: they
    follow each other from `first` on, where the table stood before, and move no further than `focus` needs.
    """
    chosen = _by_priority(wishes, width - start, frozen)
    first, others = max(first, frozen), range(frozen, len(wishes))
    left: set[int] = set()
    if focus in others and (first > frozen or focus not in chosen):
        scrolled = _scrolled(wishes, width - start, focus, frozen, min(first, focus))
        first = next(index for index in scrolled if index >= frozen)
        if first > frozen or focus not in chosen:
            chosen, left = scrolled, set(range(frozen, first))
    hidden = set(range(len(wishes))) - set(chosen)
    return Layout(
        _placed(wishes, chosen, start, width),
        hidden_left=bool(left),
        hidden_right=bool(hidden - left),
        first=first if left else 0,
    )


def _by_priority(wishes: Sequence[Wish], room: int, frozen: int) -> list[int]:
    chosen = list(range(len(wishes)))
    while len(chosen) > max(1, frozen) and _least(wishes, chosen) > room:
        chosen.remove(max(chosen[frozen:], key=lambda index: (wishes[index].priority, index)))
    return chosen


def _scrolled(wishes: Sequence[Wish], room: int, focus: int, frozen: int, first: int) -> list[int]:
    """The frozen columns and those from `first` on that fit; `focus` is the last one where it would not be among them."""
    kept = list(range(frozen))
    chosen = [*kept, first]
    for index in range(first + 1, len(wishes)):
        if _least(wishes, [*chosen, index]) > room:
            break
        chosen.append(index)
    if focus in chosen:
        return chosen
    chosen = [*kept, focus]
    for index in range(focus - 1, frozen - 1, -1):
        if _least(wishes, [*chosen, index]) > room:
            break
        chosen.append(index)
    return sorted(chosen)


def _least(wishes: Sequence[Wish], chosen: Sequence[int]) -> int:
    return sum(wishes[index].least + GAP for index in chosen) - GAP


def _placed(wishes: Sequence[Wish], chosen: Sequence[int], start: int, width: int) -> tuple[Place, ...]:
    spare = width - start - _least(wishes, chosen)
    widths = {index: wishes[index].least for index in chosen}
    for index in sorted(chosen, key=lambda index: (not wishes[index].stretch, wishes[index].priority)):
        more = max(0, min(spare, wishes[index].ideal - widths[index]))
        widths[index] += more
        spare -= more
    places, x = [], start
    for index in chosen:
        places.append(Place(index, x, max(1, min(widths[index], width - x))))
        x += widths[index] + GAP
    return tuple(place for place in places if place.x < width)
