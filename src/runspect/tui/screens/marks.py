"""The marked runs: a set that is changed against the list of runs, and remembered by lasting ids."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from runspect.dataclass import dataclass, field
from runspect.model import RunRow


@dataclass(slots=True)
class Marks:
    """Marked runs with their lasting ids, in the order of marking; an id is "" until the run's row is known."""

    uids: dict[int, str] = field(default_factory=dict)

    @property
    def rids(self) -> frozenset[int]:
        """The marked runs."""
        return frozenset(self.uids)

    @property
    def unknown(self) -> tuple[int, ...]:
        """Those whose ids are still to be asked for."""
        return tuple(rid for rid, uid in self.uids.items() if not uid)

    def toggle(self, rid: int, uid_of: Callable[[int], str]) -> None:
        """Mark a run, or unmark it."""
        if rid in self.uids:
            del self.uids[rid]
        else:
            self.uids[rid] = uid_of(rid)

    def toggle_some(self, rids: Sequence[int], uid_of: Callable[[int], str]) -> None:
        """Mark these runs; when all are, unmark them."""
        if all(rid in self.uids for rid in rids):
            for rid in rids:
                del self.uids[rid]
        else:
            self.uids.update((rid, uid_of(rid)) for rid in rids if rid not in self.uids)

    def invert(self, listed: Iterable[int], uid_of: Callable[[int], str]) -> None:
        """Mark what is not marked among the listed runs, and the other way round; marks of others stay."""
        for rid in listed:
            self.toggle(rid, uid_of)

    def restore(self, uids: Iterable[str], rows: Iterable[RunRow]) -> None:
        """Mark the runs with these ids, as far as they are still there."""
        by_uid = {row.uid: row.rid for row in rows}
        self.uids = {by_uid[uid]: uid for uid in uids if uid in by_uid}

    def learn(self, rows: Iterable[RunRow]) -> None:
        """Take the ids of marked runs from their rows."""
        self.uids.update((row.rid, row.uid) for row in rows if row.rid in self.uids)

    def in_order_of(self, listed: Sequence[int]) -> tuple[int, ...]:
        """The marked runs in the order of the list, then those that are not listed."""
        known = frozenset(listed)
        return (*(rid for rid in listed if rid in self.uids), *(rid for rid in self.uids if rid not in known))
