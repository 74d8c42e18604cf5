"""The table `[stages]` of the policy: what the steps on the way into production are called."""

from __future__ import annotations

from runspect.checked_toml import Table, words

_NO_NAME = frozenset(" \t\n,\"'()")


def stage_names(table: Table, key: str) -> tuple[str, ...]:
    """The stages in their order.

    Raises:
        UsageError: There are fewer than two, one comes twice, or one could not be written in a query; says the line.
    """
    names = words(table, key)
    if len(names) < 2:
        table.fault("'stages.names' needs two stages at least: where runs begin, and where champions are", key)
    if len(set(names)) < len(names):
        twice = next(name for at, name in enumerate(names) if name in names[:at])
        table.fault(f"'stages.names' has {twice!r} twice", key)
    for name in names:
        if _NO_NAME & set(name):
            table.fault(f"'stages.names': {name!r} must be one word, as it is written in queries", key)
    return names
