"""Values of the index as the JSON contract writes them."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime

import orjson

from runspect.masking import mask
from runspect.model import Json


def number(value: float | None) -> Json:
    """A float as JSON holds it: NaN and infinities as words."""
    if value is None or math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def plain(value: Json) -> Json:
    """`value` with every non-finite number in it as a word, keys as text."""
    if isinstance(value, float):
        return number(value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def moment(stamp: datetime | None) -> str | None:
    """A time stamp of the index as ISO 8601, UTC, always with microseconds: so the order of texts is that of times."""
    if stamp is None:
        return None
    plain_utc = stamp if stamp.tzinfo is None else stamp.astimezone(UTC).replace(tzinfo=None)
    return f"{plain_utc.isoformat(timespec='microseconds')}Z"


def iso(seconds: float | None) -> str | None:
    """The same of seconds since 1970; no moment that the calendar does not know."""
    try:
        return None if seconds is None else moment(datetime.fromtimestamp(seconds, UTC))
    except (ValueError, OverflowError, OSError):
        return None


def loaded(text: str) -> Json:
    """A JSON text as a value; what is none stays the text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def stored(text: str | None, key: str, show_secrets: bool) -> Json:
    """A value from `cfg` or `facts`, masked by its key unless secrets are to be shown."""
    if text is None:
        return None
    if '"' not in text:
        return orjson.Fragment(text)
    return orjson.loads(text) if show_secrets else mask(key, orjson.loads(text))


def dumps(value: Json) -> bytes:
    """The bytes of a JSON answer."""
    return orjson.dumps(value)
