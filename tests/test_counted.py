"""Counts in words, and that no text makes its plural by hand."""

from __future__ import annotations

import re
from pathlib import Path

import runspect
from runspect.counted import counted

_BY_HAND = re.compile(r"\}\s?[a-z]+\{'s?'( \*| if)|\{'s' \*")


def test_one_is_one() -> None:
    assert [counted(count) for count in (0, 1, 2, 1243)] == ["0 runs", "1 run", "2 runs", "1,243 runs"]
    assert [counted(count, "entry", "entries") for count in (1, 2)] == ["1 entry", "2 entries"]


def test_no_text_makes_its_plural_by_hand() -> None:
    found = [
        f"{path}: {line}"
        for path in Path(runspect.__file__).parent.rglob("*.py")
        for line in path.read_text().splitlines()
        if _BY_HAND.search(line)
    ]
    assert found == []
