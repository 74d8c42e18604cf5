r"""Fewer bytes for the same picture: of each colour change only what is another than before.

Textual sends every piece of a line as `\x1b[colour of the text; colour behind it m`, the text, `\x1b[0m`. The pieces of a
row share most of that. What is written stands by itself: it begins and ends with the terminal's own colours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

_STYLE = re.compile(r"\x1b\[([0-9;]*)m")
_CONTROL = re.compile(r"(?:[\r\n]|\x1b\[[0-9;?]*[A-Za-ln-z])*")
"""What moves the cursor or sets a mode; the pen is of no matter to it."""
_NEEDLESS = re.compile(r"\r?\n(?=\x1b\[[0-9]+;[0-9]+H)")
"""A new line, and then a place on the screen anyway."""
_OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "7": "27", "8": "28", "9": "29"}
_LONG = {"2": 5, "5": 3}
"""Numbers of a colour that begins with 38 or 48."""


class Pen(NamedTuple):
    """What the next character looks like: SGR numbers, "" for the terminal's own."""

    front: str = ""
    back: str = ""
    attributes: frozenset[str] = frozenset()


PLAIN = Pen()


def thrifty(data: str) -> str:
    """Data for the terminal that draws the same in fewer bytes."""
    if "\x1b[0m" not in data:
        return data
    pieces = _STYLE.split(_NEEDLESS.sub("", data))
    written: list[str] = [pieces[0]]
    now = wanted = PLAIN
    for at in range(1, len(pieces), 2):
        wanted = styled(wanted, pieces[at])
        text = pieces[at + 1]
        if not text:
            continue
        if wanted != now and not _CONTROL.fullmatch(text):
            written.append(change(now, wanted))
            now = wanted
        written.append(text)
    if now != PLAIN:
        written.append("\x1b[0m")
    return "".join(written)


@lru_cache(maxsize=4096)
def styled(pen: Pen, numbers: str) -> Pen:
    """The pen after a sequence with these numbers."""
    front, back, attributes = pen.front, pen.back, pen.attributes
    for number in _numbers(numbers):
        kind = int(number.partition(";")[0] or 0)
        if kind == 0:
            front, back, attributes = PLAIN
        elif kind in (38, 39) or 30 <= kind <= 37 or 90 <= kind <= 97:
            front = "" if kind == 39 else number
        elif kind in (48, 49) or 40 <= kind <= 47 or 100 <= kind <= 107:
            back = "" if kind == 49 else number
        elif number in _OFF:
            attributes |= {number}
        else:
            attributes = frozenset(each for each in attributes if _OFF[each] != number)
    return Pen(front, back, attributes)


@lru_cache(maxsize=4096)
def change(now: Pen, wanted: Pen) -> str:
    """The sequence that turns one pen into another."""
    if wanted == PLAIN:
        return "\x1b[0m"
    gone = {_OFF[each] for each in now.attributes - wanted.attributes}
    stays = {each for each in wanted.attributes if each not in now.attributes or _OFF[each] in gone}
    numbers = [*sorted(gone), *sorted(stays)]
    if wanted.front != now.front:
        numbers.append(wanted.front or "39")
    if wanted.back != now.back:
        numbers.append(wanted.back or "49")
    anew = ["0", *sorted(wanted.attributes), *filter(None, (wanted.front, wanted.back))]
    return f"\x1b[{min(';'.join(numbers), ';'.join(anew), key=len)}m"


def _numbers(text: str) -> Iterator[str]:
    """Each number of a sequence, those of a colour together."""
    found = text.split(";")
    at = 0
    while at < len(found):
        size = _LONG.get(found[at + 1], 1) if found[at] in ("38", "48") and at + 1 < len(found) else 1
        yield ";".join(found[at : at + size])
        at += size
