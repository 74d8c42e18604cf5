"""A text reader's part of the cursor: what it must know to go on in the middle of a file."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from typing import get_args

from runspect.dataclass import dataclass, field
from runspect.readers.conflicts import Side
from runspect.readers.contract import Cursor, with_offset
from runspect.readers.lines import Block, Flaw
from runspect.readers.series import Carry

_encode = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class TextState:
    """Everything that a text reader carries from one read to the next."""

    carry: Carry = field(default_factory=Carry)
    skipping: bool = False
    """Inside a line that is too long to be kept."""
    told: int = -1
    """Offset of the damage at the file's end that was already reported, so that it is told once."""
    header: tuple[str, ...] = ()
    """Columns of a table."""
    separator: str = ""
    side: Side = ""
    """Of a merge conflict, at the cursor."""
    odd: bool = False
    """Values that are no numbers were told of: once a file is enough."""

    @classmethod
    def of(cls, cursor: Cursor) -> TextState:
        """Read back from a cursor; a strange state is a fresh one."""
        return cls._read(cursor.state)

    @classmethod
    @lru_cache(maxsize=256)
    def _read(cls, state: str) -> TextState:
        try:
            seen = json.loads(state) if state else {}
            lists = tuple((str(key), int(count)) for key, count in seen.get("lists", {}).items())
            carry = Carry(int(seen.get("row", 0)), seen.get("step"), bool(seen.get("by_row")), lists)
            header = tuple(str(name) for name in seen.get("header", ()))
            side: Side = seen["side"] if seen.get("side") in get_args(Side) else ""
            told, separator = int(seen.get("told", -1)), str(seen.get("sep", ""))
            return cls(carry, bool(seen.get("skip")), told, header, separator, side, bool(seen.get("odd")))
        except (ValueError, TypeError, AttributeError):
            return cls()

    def cursor(self, before: Cursor, offset: int, carry: Carry | None = None) -> Cursor:
        """The cursor at `offset` with this state, or with another `carry`."""
        carry = carry or self.carry
        seen: dict[str, object] = {"row": carry.row}
        optional = {
            "step": carry.step,
            "by_row": carry.by_row or None,
            "lists": dict(carry.lists) or None,
            "skip": self.skipping or None,
            "told": self.told if self.told >= 0 else None,
            "header": self.header or None,
            "sep": self.separator or None,
            "side": self.side or None,
            "odd": self.odd or None,
        }
        seen.update((key, value) for key, value in optional.items() if value is not None)
        return with_offset(before, offset, _encode(seen))

    def told_of(self, block: Block) -> tuple[TextState, tuple[Flaw, ...]]:
        """The state after the block's flaws were told, and those that are new."""
        fresh = tuple(flaw for flaw in block.flaws if flaw.offset != self.told)
        return (replace(self, told=fresh[-1].offset) if fresh and block.open else self), fresh
