"""Values of a run card as text: sizes, numbers, moments, long text in lines."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from rich.cells import cell_len

from runspect.columns import age_text, number_text
from runspect.tui.fit import cut, pad


def size_text(size: float | None) -> str:
    """A file size in few characters."""
    if size is None:
        return ""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if size < 1000 or unit == "TB":
            return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1000
    return ""


def number_cell(value: Any, *, count: bool) -> str:
    """A summary value of a metric; `count` for whole numbers."""
    if value is None:
        return "-"
    if count:
        return f"{value:,}"
    return value if isinstance(value, str) else number_text(value)


def seconds_of(moment: str | float) -> float:
    """Seconds since 1970 of an ISO 8601 text or a number."""
    if isinstance(moment, str):
        return datetime.fromisoformat(moment).timestamp()
    return float(moment)


def moment_text(moment: str | float | None, now: float) -> str | None:
    """A moment in local time, and how long ago that is."""
    if not moment:
        return None
    local = datetime.fromtimestamp(seconds_of(moment)).astimezone()
    age = age_text(seconds_of(moment), now)
    return f"{local:%Y-%m-%d %H:%M:%S}  ({'just now' if age == 'now' else age + ' ago'})"


def wrapped(text: str, width: int, mark: str, most: int = 4) -> list[str]:
    """Text over at most `most` lines of `width` cells; what does not fit is cut with `mark`."""
    lines: list[str] = []
    while text and len(lines) < most:
        if cell_len(text) <= width:
            return [*lines, text]
        piece = cut(text, width + 1, "")[:width] if cell_len(text) == len(text) else cut(text, width, "")
        at = piece.rfind(" ")
        piece = piece[:at] if at > width // 2 else piece
        lines.append(piece)
        text = text[len(piece) :].lstrip()
    if text:
        lines[-1] = pad(cut(lines[-1] + " " + text, width, mark), 0)
    return lines or [""]


def most_common(values: Iterable[str]) -> str:
    """The most frequent of the values; "" when there is none."""
    counts: dict[str, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return max(counts, key=lambda value: counts[value]) if counts else ""
