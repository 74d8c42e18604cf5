"""Delimited text: which separator, which header, which rows; exact for ragged and broken files."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from math import isfinite

from runspect.dataclass import dataclass
from runspect.readers.numbers import number

SEPARATORS = (",", "\t", ";", "|")
LONGEST_CELL = 1 << 20

_Cells = Sequence[str]
_DECIMAL_COMMA = re.compile(r"\s*[+-]?\d*,\d+(?:[eE][+-]?\d+)?\s*")
_COMMA_OF_THOUSANDS = re.compile(r"\d,\d{3}[.,]\d")
_UNNAMED = re.compile(r"(Unnamed: \d+)?")


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a table. A column without a name (pandas' index) is "" and is dropped."""

    names: tuple[str, ...]
    separator: str


def sniff(line: str) -> str:
    """The separator of a header line: the one that cuts it into most cells; a comma when none does.

    Where semicolons leave nothing but numbers, there is no header and the commas are decimal ones.
    """
    if ";" in line and all(number(cell) is not None for cell in split(line, ";")):
        return ";"
    counts = {sep: len(split(line, sep)) if sep in line else 1 for sep in SEPARATORS}
    best = max(SEPARATORS, key=lambda sep: counts[sep])
    return best if counts[best] > 1 else ","


def split(line: str, separator: str) -> list[str]:
    """The cells of one line."""
    return next(rows_of(line, separator), [])


def rows_of(text: str, separator: str) -> Iterator[list[str]]:
    """The rows of whole lines; a quoted cell may hold newlines. Unbalanced quotes are taken as plain characters.

    Between semicolons a comma is a decimal one, `0,5` comes as `0.5`, unless some number shows that it stands for
    thousands.
    """
    rows = _rows(text, separator)
    if separator != ";" or "," not in text or _COMMA_OF_THOUSANDS.search(text):
        return rows
    return ([_with_point(cell) for cell in row] for row in rows)


def _with_point(cell: str) -> str:
    return cell.replace(",", ".") if "," in cell and _DECIMAL_COMMA.fullmatch(cell) else cell


def _rows(text: str, separator: str) -> Iterator[list[str]]:
    csv.field_size_limit(LONGEST_CELL)
    lines = text.replace("\0", "").replace("\r", "").splitlines(keepends=True) if "\0" in text or "\r" in text else None
    source = lines if lines is not None else text.split("\n")
    if text.count('"') % 2:
        return csv.reader(source, delimiter=separator, quoting=csv.QUOTE_NONE)
    return csv.reader(source, delimiter=separator)


def names_of(cells: _Cells) -> tuple[str, ...]:
    """Column names: stripped, pandas' unnamed index dropped (""), doubles told apart by ".1"."""
    names: list[str] = []
    seen: dict[str, int] = {}
    for at, cell in enumerate(cells):
        name = cell.strip().strip("\"'").lstrip("\ufeff").strip()
        if at == 0 and _UNNAMED.fullmatch(name):
            name = ""
        if name in seen and name:
            seen[name] += 1
            name = f"{name}.{seen[name]}"
        seen.setdefault(name, 0)
        names.append(name)
    return tuple(names)


def looks_like_header(cells: _Cells) -> bool:
    """Whether a first line holds names: something in it, and no cell that is a number; a metric may be called "nan"."""
    named = [cell for cell in cells if cell.strip()]
    numbers = [found for cell in named if (found := number(cell)) is not None]
    return len(named) > len(numbers) and not any(map(isfinite, numbers))


def repeats_header(cells: _Cells, names: Sequence[str]) -> bool:
    """Whether a later line is the header again, perhaps with other columns: a restart wrote it."""
    found = names_of(cells)
    return looks_like_header(cells) and len(set(found) & {name for name in names if name}) * 2 >= min(
        len(set(found)), len({name for name in names if name})
    )


def fitted(cells: list[str], width: int) -> list[str]:
    """A ragged row at the header's width: missing cells are blank, surplus ones are dropped."""
    if len(cells) < width:
        return cells + [""] * (width - len(cells))
    return cells[:width]
