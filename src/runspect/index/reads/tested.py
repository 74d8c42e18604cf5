"""What single runs were to show, and whether they did."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from runspect.columns.hypotheses import HYPOTHESES, LINK, LINKS, RUN_VERDICTS, TESTED, VERDICT
from runspect.dataclass import dataclass
from runspect.index.reads.scope import WRITTEN_OUT, Cursor, among, fetch
from runspect.model import Json


@dataclass(frozen=True, slots=True)
class Tested:
    """The hypothesis of a run and the verdict that counts for it."""

    hyp: str | None
    """The id; None where only the run's record holds the words."""
    words: str | None
    how: str | None
    """What links them: said, recorded or branch."""
    verdict: str | None
    why: str | None
    """What was noted with it."""
    due: float | None
    """End of its time box, seconds since 1970."""
    open: bool
    """Neither it nor any of its runs has a verdict, and it was not closed. Of one without a time box verdicts on runs may count
    as none."""


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
    if len(rids) <= WRITTEN_OUT:
        return _few(cursor, rids)
    wanted = frozenset(rids)
    return {rid: claim for rid, claim in every(cursor).items() if rid in wanted}


def every(cursor: Cursor) -> dict[int, Tested]:
    """All runs that test something or have a verdict."""
    if not anything(cursor):
        return {}
    rows = fetch(cursor, f"SELECT t.rid, t.hyp, t.words, t.how, t.verdict, t.why, t.due, t.open FROM ({TESTED}) t")
    return {row[0]: Tested(*row[1:]) for row in rows}


@dataclass(frozen=True, slots=True)
class _Known:
    """A row of `HYPOTHESES`."""

    hyp: str
    words: str
    written: float
    branch: str | None
    due: float | None
    closed: float | None
    verdict: str | None
    why: str | None


def _few(cursor: Cursor, rids: Sequence[int]) -> dict[int, Tested]:
    """The same of few runs: DuckDB would look at all of them before it picks these, and takes five times as long."""
    rows = fetch(
        cursor, f"SELECT h.hyp, h.words, h.written, h.branch, h.due, h.closed, h.verdict, h.why FROM ({HYPOTHESES}) h"
    )
    known = {row[0]: _Known(*row) for row in rows}
    said = _words(cursor, f"SELECT rid, key, val FROM ann_now WHERE key IN ('{LINK}', '{VERDICT}') AND ", rids)
    facts = _words(cursor, f"SELECT rid, name, val FROM facts_now WHERE name IN ('{LINK}', 'git_branch') AND ", rids)
    started = _started(cursor, rids) if any(each.branch for each in known.values()) else {}
    found = {}
    for rid in {*said, *facts}:
        own = said.get(rid, {})
        how, words, each = _link(own, facts.get(rid, {}), started.get(rid), known)
        verdict = own.get(VERDICT)
        judged, why = (verdict.get("verdict"), verdict.get("note")) if isinstance(verdict, dict) else (None, None)
        if judged is None and each is not None:
            judged, why = each.verdict, each.why
        if words is not None or judged is not None:
            found[rid] = Tested(
                each.hyp if each else None, words, how or None, judged, (why or "").strip() or None,
                each.due if each else None, each is not None and each.closed is None,
            )  # fmt: skip
    return _without_answered(cursor, found)


def _link(
    said: Mapping[str, Json], facts: Mapping[str, Json], started: float | None, known: Mapping[str, _Known]
) -> tuple[str, str | None, _Known | None]:
    """(how, words, hypothesis) of a run, as `LINKS` finds them."""
    link = said.get(LINK)
    if link is False:
        return "", None, None
    if isinstance(link, str) and link in known:
        return "said", known[link].words, known[link]
    told = facts.get(LINK)
    if isinstance(told, str) and told.strip():
        text = told.strip()
        each = known.get(text) or _newest(each for each in known.values() if each.words == text)
        return "recorded", each.words if each else text, each
    branch = facts.get("git_branch")
    if branch is None or started is None:
        return "", None, None
    each = _newest(
        each
        for each in known.values()
        if each.branch == branch and each.written <= started and (each.closed is None or each.closed > started)
    )
    return ("branch", each.words, each) if each else ("", None, None)


def _newest(known: Iterable[_Known]) -> _Known | None:
    return max(known, key=lambda each: each.written, default=None)


def _words(cursor: Cursor, statement: str, rids: Sequence[int]) -> dict[int, dict[str, Json]]:
    found: dict[int, dict[str, Json]] = {}
    few = among(rids)
    for rid, key, val in fetch(cursor, statement + few.sql, few.params):
        found.setdefault(rid, {})[key] = json.loads(val)
    return found


def _started(cursor: Cursor, rids: Sequence[int]) -> dict[int, float]:
    few = among(rids)
    rows = fetch(
        cursor,
        "SELECT rid, epoch(started) FROM runs JOIN (SELECT rid, max(upd) AS upd FROM runs WHERE "
        f"{few.sql} GROUP BY rid) USING (rid, upd) WHERE {few.sql}",
        few.params * 2,
    )
    return {rid: began for rid, began in rows if began is not None}


def _without_answered(cursor: Cursor, found: dict[int, Tested]) -> dict[int, Tested]:
    """Open are only those of which no run has a verdict, wherever it is; asked where it matters: of a time box."""
    if not any(claim.open and claim.due is not None for claim in found.values()):
        return found
    answered = {
        hyp
        for (hyp,) in fetch(
            cursor,
            f"SELECT DISTINCT l.link.hyp FROM ({LINKS}) l JOIN ({RUN_VERDICTS}) v USING (rid) WHERE v.v IS NOT NULL",
        )
    }
    return {rid: replace(claim, open=claim.open and claim.hyp not in answered) for rid, claim in found.items()}
