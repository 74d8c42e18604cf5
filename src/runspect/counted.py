"""Counts of things in words."""

from __future__ import annotations


def counted(count: int, noun: str = "run", nouns: str = "") -> str:
    """`1 run`, `1,243 runs`; `nouns` where the plural is not just an s."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"
