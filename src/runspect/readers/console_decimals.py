"""Decimal commas on consoles ("loss: 0,25"), as programs print them under German, French or Russian settings."""

from __future__ import annotations

import re

from runspect.readers.steps import metric_like

_VALUE = re.compile(
    r"(?P<name>[A-Za-z][\w./-]{0,60})[ \t]{0,4}[:=][ \t]{0,8}[+-]?(?:0,\d{1,17}|\d{1,9},(?:\d{1,2}|\d{4,17}))(?!\d|[.,] ?\d)"
)
"""A number that no comma of thousands can stand in."""
_COMMA = re.compile(r"(?<![\d.])(?<!\d,)(\d{1,15}),(\d{1,17})(?!\d|[.,]\d)")


def has_decimal_comma(body: str) -> bool:
    """Whether some metric of a line certainly has one."""
    return any(metric_like(match["name"]) for match in _VALUE.finditer(body, 0, 600))


def with_points(text: str) -> str:
    """The text with a point for the comma in each number that has one comma."""
    return _COMMA.sub(r"\1.\2", text)
