"""Numbers and lengths of time as people type them: `12k`, `1e-3`, `5%`, `30m`, `1h30m`."""

from __future__ import annotations

import math
import re

from runspect.dataclass import dataclass

_NUMBER = re.compile(r"(?P<number>[+-]?(?:[0-9][0-9_]*\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)(?P<suffix>[kKMGBT%]?)")
_SUFFIXES = {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "B": 1e9, "T": 1e12, "%": 0.01}
_SPECIAL = {"nan": math.nan}
for _word in ("inf", "infinity"):
    _SPECIAL |= {_word: math.inf, f"+{_word}": math.inf, f"-{_word}": -math.inf}

_DURATION = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?(?:ms|mo|[smhdwy]))+(?P<minutes>[0-9]{1,2})?")
_PIECE = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|mo|[smhdwy])")
_UNITS = {"ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "mo": 2629800.0, "y": 31557600.0}


@dataclass(frozen=True, slots=True)
class Duration:
    """Seconds, and the size of the smallest unit that was typed: `2d` is any duration that is shown as `2d`."""

    seconds: float
    unit: float


def number(text: str) -> float | None:
    """`0.001`, `1e-3`, `12k`, `3M`, `5%`, `nan`; None when it is no number."""
    if text.lower() in _SPECIAL:
        return _SPECIAL[text.lower()]
    found = _NUMBER.fullmatch(text)
    return float(found["number"].replace("_", "")) * _SUFFIXES[found["suffix"]] if found else None


def duration(text: str) -> Duration | None:
    """`2d`, `30m`, `1h30m`, `1h12`, or plain seconds; None when it is none."""
    found = _DURATION.fullmatch(text)
    if found is None:
        plain = number(text)
        return Duration(plain, 1.0) if plain is not None and math.isfinite(plain) else None
    pieces = [(float(many), _UNITS[unit]) for many, unit in _PIECE.findall(text)]
    if found["minutes"]:
        if pieces[-1][1] != _UNITS["h"]:
            return None
        pieces.append((float(found["minutes"]), _UNITS["m"]))
    seconds = sum(many * unit for many, unit in pieces)
    return Duration(seconds, min(unit for _, unit in pieces)) if math.isfinite(seconds) else None


def is_duration(text: str) -> bool:
    """Whether the text is a length of time with a unit."""
    return bool(_DURATION.fullmatch(text))
