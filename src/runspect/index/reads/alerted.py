"""What the alerts of the policy say of each run of a scope: the column `alert`."""

from __future__ import annotations

from dataclasses import replace

from runspect.columns import Lens
from runspect.errors import QueryError
from runspect.index.reads.narrowing import SupersededIn, nobody
from runspect.index.reads.scope import Cursor, Scope
from runspect.index.reads.table import matching
from runspect.index.reads.usual import UsualOf, usual
from runspect.index.reads.vocabulary import NamesIn
from runspect.index.reads.vocabulary import names as names_in


def alerted(
    cursor: Cursor,
    scope: Scope,
    lens: Lens,
    known: NamesIn = names_in,
    usual_of: UsualOf = usual,
    superseded_in: SupersededIn = nobody,
) -> dict[int, str]:
    """The alerts that match each run, in the order of the policy (rid → `diverged, slow`); the others are left out.

    An alert that cannot be understood here matches none: who asks for it by its name is told why.
    """
    found: dict[int, list[str]] = {}
    inner = replace(lens, alerts={})  # as in a query: an alert that names alerts might name itself
    for name, query in lens.alerts.items():
        try:
            rids = matching(
                cursor,
                scope,
                query,
                archived=True,
                known=known,
                lens=inner,
                usual_of=usual_of,
                superseded_in=superseded_in,
            )
        except QueryError:
            continue
        for rid in rids:
            found.setdefault(rid, []).append(name)
    return {rid: ", ".join(names) for rid, names in found.items()}
