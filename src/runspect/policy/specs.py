"""Column specs in the policy file: those that take a value of a metric."""

from __future__ import annotations

from collections.abc import Callable

from runspect.checked_toml import Table, word
from runspect.columns import parse_column
from runspect.errors import UsageError


def measure(table: Table, key: str) -> str:
    """A value that is a column spec by which runs can be judged; a metric without an aggregate is meant at its best.

    Raises:
        UsageError: It is none; says the line.
    """
    return measured(word(table, key), lambda text: table.fault(f"'{'.'.join((*table.keys, key))}'{text}", key))


def measured(spec: str, fault: Callable[[str], object]) -> str:
    """The same of a spec by itself; `fault` is given what is wrong with it, to be put behind the key's name."""
    try:
        column = parse_column(spec)
    except UsageError as error:
        fault(f": {error}")
        return ""
    if column.kind not in ("metric", "word", "at"):
        fault(f' must name a metric, such as "val/loss:min", not {spec!r}')
    if column.kind == "metric" and column.aggregate in ("n", "nan"):
        fault(f" must take a value of the metric; {column.aggregate!r} only counts")
    return spec if column.kind != "word" else f"{spec}:best"
