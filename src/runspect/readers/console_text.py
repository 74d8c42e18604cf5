"""Lines of console logs as a person read them: no escapes, no logger's prefix, numbers with their units."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from runspect.readers.claims import words
from runspect.readers.numbers import number
from runspect.readers.times import moment

LONGEST_LINE = 4096
"""Characters of a line that patterns are shown: regular expressions may take quadratic time."""
NUMBER = r"[+-]?(?:\d[\d,]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:nan|NaN|NAN|inf|Inf|INF|Infinity)\b"
"""What a pattern may write as `<number>`."""

_BARS = str.maketrans({"\u2502": "|", "\u2503": "|"})
"""The upright lines that rich draws between cells."""
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]{0,400}(?:\x07|\x1b\\)|[@-Z\\-_])")
_STAMP = r"\d{4}[-/]\d\d[-/]\d\d[ T_]\d\d:\d\d:\d\d(?:[.,]\d{1,6})?(?:Z|[+-]\d\d:?\d\d)?"
_LEVEL = r"(?:DEBUG|INFO|WARN(?:ING)?|ERROR|CRITICAL|debug|info|warning|error|notice)"
_PREFIX = re.compile(
    rf"""\s*
    (?: (?: \[(?:default|rank)(?P<rank>\d+)\]:?\s* | (?P<label>\d{{1,4}}):[ ] ) (?=[^\s]) )?                 # torchrun, srun --label
    (?: \[[A-Za-z_]\w{{0,20}}\]\s+ (?=\d{{4}}-) )?                                 # [titan] 2026-…
    (?:
        \[(?P<t1>{_STAMP})(?:\s{_LEVEL})?\] \s* (?:\[[^\]]{{0,80}}\]\s*){{0,3}} (?:{_LEVEL}\b)? (?:\s*[-:|>]+\s+|\s+|(?=\{{))     # [time][name][INFO] -
      | (?P<t2>{_STAMP}) \s* (?: [-|:,]\s* | \s ) (?:[^{{|]{{0,120}}?[\s\[(|-])?? {_LEVEL} \]?\)? \s* (?:[-|:\]]\s*)?
            (?: [\w.<>]{{1,60}}(?: :[\w<>]{{1,60}} )?:\d+\s+-\s+ )?                           # time - name - INFO -
      | (?P<t3>{_STAMP}) \s* (?:[-|:,]+\s+|\s+)                                         # time message
      | \[(?:NeMo\s)?[IWED]\s (?P<t4>{_STAMP}) \s [\w.]{{1,60}}:\d+\] \s*                  # [NeMo I time file:line]
      | \[\d\d:\d\d:\d\d(?:[.,]\d{{1,6}})?\] \s+                                           # MAE's [time of day]
      | {_LEVEL} : [\w.]{{1,80}} : \s*                                                 # INFO:root:
      | [IWEF]\d{{4}}\s\d\d:\d\d:\d\d\.\d+ \s+ \d+ \s [\w./-]{{1,80}}:\d+\] \s*              # absl
    )?""",
    re.VERBOSE,
)
_BEGINNINGS = frozenset("[ \t0123456789DIWECFdiwen")
"""Characters with which a prefix may begin."""
_QUANTITY = re.compile(rf"\s*[\"']?(?P<number>{NUMBER})\s*(?P<unit>%|[A-Za-zµ]{{1,5}}(?:/[A-Za-z]{{1,9}})?)?[\"']?\s*")
_FACTORS = {"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "G": 1e9, "T": 1e12}
_UNITS = words(
    "% ms s us µs sec secs min m h KB MB GB TB KiB MiB GiB TiB kB it img imgs tok dB TFLOPs TFLOPS it/s s/it tok/s MB/s"
    " GB/s samples/s img/s"
)


class Line(NamedTuple):
    """A line without its escapes."""

    whole: str
    body: str
    """Without the prefix of a logger or launcher."""
    time: float
    """Seconds since 1970 as the prefix says, NaN where it does not."""
    rank: int | None = None
    """Of the process that printed it, where torchrun says so."""
    label: int | None = None
    """The number before the line: `srun --label` tells a rank by it."""


def line_of(raw: str) -> Line:
    """A raw line (no newline), cut to `LONGEST_LINE`."""
    text = raw if "\x1b" not in raw else _ESCAPES.sub("", raw)
    text = text[:LONGEST_LINE].rstrip()
    if "\u2502" in text or "\u2503" in text:
        text = text.translate(_BARS)
    match = _PREFIX.match(text) if text[:1] in _BEGINNINGS else None
    if match is None or not match[0].strip():
        return Line(text, text, float("nan"))
    stamp = match["t1"] or match["t2"] or match["t3"] or match["t4"]
    rank, label = (int(match[name]) if match[name] else None for name in ("rank", "label"))
    return Line(text, text[match.end() :], time_of(stamp) if stamp else float("nan"), rank, label)


@lru_cache(maxsize=1024)
def time_of(stamp: str) -> float:
    """A time stamp as seconds since 1970, NaN where it is none."""
    found = moment(stamp.strip().replace(",", "."))
    return float("nan") if found is None else found


def quantity(text: str) -> float | None:
    """A number with thousands commas, a unit (dropped: 3.2GiB is 3.2, 55% is 55) or a count's suffix (12k is 12,000)."""
    match = _QUANTITY.fullmatch(text)
    if match is None:
        return number(text)
    value = number(match["number"].replace(",", "") if "," in match["number"] else match["number"])
    unit = match["unit"]
    if value is None or unit is None or unit in _UNITS:
        return value
    factor = _FACTORS.get(unit)
    return None if factor is None else value * factor


def without_escapes(text: str) -> str:
    """The text without colours, cursor movements and titles."""
    return _ESCAPES.sub("", text) if "\x1b" in text else text
