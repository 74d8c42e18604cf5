"""What the user wants to see of the runs, whatever the answers are."""

from __future__ import annotations

from runspect.dataclass import dataclass
from runspect.model import SortKey


@dataclass(slots=True)
class Wanted:
    """What the user wants to see; the answers follow it."""

    query: str = ""
    sort: tuple[SortKey, ...] = ()
    columns: tuple[str, ...] = ()
    metric: str = ""
    archived: bool = False
    group: tuple[str, ...] = ()
    """What runs are grouped by; () for no groups."""
    wide: tuple[str, ...] = ()
    """Columns of which nothing is cut."""
    bars: bool | None = None
    """Whether numbers have bars; None as the settings say."""
