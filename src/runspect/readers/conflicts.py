"""Texts that git could not merge: of each conflict the first side is read, in place of both.

Both sides tell the same steps in other numbers (two people's versions of one log), so their mixture is nobody's run.
What is not read becomes empty lines, so that every offset stays what it was.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from runspect.readers.lines import Block, Flaw, utf8

Side = Literal["", "first", "other"]
"""Where a line stands: in no conflict, on the side that is read, or on one that is not."""

WHAT = "merge-conflict markers"
EFFECT = "the first side is read, the lines of the other are not"
_BEGIN, _BASE, _END = b"<<<<<<< ", b"||||||| ", b">>>>>>> "
_MIDDLE = b"======="


def one_side(block: Block, side: Side) -> tuple[Block, Side]:
    """The block without marks and other sides, a flaw for each conflict that begins in it; and where its end stands."""
    # a single byte is looked for ten times as fast, and hardly any log has it
    if not side and (_BEGIN[:1] not in block.data or _BEGIN not in block.data):
        return block, side
    lines = [line + b"\n" for line in block.data.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    kept: list[bytes] = []
    flaws: list[Flaw] = []
    position = 0
    for line in lines:
        mark = _mark(line, side)
        if mark == "first" and not side:
            flaws.append(Flaw(block.offset(position), WHAT, EFFECT))
        kept.append(line if mark is None and side != "other" else b"\n" * len(line))
        side = side if mark is None else mark
        position += len(line)
    return replace(block, data=b"".join(kept), flaws=(*block.flaws, *flaws)), side


def first_side(head: bytes) -> bytes:
    """The first bytes of a text as UTF-8, without marks and other sides."""
    data = utf8(head)
    return data if _BEGIN not in data else one_side(Block(0, len(data), data), "")[0].data


def _mark(line: bytes, side: Side) -> Side | None:
    """What begins behind a line that is a mark; None for any other line."""
    if line.startswith(_BEGIN):
        return "first"
    if not side:
        return None
    if line.startswith(_END):
        return ""
    return "other" if line.startswith(_BASE) or line.rstrip() == _MIDDLE else None
