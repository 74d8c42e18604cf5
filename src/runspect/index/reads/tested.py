"""What single runs were to show, and whether they did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from runspect.columns.hypotheses import TESTED
from runspect.index.reads.scope import Cursor, among, fetch


@dataclass(frozen=True, slots=True)
class Tested:
    """The hypothesis of a run and the verdict that counts for it."""

    hyp: str | None
    """The id; None where only the run's record holds the words."""
    words: str | None
    how: str | None
    """What links them: said, recorded or branch."""
    verdict: str | None
    due: float | None
    """End of its time box, seconds since 1970."""
    open: bool
    """Neither it nor any of its runs has a verdict, and it was not closed."""


def anything(cursor: Cursor) -> bool:
    """Whether any run can have a hypothesis or a verdict: the whole question takes DuckDB 20 ms to plan, this one a few."""
    ((said, told),) = fetch(
        cursor,
        "SELECT EXISTS (SELECT 1 FROM ann WHERE key IN ('hypothesis', 'verdict', 'branch')),"
        " EXISTS (SELECT 1 FROM facts WHERE name = 'hypothesis')",
    )
    return bool(said or told)


def tested(cursor: Cursor, rids: Sequence[int]) -> dict[int, Tested]:
    """Those of these runs that test something or have a verdict."""
    if not anything(cursor):
        return {}
    few = among(rids, "t.rid")
    rows = fetch(
        cursor,
        f"SELECT t.rid, t.hyp, t.words, t.how, t.verdict, t.due, t.open FROM ({TESTED}) t WHERE {few.sql}",
        few.params,
    )
    return {row[0]: Tested(*row[1:]) for row in rows}
