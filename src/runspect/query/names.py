"""Where a query's names come from: the same `Names` as for columns."""

from runspect.columns.names import Names, UnknownName, find, near

__all__ = ["Names", "UnknownName", "find", "near"]
