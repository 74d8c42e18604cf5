"""The table `[alerts]` of the policy: queries by name; a run that one of them matches wants to be looked at.

[alerts]
diverged = "has:nan"
slow = "state:running took > 2d"
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from runspect.checked_toml import Table, subtable, word

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")


def read_alerts(table: Table, key: str) -> Mapping[str, str]:
    """The queries by name, in the order of the file. That they are queries is checked where the language is known.

    Raises:
        UsageError: A name cannot be asked for with `alert:NAME`, or a query is no text; says the line.
    """
    inner = subtable(table, key)
    for name in inner.values:
        if not _NAME.fullmatch(name):
            inner.fault(f"'{key}': {name!r} must be letters, digits and _ . - (64 at most)", name)
    return {name: word(inner, name) for name in inner.values}


def alert_lines(table: Table, key: str) -> Mapping[str, int]:
    """The line of each alert, from 1."""
    inner = subtable(table, key)
    return {name: line for name in inner.values if (line := inner.line(name)) is not None}
