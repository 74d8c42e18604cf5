"""Annotations as append-only op files: the only data of runspect's own that cannot be made anew."""

from runspect.journal.journal import Journal
from runspect.journal.lines import Line, merge

__all__ = ["Journal", "Line", "merge"]
