"""Why runs ended badly, by cause."""

from __future__ import annotations

from collections.abc import Sequence

from runspect.columns import Lens, Names
from runspect.columns.computed import COMPUTED
from runspect.index.reads.scope import Cursor, among, fetch


def by_cause(cursor: Cursor, rids: Sequence[int], names: Names, lens: Lens) -> list[tuple[str, list[int]]]:
    """The causes of those of these runs that ended badly, the most frequent first; each with its runs in the order given.

    As in the graveyard: a run that ended well with a loss that is NaN has a cause, too.
    """
    if not rids:
        return []
    rows, params = COMPUTED["cause"](names, lens)
    few = among(rids, "q.rid")
    told = fetch(cursor, f"SELECT q.rid, q.v FROM ({rows}) q WHERE {few.sql}", (*params, *few.params))
    causes: dict[int, str | None] = dict(told)
    found: dict[str, list[int]] = {}
    for rid in rids:
        if cause := causes.get(rid):
            found.setdefault(cause, []).append(rid)
    return sorted(found.items(), key=lambda each: (-len(each[1]), each[0]))
