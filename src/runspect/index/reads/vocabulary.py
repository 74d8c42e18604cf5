"""What there is to ask for in a set of runs: params, metrics, facts and tags, with how often."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from runspect import columns
from runspect.columns import Lens, Names
from runspect.columns.baseline import BASES
from runspect.columns.baseline import KEY as BASELINE
from runspect.columns.computed import COMPUTED
from runspect.columns.datasets import dataset_rows
from runspect.columns.hypotheses import TESTED
from runspect.columns.lens import PLAIN
from runspect.columns.stages import KEY as STAGE
from runspect.columns.stages import SAID
from runspect.index.reads.scope import WRITTEN_OUT, Condition, Cursor, Scope, among, fetch, held
from runspect.index.reads.tested import anything
from runspect.index.reads.told import metric_names
from runspect.index.reads.usual import UsualOf, usual
from runspect.model import Json
from runspect.objective import direction
from runspect.query import complete as language

_FIELD_VALUES = {
    "state": "state", "name": "name", "project": "project", "group": "grp", "host": "host", "owner": "owner",
    "parent": "parent", "path": "path", "tools": "tool",
}  # fmt: skip
"""Built-in fields whose observed values can be offered, as SQL over `runs_now`."""

CANDIDATES = 256
"""Names that are considered for the usual columns."""

MOST_SHAPES = 500
"""Sets of names that are considered for the usual columns."""

USUAL_PARAMS = 12
"""Params that are offered for the usual columns; a table takes as many of them as it likes."""

MOST_VALUES = 50
"""Observed values that are offered for a field."""

Observed = list[tuple[str, int]]
"""(value, runs that have it), the most frequent first."""
Remembered = Callable[[tuple[str, str], Callable[[], Observed]], Observed]
"""Gives what was observed of a (kind, name), or asks."""

_CHOSEN = "chosen"

NamesIn = Callable[[Cursor, Scope], Names]
"""Says which names a query or a column spec may use."""

_NAMES = (
    "SELECT DISTINCT 'params', key FROM cfg_now WHERE {member} "
    "UNION ALL SELECT 'metrics', name FROM metrics WHERE mid IN ({mids}) "
    "UNION ALL SELECT DISTINCT 'facts', name FROM facts_now WHERE {member}"
)


def logged_names(cursor: Cursor, scope: Scope, usual_of: UsualOf = usual) -> Names:
    """The names that logs tell: all but the tags."""
    rids = usual_of(cursor, scope).every.rids
    few = held(cursor, rids)
    if len(rids) <= WRITTEN_OUT:
        mids = f"SELECT mid FROM series_now WHERE {few.sql}"
    else:
        mids = ", ".join(map(str, _metrics_of_many(cursor, few))) or "NULL"
    found: dict[str, list[str]] = {"params": [], "metrics": [], "facts": []}
    for kind, name in fetch(cursor, _NAMES.format(member=few.sql, mids=mids)):
        found[kind].append(name)
    return Names(**{kind: tuple(sorted(listed)) for kind, listed in found.items()})


def names(cursor: Cursor, scope: Scope, usual_of: UsualOf = usual, logged: NamesIn | None = None) -> Names:
    """The names that a query or a column spec may use; `logged` says those that logs tell."""
    found = logged_names(cursor, scope, usual_of) if logged is None else logged(cursor, scope)
    few = held(cursor, usual_of(cursor, scope).every.rids)
    tags = fetch(cursor, f"SELECT DISTINCT tag FROM tags_now WHERE {few.sql}")
    return replace(found, tags=tuple(sorted(tag for (tag,) in tags)))


def _metrics_of_many(cursor: Cursor, members: Condition) -> list[int]:
    """Metrics that some of the runs have; the newest rows are looked for only of those that were taken back somewhere."""
    rows = fetch(cursor, f"SELECT mid, bool_and(live) FROM series WHERE {members.sql} GROUP BY mid", members.params)
    found = [mid for mid, sure in rows if sure]
    if len(found) == len(rows):
        return found
    doubtful = among([mid for mid, sure in rows if not sure], "mid")
    current = fetch(
        cursor,
        "SELECT DISTINCT mid FROM series s JOIN "
        f"(SELECT rid, mid, max(upd) AS upd FROM series WHERE {doubtful.sql} GROUP BY rid, mid) newest USING (rid, mid, upd) "
        f"WHERE s.live AND {members.sql}",
        (*doubtful.params, *members.params),
    )
    return found + [mid for (mid,) in current]


def choices(
    cursor: Cursor, scope: Scope, rids: list[int] | None = None, lens: Lens = PLAIN, usual_of: UsualOf = usual
) -> dict[str, Json]:
    """Params with their distinct values, metrics, facts and tags of the scope, or of `rids` alone; most frequent first.

    `usual_params`, `usual_metrics` and `usual_words` are those that a table of these runs shows when nobody chose any. `objective` is a
    column spec, that of the policy if these runs have its metric, else guessed; `directions` are those of the policy.
    """
    # in a table of its own: comparisons may be asked meanwhile
    member = held(cursor, usual_of(cursor, scope).every.rids if rids is None else rids, table=_CHOSEN)
    params = fetch(
        cursor,
        "SELECT key, count(*) AS runs, count(DISTINCT val) FROM cfg_now "
        f"WHERE {member.sql} GROUP BY key ORDER BY runs DESC, key",
        member.params,
    )
    shapes = _metric_shapes(cursor, member)
    metrics = _counts(shapes)
    objective = objective_of(cursor, member, {str(metric["name"]) for metric in metrics}, lens)
    watched = _usual_metrics(shapes, metrics, lens, objective)
    return {
        "params": [{"name": name, "runs": runs, "distinct": distinct} for name, runs, distinct in params],
        "usual_params": _usual_params(cursor, member, params),
        "metrics": metrics,
        "usual_metrics": watched,
        "usual_words": _usual_words(cursor, member, lens),
        "objective": _judged_by(watched, objective),
        "directions": dict(lens.directions),
        "facts": _counted(cursor, "name", "facts_now", member),
        "tags": _counted(cursor, "tag", "tags_now", member),
    }


def objective_of(cursor: Cursor, member: Condition, metrics: Collection[str], lens: Lens) -> str:
    """The policy's objective for these runs: that of their data set where those that name one name the same.

    Args:
        metrics: Those that these runs have; an objective by another one is none.
    """
    own = lens.objective
    if lens.objectives:
        rows, params = dataset_rows(lens.dataset_keys, lens.datasets)
        statement = f"SELECT DISTINCT q.v FROM ({rows}) q WHERE q.{member.sql} LIMIT 2"
        named = fetch(cursor, statement, (*params, *member.params))
        own = lens.objective_of(named[0][0] if len(named) == 1 else None)
    return next((spec for spec in (own, lens.objective) if spec and columns.parse_column(spec).name in metrics), "")


def _usual_params(cursor: Cursor, member: Condition, params: Sequence[tuple[str, int, int]]) -> list[Json]:
    telling = columns.varying(params, limit=CANDIDATES)
    shapes = _shapes(cursor, "key", "cfg_now", member, telling)
    return list(columns.fair_params(telling, shapes, USUAL_PARAMS))


def _usual_words(cursor: Cursor, member: Condition, lens: Lens) -> list[Json]:
    """Columns of what people write that some run has."""
    found: list[Json] = []
    if anything(cursor):
        ((tested, judged),) = fetch(
            cursor,
            f"SELECT count(t.words), count(t.verdict) FROM ({TESTED}) t WHERE t.{member.sql}",
            member.params,
        )
        found += [name for name, runs in (("hypothesis", tested), ("verdict", judged)) if runs]
    if _is_measured(cursor, member, lens):
        found += ["vs", "vs:sigmas"] if lens.comparisons.has_noise else ["vs"]
    staged = fetch(cursor, f"SELECT 1 FROM ann_now a WHERE a.key = '{STAGE}' AND a.{member.sql} LIMIT 1", member.params)
    found += [name for name, is_there in (("stage", staged), ("gate", lens.has_gates)) if is_there]
    noted = fetch(cursor, f"SELECT 1 FROM ann_now a WHERE a.key = 'note' AND a.{member.sql} LIMIT 1", member.params)
    return [*found, "note"] if noted else found


def _is_measured(cursor: Cursor, member: Condition, lens: Lens) -> bool:
    """Whether some run has a marked baseline, or is a champion: whoever said so wants to see how the others do."""
    if not fetch(cursor, "SELECT 1 FROM ann WHERE key IN (?, ?) LIMIT 1", (BASELINE, STAGE)):
        return False
    crowned = f"SELECT s.rid FROM ({SAID}) s WHERE s.v = ? AND s.{member.sql} LIMIT 1"
    based = f"SELECT b.rid FROM ({BASES}) b WHERE b.{member.sql} LIMIT 1"
    return bool(fetch(cursor, crowned, (lens.stages[-1], *member.params)) or fetch(cursor, based, member.params))


def _metric_shapes(cursor: Cursor, member: Condition) -> list[tuple[frozenset[str], int]]:
    """Which metrics go together, in how many runs: found once, for it takes the newest rows of all series."""
    rows = fetch(
        cursor,
        "SELECT shape, count(*) FROM (SELECT s.rid, list(s.mid ORDER BY s.mid) AS shape FROM series s "
        "JOIN (SELECT rid, mid, max(upd) AS upd FROM series GROUP BY rid, mid) newest USING (rid, mid, upd) "
        f"WHERE s.live AND s.{member.sql} GROUP BY s.rid) GROUP BY shape",
        member.params,
    )
    names = metric_names(cursor, {mid for shape, _ in rows for mid in shape})
    return [(frozenset(names[mid] for mid in shape), runs) for shape, runs in rows]


def _counts(shapes: Sequence[tuple[frozenset[str], int]]) -> list[Json]:
    counts: dict[str, int] = {}
    for shape, runs in shapes:
        for name in shape:
            counts[name] = counts.get(name, 0) + runs
    return [{"name": name, "runs": runs} for name, runs in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]


def _usual_metrics(
    shapes: Sequence[tuple[frozenset[str], int]],
    metrics: Sequence[Mapping[str, Json]],
    lens: Lens,
    objective: str,
) -> list[Json]:
    """The policy's objective first, where these runs have it; then what is guessed."""
    known = [str(metric["name"]) for metric in metrics]
    judged = [name for name in known if direction(name, lens.directions) is not None][:CANDIDATES]
    merged: dict[frozenset[str], int] = {}
    for shape, runs in shapes:
        if kept := shape.intersection(judged):
            merged[kept] = merged.get(kept, 0) + runs
    asked = columns.parse_column(objective).name if objective else ""
    return [name for name in dict.fromkeys((asked, *columns.fair_metrics([*merged.items()]))) if name in known]


def _judged_by(usual: Sequence[Json], objective: str) -> str:
    if not usual:
        return ""
    return objective if objective and columns.parse_column(objective).name == usual[0] else f"{usual[0]}:best"


def _shapes(
    cursor: Cursor, column: str, view: str, member: Condition, names: Sequence[str]
) -> list[tuple[frozenset[str], int]]:
    """Which of `names` go together, in how many runs; the most frequent sets alone where nearly every run has its own."""
    if not names:
        return []
    rows = fetch(
        cursor,
        f"SELECT shape, count(*) FROM (SELECT rid, list({column} ORDER BY {column}) AS shape FROM {view} "
        f"WHERE {member.sql} AND {column} IN (SELECT unnest(?::VARCHAR[])) GROUP BY rid) GROUP BY shape "
        f"ORDER BY count(*) DESC, shape LIMIT {MOST_SHAPES}",
        (*member.params, list(names)),
    )
    return [(frozenset(shape), runs) for shape, runs in rows]


def at_once(what: tuple[str, str], ask: Callable[[], Observed]) -> Observed:
    """Nothing is remembered."""
    return ask()


def complete(
    cursor: Cursor,
    scope: Scope,
    query: str,
    position: int,
    known: NamesIn = names,
    lens: Lens = PLAIN,
    usual_of: UsualOf = usual,
    remembered: Remembered = at_once,
) -> dict[str, Json]:
    """What may stand at `position` of a query: `start`, and `items` as [text, what it is].

    Args:
        remembered: Knows what was observed of a kind and a name before, as long as it stands.
    """
    there = known(cursor, scope)

    def observed(kind: str, name: str) -> Observed:
        rids = usual_of(cursor, scope).every.rids
        if kind == "field" and name in COMPUTED:
            return _computed_values(cursor, rids, name, there, lens)
        return remembered((kind, name), lambda: values_of(cursor, rids, kind, name))

    found = language.complete(query, position, there, observed)
    return {"start": found.start, "items": [list(item) for item in found.items]}


def values_of(
    cursor: Cursor, rids: Sequence[int], kind: str, name: str, limit: int = MOST_VALUES
) -> list[tuple[str, int]]:
    """(value, runs that have it) of a param, fact, field or tag, the most frequent first.

    Values of params and facts are JSON text; those of the built-in fields are plain.
    """
    member = held(cursor, rids)
    params: tuple[str, ...] = (name,)
    if kind in ("param", "fact"):
        view, column = ("cfg_now", "key") if kind == "param" else ("facts_now", "name")
        source, value = f"(SELECT rid, val FROM {view} WHERE {column} = ?)", "val"
    elif kind == "tag":
        source, value, params = "tags_now", "tag", ()
    elif kind == "field" and name in _FIELD_VALUES:
        split = "(SELECT rid, unnest(string_split(tools, ',')) AS tool FROM runs_now)"
        source, value, params = split if name == "tools" else "runs_now", _FIELD_VALUES[name], ()
    else:
        return []
    rows = fetch(
        cursor,
        f"SELECT {value} AS told, count(*) AS runs FROM {source} WHERE {member.sql} AND {value} IS NOT NULL "
        f"GROUP BY told ORDER BY runs DESC, told LIMIT {int(limit)}",
        (*params, *member.params),
    )
    return [(str(told), runs) for told, runs in rows]


def _computed_values(cursor: Cursor, rids: Sequence[int], name: str, there: Names, lens: Lens) -> list[tuple[str, int]]:
    """As `values_of`, of a field that takes more than the run's row."""
    sql, params = COMPUTED[name](there, lens)  # it may ask the index as well
    member = held(cursor, rids)
    rows = fetch(
        cursor,
        f"SELECT q.v, count(*) AS runs FROM ({sql}) q WHERE q.v IS NOT NULL AND {member.sql} GROUP BY q.v "
        f"ORDER BY runs DESC, q.v LIMIT {MOST_VALUES}",
        (*params, *member.params),
    )
    return [(str(value), runs) for value, runs in rows]


def _counted(cursor: Cursor, column: str, view: str, member: Condition) -> list[Json]:
    rows = fetch(
        cursor,
        f"SELECT {column}, count(*) AS runs FROM {view} WHERE {member.sql} GROUP BY {column} ORDER BY runs DESC, {column}",
        member.params,
    )
    return [{"name": name, "runs": runs} for name, runs in rows]
