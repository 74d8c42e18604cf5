"""Annotations as append-only op files: the only data of runspect's own that cannot be made anew."""

from runspect.journal.journal import HOME, Addressed, Journal
from runspect.journal.lines import Line, merge
from runspect.journal.reading import Fault

__all__ = ["HOME", "Addressed", "Fault", "Journal", "Line", "merge"]
