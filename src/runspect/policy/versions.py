"""What the versions of a data set are called: the table `[datasets.NAME.versions]` of the policy."""

from __future__ import annotations

from runspect.checked_toml import Table, subtable, words
from runspect.columns.datasets import Spelling


def read_versions(table: Table, key: str) -> tuple[Spelling, ...]:
    """Each version with the globs of the digests and names that mean it, case aside.

    Raises:
        UsageError: Something in it is not understood; says the line.
    """
    found = subtable(table, key)
    return tuple(Spelling(name, words(found, name)) for name in found.values)
