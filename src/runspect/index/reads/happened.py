"""What happened between two moments: runs by project and state, why they failed, and what was promoted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from runspect.columns.lens import PLAIN, Lens
from runspect.columns.stages import KEY
from runspect.dataclass import dataclass
from runspect.index.reads.called import Called, called
from runspect.index.reads.failed import by_cause
from runspect.index.reads.plain import iso
from runspect.index.reads.scope import Cursor, Scope, among, fetch
from runspect.index.reads.staged import stage_history
from runspect.index.reads.table import matching
from runspect.index.reads.vocabulary import NamesIn
from runspect.index.reads.vocabulary import names as names_in
from runspect.masking import mask, mask_text
from runspect.model import Json

MOST_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class _Row:
    """A run that did something in the time."""

    rid: int
    uid: str
    name: str
    state: str
    reason: str
    project: str
    began: bool
    ended: bool
    last: float


def happened(
    cursor: Cursor,
    scope: Scope,
    query: str,
    since: float,
    until: float,
    known: NamesIn = names_in,
    lens: Lens = PLAIN,
    names_of: Called = called,
) -> dict[str, Json]:
    """The runs that began, ended or wrote between two moments, in seconds since 1970.

    Returns:
        {runs: all that match, touched, began, ended, projects: [{project, runs, began, states: {state: runs}}], failed, causes:
        [{cause, runs, examples: [{uid, name, reason, ended}]}], stages: [{uid, name, from, stage, who, when, why, gate, forced,
        taken_back}]}, projects with most runs first, stages oldest first; `project` is "" of runs without one.

    Raises:
        QueryError: The query could not be understood.
    """
    rids = matching(cursor, scope, query, known=known, lens=lens)
    names = names_of(cursor, scope)
    rows = _rows(cursor, rids, since, until, names)
    by_rid = {row.rid: row for row in rows}
    ended = sorted((row for row in rows if row.ended), key=lambda row: (row.last, row.uid))
    causes = by_cause(cursor, [row.rid for row in ended], known(cursor, scope), lens)
    return {
        "runs": len(rids),
        "touched": len(rows),
        "began": sum(row.began for row in rows),
        "ended": len(ended),
        "projects": _projects(rows),
        "failed": sum(len(found) for _, found in causes),
        "causes": [
            {"cause": cause, "runs": len(found), "examples": [_told(by_rid[rid]) for rid in found[-MOST_EXAMPLES:][::-1]]}
            for cause, found in causes
        ],
        "stages": _stages(cursor, rids, since, until, lens, names),
    }  # fmt: skip


def _rows(cursor: Cursor, rids: Sequence[int], since: float, until: float, names: Mapping[int, str]) -> list[_Row]:
    """A run that has no end and does not live any more ended when it last wrote; one that has an end did nothing behind it,
    whenever its files were copied."""
    few = among(rids, "r.rid")
    told = fetch(
        cursor,
        "SELECT r.rid, r.uid, r.name, r.state, r.reason, r.project, epoch(r.started), epoch(r.ended), epoch(r.updated) "
        f"FROM runs_now r WHERE {few.sql}",
        few.params,
    )
    found = []
    for rid, uid, name, state, reason, project, started, ended, updated in told:
        live = state in ("running", "quiet")
        end = None if live else ended if ended is not None else updated
        last = updated if live else end
        moments = [moment for moment in (started, last) if moment is not None and since <= moment <= until]
        if moments:
            began, over = (moment is not None and since <= moment <= until for moment in (started, end))
            found.append(
                _Row(rid, uid, names.get(rid, name), state, reason or "", project or "", began, over, max(moments))
            )
    return found


def _projects(rows: Sequence[_Row]) -> list[Json]:
    states: dict[str, Counter[str]] = defaultdict(Counter)
    began: Counter[str] = Counter()
    for row in rows:
        states[row.project][row.state] += 1
        began[row.project] += row.began
    found: list[Json] = [
        {"project": name, "runs": each.total(), "began": began[name], "states": dict(each.most_common())}
        for name, each in states.items()
    ]
    return sorted(found, key=lambda each: (-each["runs"], each["project"]))


def _told(row: _Row) -> dict[str, Json]:
    return {"uid": row.uid, "name": row.name, "reason": mask_text(row.reason), "ended": iso(row.last)}


def _stages(
    cursor: Cursor, rids: Sequence[int], since: float, until: float, lens: Lens, names: Mapping[int, str]
) -> list[Json]:
    """Every change of a stage, with the stage before."""
    few = among(rids, "i.rid")
    told = fetch(
        cursor,
        "SELECT DISTINCT i.rid, r.uid, r.name FROM ann a JOIN ids_now i ON i.uid = substr(a.target, 5) "
        f"JOIN runs_now r ON r.rid = i.rid WHERE a.key = '{KEY}' AND starts_with(a.target, 'run:') AND a.ts >= ? AND a.ts <= ? "
        f"AND {few.sql}",
        (int(since * 1e9), int(until * 1e9), *few.params),
    )
    kept = ("from", "stage", "who", "when", "why", "gate", "forced", "taken_back")
    found: list[Json] = [
        {"uid": uid, "name": names.get(rid, name), **mask("", {key: line[key] for key in kept})}
        for rid, uid, name in told
        for line in stage_history(cursor, rid, lens)
        if since <= datetime.fromisoformat(line["when"]).timestamp() <= until
    ]
    return sorted(found, key=lambda each: (each["when"], each["uid"]))
