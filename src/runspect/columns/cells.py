"""Raw values as text for people: short, aligned, honest about what is missing."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal

from runspect.columns.spec import Column
from runspect.columns.table import BY_NAME
from runspect.masking import mask, printable
from runspect.model import Json, RunRow
from runspect.roles import STATE_GLYPH, Cell, Role

GATE_GLYPH: dict[str, tuple[str, Role]] = {"passes": ("✓", "good"), "fails": ("✗", "bad"), "open": ("?", "warn")}
ABSENT = "─"
ABSENT_ASCII = "-"
BLOCKS = " ▁▂▃▄▅▆▇█"
BLOCKS_ASCII = " __..--=^"

MINUTE, HOUR, DAY, YEAR = 60, 3600, 86400, 31_557_600


def cell(
    column: Column, value: Json, now: float, *, live: bool = False, ascii_only: bool = False, show_secrets: bool = False
) -> Cell:
    """Text and meaning of a raw value. `now` is in seconds since 1970; `live` marks a duration that still grows."""
    if value is None or value == "" or value == []:
        return Cell(ABSENT_ASCII if ascii_only else ABSENT, "dim")
    if column.kind == "spark":
        return Cell(sparkline(str(value), ascii_only=ascii_only), "spark")
    if column.kind == "field":
        return _field_cell(column.name, value, now, live, ascii_only)
    if column.kind == "delta":
        return Cell(change_text(value, percent=column.percent), _metric_role(column, value))
    if column.kind in ("metric", "at", "formula"):
        whole = column.step or column.aggregate in ("n", "nan")
        return Cell(count_text(value) if whole else metric_text(value), _metric_role(column, value))
    return Cell(value_text(value if show_secrets else mask(column.name, value)))


def number_text(value: float | str | None) -> str:
    """A number in few characters: 4 significant digits, whole numbers in full, `3e-4` rather than `0.0003`.

    Text, such as "NaN" in the JSON of a run, stays as it is.
    """
    if value is None:
        return ABSENT
    if isinstance(value, (int, str)):
        return printable(str(value))
    if special := _special(value):
        return special
    if value == int(value) and abs(value) < 1e7:
        return str(int(value))
    size = abs(value)
    if 1e-3 <= size < 1e5:
        return f"{value:.4g}" if size < 1e4 else f"{value:.0f}"
    return _exponent(f"{value:.3e}")


def metric_text(value: Json) -> str:
    """A measured number in 4 significant digits, zeros kept, so that decimals stand below each other."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return value_text(value)
    number = float(value)
    if special := _special(number):
        return special
    size = abs(number)
    if size == 0:
        return "0.0000"
    if size < 1e-3 or size >= 1e6:
        return _exponent(f"{number:.3e}")
    if size >= 1e4:
        return count_text(number)
    decimals = 4 if size < 1 else 4 - len(str(int(size)))
    return f"{number:.{decimals}f}"


def mean_texts(mean: float, std: float | None) -> tuple[str, str]:
    """A mean and its standard deviation, `("0.2181", "0.0041")`: the deviation in two digits, zeros kept; "" without one.

    A mean that is smaller than what it scatters by is told no finer than that: `0.0006` and `0.0060`.
    """
    if std is None:
        return metric_text(mean), ""
    if not math.isfinite(std) or std == 0:
        return metric_text(mean), number_text(std)
    rounded = float(f"{std:.1e}")
    plain = 1e-3 <= rounded < 100
    decimals = max(0, 1 - math.floor(math.log10(rounded)))
    coarse = plain and 0 < abs(mean) < 1e-3
    return (
        f"{mean:.{max(4, decimals)}f}" if coarse else metric_text(mean),
        f"{rounded:.{decimals}f}" if plain else number_text(rounded),
    )


def change_text(value: Json, *, percent: bool = False) -> str:
    """A change with its sign: `+0.0123`, `-3.1%`."""
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
        return value_text(value)
    return f"{value:+.1f}%" if percent else f"{'-' if value < 0 else '+'}{metric_text(abs(float(value)))}"


def count_text(value: Json) -> str:
    """A count or step: `912`, `9.2k`, `1.3M`."""
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
        return value_text(value)
    size = abs(value)
    for limit, suffix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if (size >= limit * 0.99995 and size >= 1e4) or size >= limit * 10:
            return f"{value / limit:.3g}{suffix}" if size < limit * 999.5 else f"{value / limit:.0f}{suffix}"
    return f"{value:.0f}"


def parts_text(parts: Sequence[tuple[str, int]], size: int) -> str:
    """`baseline  good 2/3`: the members of lists over a group of `size` runs, those that all have first."""
    return "  ".join(part if runs == size else f"{part} {runs}/{size}" for part, runs in parts)


def value_text(value: Json) -> str:
    """Any JSON value on one line."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return number_text(value)
        case str():
            return printable(value)
        case list():
            return "[" + ",".join(value_text(item) for item in value) + "]"
        case dict():
            return "{" + ",".join(f"{printable(str(key))}:{value_text(item)}" for key, item in value.items()) + "}"
        case _:
            return printable(str(value))


def age_text(moment: float | str | None, now: float) -> str:
    """How long ago: `now`, `40s`, `4m`, `2h`, `3d`, `5w`, `2y`; times in the future are `now`.

    Args:
        moment: Seconds since 1970, or ISO 8601.
    """
    seconds = _seconds(moment)
    if seconds is None:
        return ABSENT
    age = max(0.0, now - seconds)
    if age < 5:
        return "now"
    units = ((YEAR, "y", 1), (7 * DAY, "w", 9), (DAY, "d", 1), (HOUR, "h", 1), (MINUTE, "m", 1), (1, "s", 1))
    for size, unit, least in units:
        if age >= size * least:
            return f"{int(age // size)}{unit}"
    return "now"


def asked(specs: Sequence[str]) -> tuple[str, ...]:
    """What is asked for to show these columns: whether the end is known tells how far the time that a run took is."""
    return (*specs, "ended") if "took" in specs else tuple(specs)


def ends_unknown(row: RunRow, shown: int) -> bool:
    """Whether a row of the values `asked` for `shown` columns is of a run that does not live and has no recorded end."""
    return len(row.values) > shown and row.values[-1] is None and row.state != "running"


def rough(cell: Cell) -> Cell:
    """The time that a run took up to the last write of its files, as no end was recorded."""
    return cell if cell.role == "dim" else replace(cell, text=f"~{cell.text}", role="dim")


def duration_text(seconds: float | None, *, live: bool = False) -> str:
    """How long: `3.1s`, `41s`, `12m`, `1h12`, `2d05h`; with `+` while it still grows."""
    if seconds is None or not math.isfinite(seconds):
        return ABSENT
    spent = max(0.0, float(seconds))
    if spent < 9.95:
        text = f"{spent:.1f}s"
    elif spent < 99.5:
        text = f"{spent:.0f}s"
    elif spent < HOUR:
        text = f"{int(spent // MINUTE)}m"
    elif spent < DAY:
        text = f"{int(spent // HOUR)}h{int(spent % HOUR // MINUTE):02d}"
    elif spent < 100 * DAY:
        text = f"{int(spent // DAY)}d{int(spent % DAY // HOUR):02d}h"
    else:
        text = f"{int(spent // DAY)}d"
    return text + ("+" if live else "")


def moment_text(moment: float | str | None, now: float) -> str:
    """A time in the local zone: the hour today, the day and hour this year, else the day."""
    seconds = _seconds(moment)
    if seconds is None:
        return ABSENT
    try:
        then, today = time.localtime(seconds), time.localtime(now)
    except (OverflowError, ValueError, OSError):
        return ABSENT
    if then[:3] == today[:3]:
        return time.strftime("%H:%M:%S", then)
    return time.strftime("%m-%d %H:%M" if then.tm_year == today.tm_year else "%Y-%m-%d", then)


def gate_cell(text: str, *, ascii_only: bool = False) -> Cell:
    """`candidate passes 5/6` as `candidate ✓5/6`; open ones, of which something is not known yet, have `?`."""
    stage, word, counts = (*text.rsplit(" ", 2), "", "")[:3]
    glyph, role = GATE_GLYPH.get(word, ("", "plain"))
    plain = {"✓": "+", "✗": "x"}.get(glyph, glyph) if ascii_only else glyph
    return Cell(printable(f"{stage} {plain}{counts}"), role)


def sparkline(outline: str, *, ascii_only: bool = False) -> str:
    """Digits 0 (nothing finite) to 8 as blocks; what follows a blank ("NaN@412") stays as it is."""
    digits, _, rest = outline.partition(" ")
    ladder = BLOCKS_ASCII if ascii_only else BLOCKS
    drawn = "".join(ladder[int(digit)] if digit in "012345678" else " " for digit in digits)
    return f"{drawn} {rest}".rstrip() if rest else drawn


def align_decimals(texts: Sequence[str]) -> tuple[str, ...]:
    """The texts padded behind, so that right-aligned numbers have their decimal points below each other."""
    tails = [len(text) - _point(text) for text in texts]
    most = max(tails, default=0)
    return tuple(text + " " * (most - tail) for text, tail in zip(texts, tails, strict=True))


def _field_cell(name: str, value: Json, now: float, live: bool, ascii_only: bool) -> Cell:
    match BY_NAME[name].type:
        case "state":
            glyph, plain, role = STATE_GLYPH.get(str(value), STATE_GLYPH["unknown"])
            return Cell(plain if ascii_only else glyph, role)
        case "age":
            return Cell(age_text(value, now))
        case "duration":
            return Cell(duration_text(value, live=live), "live" if live else "plain")
        case "moment":
            return Cell(moment_text(value, now))
        case "number":
            return Cell(count_text(value), "warn" if name == "problems" and value else "plain")
        case "set":
            listed = [printable(str(item)) for item in value] if isinstance(value, list) else [printable(str(value))]
            return Cell(" ".join(listed), "tag" if name == "tags" else "plain")
        case _ if name == "gate":
            return gate_cell(str(value), ascii_only=ascii_only)
        case "flag":
            return Cell("*" if ascii_only else "★", "accent") if value is True else Cell("")
        case _:
            return Cell(printable(str(value)), "strong" if name == "name" else "plain")


def _metric_role(column: Column, value: Json) -> Literal["plain", "bad", "dim"]:
    if column.step or column.aggregate in ("n", "nan"):
        return "bad" if column.aggregate == "nan" and value else "dim"
    return "bad" if isinstance(value, str) or (isinstance(value, float) and not math.isfinite(value)) else "plain"


def _special(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "" if math.isfinite(value) else ("inf" if value > 0 else "-inf")


def _exponent(text: str) -> str:
    mantissa, _, exponent = text.partition("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"


def _seconds(moment: float | str | None) -> float | None:
    if isinstance(moment, str):
        try:
            return datetime.fromisoformat(moment).timestamp()
        except ValueError:
            return None
    return None if moment is None or not math.isfinite(moment) else float(moment)


def _point(text: str) -> int:
    """Where the whole part of a number ends."""
    for index, char in enumerate(text):
        if char == "." or (char.isalpha() and index > 0):
            return index
    return len(text)
