"""Lengths of time in words, to two digits."""

from __future__ import annotations


def length_text(seconds: float) -> str:
    """A length of time in one unit, two digits: `40 s`, `12 min`, `3.1 h`, `1.2 d`, `2.5 w`."""
    for size, unit, least in ((604_800, "w", 4), (86_400, "d", 1), (3600, "h", 1), (60, "min", 1)):
        if seconds >= size * least:
            many = seconds / size
            return f"{many:.1f} {unit}" if many < 9.95 and unit != "min" else f"{many:.0f} {unit}"
    return f"{seconds:.0f} s"
