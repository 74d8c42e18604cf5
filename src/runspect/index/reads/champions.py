"""The champion of each data set: the run in the last stage that was promoted last."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from runspect.columns.lens import PLAIN, Lens
from runspect.columns.stages import KEY, stage_of
from runspect.dataclass import dataclass, field
from runspect.index.reads.called import Called, called
from runspect.index.reads.scope import Cursor, Scope, fetch, inside
from runspect.index.reads.units import found_units
from runspect.model import Json
from runspect.practice.best import Unit

_NEWEST = "struct_pack(ts := a.ts, id := a.id)"
# a stage that was taken back and put into force again is as old as when it was first given
_IN_FORCE = (
    "SELECT s.rid, arg_max(struct_pack(val := s.val, who := s.who, since := s.since), s.place) AS said FROM ("
    f"SELECT i.rid, a.val, arg_min(a.who, {_NEWEST}) AS who, min(a.ts) / 1e9 AS since, max({_NEWEST}) AS place FROM ann a"
    f" JOIN ids_now i ON i.uid = substr(a.target, 5) WHERE a.key = '{KEY}' AND starts_with(a.target, 'run:')"
    " GROUP BY i.rid, a.val) s GROUP BY s.rid"
)


@dataclass(frozen=True, slots=True)
class Standing:
    """The stage of a run in force, and who gave it when."""

    stage: str
    who: str
    since: float
    """Seconds since 1970: when it was first given, also where it was taken back meanwhile."""
    value: Mapping[str, Json] = field(default_factory=dict, compare=False)
    """All that was kept with it: `why`, `gate`, `model`, `version`, …."""


@dataclass(frozen=True, slots=True)
class Champion:
    """The run that others on its data set are measured against."""

    rid: int
    uid: str
    name: str
    unit: Unit
    standing: Standing


def standings(cursor: Cursor, lens: Lens = PLAIN) -> dict[int, Standing]:
    """Of every run that was given a stage, whatever its scope; those of which it was taken back are left out."""
    found = {}
    for rid, said in fetch(cursor, _IN_FORCE):
        value = json.loads(said["val"])
        if isinstance(value, dict):
            found[rid] = Standing(stage_of(value, lens.stages), said["who"], said["since"], value)
    return found


def champions(
    cursor: Cursor,
    scope: Scope,
    lens: Lens = PLAIN,
    together: Mapping[Unit, Sequence[int]] | None = None,
    names_of: Called = called,
) -> dict[Unit, Champion]:
    """By what results are compared in: the run whose stage is the last one and that was promoted last.

    Args:
        scope: Where champions are looked for.
        together: The runs of the scope by what they are compared in, where that is known (`found_units`).
    """
    last = {rid: said for rid, said in standings(cursor, lens).items() if said.stage == lens.stages[-1]}
    if not last:
        return {}
    if together is None:
        place = inside(scope)
        rids = [rid for (rid,) in fetch(cursor, f"SELECT r.rid FROM runs_now r WHERE {place.sql}", place.params)]
        together = found_units(cursor, scope, rids, lens)
    shorter = names_of(cursor, scope)
    told = {
        rid: (uid, shorter.get(rid, name))
        for rid, uid, name in fetch(
            cursor,
            "SELECT r.rid, r.uid, r.name FROM runs_now r WHERE r.rid IN (SELECT unnest(?::BIGINT[]))",
            (list(last),),
        )
    }
    found = {}
    for unit, members in together.items():
        crowned = [rid for rid in members if rid in last and rid in told]
        if crowned:
            rid = max(crowned, key=lambda rid: (last[rid].since, rid))
            found[unit] = Champion(rid, *told[rid], unit, last[rid])
    return found
