"""Every run below a policy's directory as the gates of that policy see it: one look at the index for all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from runspect import columns
from runspect.columns import Column, Lens, Names
from runspect.columns.computed import COMPUTED
from runspect.columns.provenance import PARTS, WEIGHTS, score, share, sign_rows, signs_of
from runspect.columns.stages import KEY as STAGE
from runspect.columns.table import TOOK
from runspect.dataclass import dataclass, field
from runspect.errors import UsageError
from runspect.index.reads.called import Called, called
from runspect.index.reads.champions import Champion, Standing, champions, standings
from runspect.index.reads.judges import judges, numbers, way_of
from runspect.index.reads.scope import Cursor, fetch, inside
from runspect.index.reads.units import found_units
from runspect.index.reads.vocabulary import NamesIn
from runspect.index.reads.vocabulary import names as names_in
from runspect.objective import Direction
from runspect.policy.gates import Change, Criterion, Gate, Guard, Origin, Part, Seeds, Spent, Threshold
from runspect.practice.best import Unit
from runspect.practice.configs import is_seed
from runspect.practice.gates import LIVE, Handed, Outcome, Reference, Subject, judge, next_stage, ways_to
from runspect.practice.grouping import makes_no_config

Values = Mapping[str, Mapping[int, float | None]]
"""By column spec, then by rid; a spec that names nothing is missing."""

Group = tuple[Unit, str | None, int]
"""What runs of one config have in common: the data, the project and a hash of the params."""

_VALUE = "CASE WHEN c.num IS NOT NULL THEN hash(c.num) ELSE hash(c.val) END"
_PLACE = "regexp_matches(c.val, '^\"(/|~/|\\.{1,2}/|[A-Za-z]:\\\\)')"
"""A path says where, not what."""
# hashed once more: the hash of a pair is so simple that swapped values would cancel each other out
_HASH = f"bit_xor(hash(hash(c.key, {_VALUE})))"
_CONFIGS = (
    f"SELECT c.rid, {_HASH} FILTER (WHERE NOT list_contains(?::VARCHAR[], c.key) AND (c.num IS NOT NULL OR NOT {_PLACE})),"
    f" {_HASH} FILTER (WHERE list_contains(?::VARCHAR[], c.key)) FROM cfg c"
    " JOIN (SELECT rid, max(upd) AS upd FROM cfg GROUP BY rid) newest USING (rid, upd) WHERE c.live GROUP BY c.rid ORDER BY c.rid"
)
"""`SELECT rid, config, seed`."""
_SEED_FACTS = "SELECT f.rid, min(f.val) FROM facts_now f WHERE f.name IN ('seed', 'seeds') GROUP BY f.rid"


@dataclass(frozen=True, slots=True)
class Row:
    """What of a run decides which gates it comes to."""

    uid: str
    state: str
    reason: str
    project: str | None
    took: float | None
    unit: Unit


@dataclass(frozen=True, slots=True)
class Repeats:
    """Which runs have the same config, the seed aside."""

    group: Mapping[int, Group] = field(default_factory=dict)
    """Of each run with a config."""
    one_a_seed: Mapping[Group, Sequence[int]] = field(default_factory=dict)
    """By group: finished runs with different seeds."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is recorded of an origin."""

    score: int
    parts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Gated:
    """What one look at the index found; asking it looks at nothing else."""

    stages: tuple[str, ...]
    gates: tuple[Gate, ...]
    rows: Mapping[int, Row]
    standings: Mapping[int, Standing]
    champions: Mapping[Unit, Champion]
    objectives: Mapping[Unit, str]
    values: Values
    ways: Mapping[str, Direction | None]
    repeats: Repeats | None
    origins: Mapping[int, Told]
    cost: Mapping[int, float | None]

    def stage(self, rid: int) -> str:
        """The stage that a run is in."""
        said = self.standings.get(rid)
        return said.stage if said is not None else self.stages[0]

    def outcome(self, rid: int, to: str = "", report: Handed | None = None) -> tuple[Outcome, Subject] | None:
        """What the gates before a stage, the next one if none is named, say of a run; None where no gate is about it."""
        row, now = self.rows[rid], self.stage(rid)
        stage = to or next_stage(self.stages, now)
        gates = ways_to(self.gates, self.stages, now, stage, row.unit.dataset, row.project) if stage else []
        if not gates:
            return None
        subject = self._subject(rid, report)
        return judge(stage, gates, subject), subject

    def words(self) -> dict[int, str]:
        """The column `gate` of every run that has ended."""
        return {
            rid: answer[0].text
            for rid, row in self.rows.items()
            if row.state not in LIVE and (answer := self.outcome(rid)) is not None
        }

    def _subject(self, rid: int, report: Handed | None) -> Subject:
        row, champion = self.rows[rid], self.champions.get(self.rows[rid].unit)
        objective = self.objectives.get(row.unit, "")
        origin = self.origins.get(rid)
        return Subject(
            state=row.state,
            reason=row.reason,
            place=row.unit.title if row.unit.dataset is not None else "",
            objective=objective,
            measures=self._measures(rid),
            ways=self.ways,
            reference=None if champion is None or champion.rid == rid else self._reference(champion),
            is_champion=champion is not None and champion.rid == rid,
            seeds=self._seeds(rid),
            seed_values=lambda spec: self._seed_values(rid, spec),
            provenance=None if origin is None else origin.score,
            parts={} if origin is None else origin.parts,
            spent={"took": row.took, "cost": self.cost.get(rid)},
            report=report,
        )

    def _measures(self, rid: int) -> dict[str, float | None]:
        return {spec: known.get(rid) for spec, known in self.values.items()}

    def _reference(self, champion: Champion) -> Reference:
        rid = champion.rid
        return Reference(champion.name, self._measures(rid), lambda spec: self._seed_values(rid, spec))

    def _seeds(self, rid: int) -> int | None:
        if self.repeats is None or rid not in self.repeats.group:
            return None
        return len(self.repeats.one_a_seed.get(self.repeats.group[rid], ()))

    def _seed_values(self, rid: int, spec: str) -> list[float]:
        if self.repeats is None or rid not in self.repeats.group:
            return []
        known = self.values.get(spec, {})
        told = (known.get(each) for each in self.repeats.one_a_seed.get(self.repeats.group[rid], ()))
        return [value for value in told if value is not None]


def gated(
    cursor: Cursor,
    root: str,
    gates: Sequence[Gate],
    lens: Lens,
    ignore: Sequence[str] = (),
    known: NamesIn = names_in,
    names_of: Called = called,
) -> Gated:
    """All runs below the directory of a policy.

    Args:
        lens: What that policy says, whoever asks.
        ignore: Globs of params that make no config another one.
    """
    scope = (root,)
    names, criteria = known(cursor, scope), [criterion for gate in gates for criterion in gate.criteria]
    rows = _rows(cursor, root, lens)
    together: dict[Unit, list[int]] = defaultdict(list)
    for rid, row in rows.items():
        together[row.unit].append(rid)
    objectives = _objectives(cursor, together, criteria, names, lens)
    wanted = _columns(criteria, objectives, names)
    compares = any(isinstance(each, Change | Seeds) for each in criteria)
    return Gated(
        stages=lens.stages,
        gates=tuple(gates),
        rows=rows,
        standings=standings(cursor, lens),
        champions=champions(cursor, scope, lens, together, names_of),
        objectives=objectives,
        values={spec: numbers(cursor, column, names, lens) for spec, column in wanted.items()},
        ways={spec: way_of(column, lens) for spec, column in wanted.items()},
        repeats=_repeats(cursor, rows, names, ignore) if compares else None,
        origins=_origins(cursor, names, lens) if any(isinstance(each, Origin | Part) for each in criteria) else {},
        cost=_cost(cursor, criteria, names, lens),
    )


def depends_on(cursor: Cursor) -> tuple[object, ...]:
    """Another value whenever `gated` may find something else of a run that has ended: what live runs log is left out."""
    live = ", ".join(repr(state) for state in LIVE)
    newest = ", ".join(
        f"(SELECT max(upd) FROM {table} WHERE rid NOT IN (SELECT rid FROM living))"
        for table in ("cfg", "facts", "series")
    )
    ((*found,),) = fetch(
        cursor,
        "WITH living AS MATERIALIZED (SELECT rid FROM (SELECT rid, arg_max(state, upd) AS state FROM runs GROUP BY rid)"
        f" WHERE state IN ({live})) SELECT {newest},"
        " (SELECT max(upd) FROM runs WHERE rid NOT IN (SELECT rid FROM living)), (SELECT count(*) FROM living),"
        " (SELECT count(*) FROM ids),"
        f" (SELECT struct_pack(n := count(*), ts := max(ts)) FROM ann WHERE key IN ('{STAGE}', 'project', 'name'))",
    )
    return tuple(map(str, found))


def _rows(cursor: Cursor, root: str, lens: Lens) -> dict[int, Row]:
    place = inside((root,))
    told = fetch(
        cursor,
        f"SELECT r.rid, r.uid, r.state, r.reason, r.project, {TOOK} FROM runs_now r WHERE {place.sql}",
        place.params,
    )
    found = found_units(cursor, (root,), [row[0] for row in told], lens)
    unit_of = {rid: unit for unit, rids in found.items() for rid in rids}
    return {
        rid: Row(uid, state, reason, project, took, unit_of[rid]) for rid, uid, state, reason, project, took in told
    }


def _objectives(
    cursor: Cursor, together: Mapping[Unit, Sequence[int]], criteria: Sequence[Criterion], names: Names, lens: Lens
) -> dict[Unit, str]:
    """By what the runs of each unit are judged, where a criterion asks for that."""
    if not any(isinstance(each, Change) and not each.spec for each in criteria):
        return {}
    judged = judges(cursor, together, "", None, names, lens)
    return {unit: judge.column.spec for unit, judge in judged.items() if judge is not None}


def _columns(criteria: Sequence[Criterion], objectives: Mapping[Unit, str], names: Names) -> dict[str, Column]:
    """The columns that are measured; what names nothing here is left out."""
    specs = [each.spec for each in criteria if isinstance(each, Threshold | Change | Guard) and each.spec]
    found = {}
    for spec in dict.fromkeys((*specs, *objectives.values())):
        try:
            found[spec] = columns.resolve(columns.parse_column(spec), names)
        except UsageError:
            continue
    return found


def _repeats(cursor: Cursor, rows: Mapping[int, Row], names: Names, ignore: Sequence[str]) -> Repeats:
    """Configs are compared by hashes of their names and values, with and without the seed, in one pass over all params."""
    left_out = [param for param in names.params if makes_no_config(param, ignore)]
    seeds = [param for param in left_out if is_seed(param)]
    seed_facts: dict[int, str] = dict(fetch(cursor, _SEED_FACTS))
    group: dict[int, Group] = {}
    one_of: dict[Group, dict[tuple[int | None, str | None], int]] = defaultdict(dict)
    for rid, config, seed in fetch(cursor, _CONFIGS, (left_out, seeds)):
        row = rows.get(rid)
        if row is None or config is None:
            continue
        key = group[rid] = (row.unit, row.project, config)
        if row.state == "finished":
            one_of[key].setdefault((seed, seed_facts.get(rid)), rid)
    return Repeats(group, {key: tuple(found.values()) for key, found in one_of.items()})


def _origins(cursor: Cursor, names: Names, lens: Lens) -> dict[int, Told]:
    """Few combinations of signs are those of all runs."""
    weights, known = lens.provenance or WEIGHTS, dict[int, Told]()
    found = {}
    for rid, bits in fetch(cursor, *sign_rows(names, lens)):
        if bits not in known:
            signs = signs_of(bits)
            known[bits] = Told(score(signs, weights), {part: share(part, signs) for part in PARTS})
        found[rid] = known[bits]
    return found


def _cost(cursor: Cursor, criteria: Sequence[Criterion], names: Names, lens: Lens) -> dict[int, float | None]:
    if not any(isinstance(each, Spent) and each.what == "cost" for each in criteria):
        return {}
    rows: Callable[[Names, Lens], tuple[str, tuple[object, ...]]] = COMPUTED["cost"]
    sql, params = rows(names, lens)
    return dict(fetch(cursor, f"SELECT q.rid, q.v FROM ({sql}) q", params))
