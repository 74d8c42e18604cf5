"""Whether metrics stand in a console log, from pieces of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from runspect.dataclass import dataclass
from runspect.readers.pattern_file import Pattern
from runspect.readers.pattern_set import patterns
from runspect.readers.scrape import Memory, Scraper

GUESSED = 3
"""Lines with guessed metrics that make a log worth reading."""
FIRST = 16 << 10
"""Bytes that are looked at first: they are nearly always enough."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """The format that was seen first."""

    name: str
    """Of the pattern; "guess" where none knew the lines."""
    tool: str


def recognise(sample: tuple[bytes, bytes]) -> Recognised | None:
    """The first pattern that finds enough metrics in the beginning or the end of a log; None: there are none to see."""
    head, tail = sample
    for data in (head[:FIRST], head if len(head) > FIRST else b"", tail):
        if data and (found := _recognise(data)) is not None:
            return found
    return None


def _recognise(data: bytes) -> Recognised | None:
    known = patterns().patterns
    named = _named(known)
    scraper = Scraper(known, Memory())
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16", "ignore").encode()
    for _, _, matched in scraper.scan(data, ended=True):
        name = matched.pattern
        pattern = named.get(name)
        wanted, tool = (GUESSED, "console") if pattern is None else (pattern.founds, pattern.tool)
        if matched.rows and scraper.memory.hits.get(name, 0) >= wanted:
            return Recognised(name, tool)
    return None


@lru_cache(maxsize=2)
def _named(known: tuple[Pattern, ...]) -> Mapping[str, Pattern]:
    return {pattern.name: pattern for pattern in known}
