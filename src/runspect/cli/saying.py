"""Verdicts and moments as commands say them."""

from __future__ import annotations

from datetime import datetime

from runspect.masking import printable
from runspect.model import Json


def verdict_text(said: dict[str, Json]) -> str:
    """A verdict with why, who and when."""
    note = f": {printable(said['note'])}" if said["note"] else ""
    later = ", in retrospect" if said["retrospective"] else ""
    return f"{said['verdict'] or 'dropped'}{note}  ({printable(said['who'])}, {local_text(said['when'])}{later})"


def local_text(moment: str | None) -> str:
    """An ISO 8601 time in the local zone, to the minute."""
    if moment is None:
        return "at no known time"
    return f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M}"
