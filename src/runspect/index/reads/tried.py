"""Which runs have a config, or nearly: candidates out of the index, judged by `practice.tried`."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime

from runspect.columns import Lens
from runspect.columns.datasets import dataset_of, dataset_rows
from runspect.columns.lens import PLAIN
from runspect.columns.sql import NUMBER_OF
from runspect.dataclass import dataclass
from runspect.index.reads import told
from runspect.index.reads.called import Called, called
from runspect.index.reads.judges import judges, numbers
from runspect.index.reads.plain import moment
from runspect.index.reads.scope import Condition, Cursor, Scope, among, fetch
from runspect.index.reads.table import matching, window
from runspect.index.reads.units import found_units
from runspect.index.reads.vocabulary import NamesIn
from runspect.index.reads.vocabulary import names as names_in
from runspect.masking import mask
from runspect.model import Json
from runspect.practice.configs import Counts, config_of, typed
from runspect.practice.tried import Asked, Candidate, Known, Match, matches

CANDIDATES = 500
"""Runs whose whole config is looked at: those with most equal params."""
MOST_EQUAL = 50
"""Runs with an equal config that are listed."""
_COLUMNS = ("started", "ended", "updated", "took", "commit", "note")


@dataclass(frozen=True, slots=True)
class Looked:
    """What is looked for."""

    params: Mapping[str, Json]
    query: str = ""
    partial: bool = False
    """Only the params that are named are compared."""
    apart_from: int | None = None
    """The run whose config it is."""
    most: int = 5
    """Nearest runs that are told."""


def tried(
    cursor: Cursor,
    scope: Scope,
    looked: Looked,
    counts: Counts,
    known: NamesIn = names_in,
    lens: Lens = PLAIN,
    names_of: Called = called,
    runs: told.Runs = told.PLAIN,
    show_secrets: bool = False,
) -> dict[str, Json]:
    """The runs with an equal config, and the nearest others.

    Args:
        counts: Whether two configs that differ in this param alone are two configs.

    Returns:
        {params, ignored: [param], unknown: [param], partial, dataset, runs, without_config, finished: uid or null,
        equal_runs: how many there are, 500 at most, equal: [run], nearest: [run]}; a run is {rid, uid, name, state, reason, started, ended, took, commit, seed, note,
        dataset, metric, value, direction, distance, changes: [{param, wanted, run}], defaults: [param]}. `equal` has those that
        finished first. `unknown` are params that no run tells.

    Raises:
        QueryError: The query could not be understood.
    """
    rids = [rid for rid in matching(cursor, scope, looked.query, known=known, lens=lens) if rid != looked.apart_from]
    history = _history(cursor, rids, counts)
    config = config_of(looked.params, counts, lens)
    # where runs tell their data set otherwise than by this param, the data sets are compared
    config = {key: value for key, value in config.items() if key in history or key not in lens.dataset_keys}
    asked = Asked(config, _dataset(looked.params, lens), looked.partial)
    near = _candidates(cursor, rids, asked.config, [key for key, each in history.items() if each.only is None])
    configs = runs.params(cursor, near) if near else {}
    datasets = _datasets(cursor, near, lens)
    candidates = [
        Candidate(
            rid,
            config_of({key: _loaded(word.val) for key, word in configs[rid].items()}, counts, lens),
            datasets.get(rid),
        )
        for rid in near
        if rid in configs
    ]
    with_config = _with_config(cursor, rids)
    found = matches(asked, [each for each in candidates if each.config], history, with_config)
    equal = [match for match in found if not match.changes][:MOST_EQUAL]
    others = [match for match in found if match.changes][: looked.most]
    shown = _Shown(cursor, scope, known, lens, names_of, runs, show_secrets).runs([*equal, *others], datasets)
    told_equal = sorted((shown[match.rid] for match in equal), key=lambda run: run["state"] != "finished")
    return {
        "params": len(asked.config),
        "ignored": sorted(key for key in looked.params if key not in asked.config and key not in lens.dataset_keys),
        "unknown": sorted(key for key in asked.config if key not in history),
        "partial": looked.partial,
        "dataset": asked.dataset,
        "runs": len(rids),
        "without_config": len(rids) - with_config,
        "finished": next((run["uid"] for run in told_equal if run["state"] == "finished"), None),
        "equal_runs": sum(not match.changes for match in found),
        "equal": told_equal,
        "nearest": [shown[match.rid] for match in others],
    }


@dataclass(frozen=True, slots=True)
class _Shown:
    """Makes the objects of runs: what came of them."""

    cursor: Cursor
    scope: Scope
    known: NamesIn
    lens: Lens
    names_of: Called
    told: told.Runs
    show_secrets: bool

    def runs(self, found: Sequence[Match], datasets: Mapping[int, str]) -> dict[int, dict[str, Json]]:
        """By rid."""
        rids = [match.rid for match in found]
        if not rids:
            return {}
        rows = window(
            self.cursor, self.scope, rids, _COLUMNS, self.show_secrets, self.known, self.told, self.names_of, self.lens
        )
        by_rid, outcomes, seeds = (
            {row.rid: row for row in rows},
            self._outcomes(rids),
            self.told.facts(self.cursor, rids),
        )
        made: dict[int, dict[str, Json]] = {}
        for match in found:
            row = by_rid[match.rid]
            started, ended, updated, took, commit, note = row.values
            seed = seeds.get(match.rid, {}).get("seed")
            made[match.rid] = {
                "rid": row.rid,
                "uid": row.uid,
                "name": row.name,
                "state": row.state,
                "reason": row.reason,
                "started": _iso(started),
                "ended": _iso(ended or updated),
                "took": took,
                "commit": commit,
                "seed": None if seed is None else _loaded(seed.val),
                "note": note,
                "dataset": datasets.get(match.rid),
                **outcomes[match.rid],
                "distance": match.distance,
                "changes": [self._change(match, at) for at in range(len(match.changes))],
                "defaults": list(match.defaults),
            }
        return made

    def _outcomes(self, rids: Sequence[int]) -> dict[int, dict[str, Json]]:
        """The value by which each run is judged."""
        together = found_units(self.cursor, self.scope, rids, self.lens)
        names = self.known(self.cursor, self.scope)
        judged = judges(self.cursor, together, "", None, names, self.lens)
        found: dict[int, dict[str, Json]] = {}
        for unit, members in together.items():
            judge = judged[unit]
            values = {} if judge is None else numbers(self.cursor, judge.column, names, self.lens)
            for rid in members:
                found[rid] = {
                    "metric": None if judge is None else judge.column.spec,
                    "value": values.get(rid),
                    "direction": None if judge is None else judge.way,
                }
        return found

    def _change(self, match: Match, at: int) -> dict[str, Json]:
        change = match.changes[at]
        shown: Callable[[str, Json], Json] = (lambda key, value: value) if self.show_secrets else mask
        return {
            "param": change.param,
            "wanted": shown(change.param, change.one),
            "run": shown(change.param, change.other),
        }


def _dataset(params: Mapping[str, Json], lens: Lens) -> str | None:
    return dataset_of(params, lens.dataset_keys, lens.datasets)


def _datasets(cursor: Cursor, rids: Sequence[int], lens: Lens) -> dict[int, str]:
    if not rids:
        return {}
    few, (rows, params) = among(rids, "q.rid"), dataset_rows(lens.dataset_keys, lens.datasets)
    return dict(fetch(cursor, f"SELECT q.rid, q.v FROM ({rows}) q WHERE {few.sql}", (*params, *few.params)))


def _with_config(cursor: Cursor, rids: Collection[int]) -> int:
    few = among(list(rids))
    ((found,),) = fetch(cursor, f"SELECT count(DISTINCT rid) FROM cfg_now WHERE {few.sql}", few.params)
    return int(found)


def _history(cursor: Cursor, rids: Sequence[int], counts: Counts) -> dict[str, Known]:
    few = among(rids)
    rows = fetch(
        cursor,
        "SELECT key, count(*), count(DISTINCT coalesce(CAST(num AS VARCHAR), val)), any_value(val), min(num), max(num) "
        f"FROM cfg_now WHERE {few.sql} AND val <> 'null' GROUP BY key",
        few.params,
    )
    return {
        key: Known(runs, typed(_loaded(val)) if values == 1 else None, low, high)
        for key, runs, values, val, low, high in rows
        if counts(key)
    }


def _candidates(cursor: Cursor, rids: Sequence[int], config: Mapping[str, Json], varied: Sequence[str]) -> list[int]:
    """The runs with a config whose params are mostly equal, of those the ones with fewest others, newest first."""
    wanted = [(key, *_looked(value)) for key, value in config.items()]
    few = among(rids, "c.rid")
    scored = Condition(
        "SELECT c.rid, count_if(CASE WHEN w.num IS NOT NULL THEN abs("
        f"{NUMBER_OF} - w.num) <= 1e-6 * abs(w.num) ELSE lower(trim(c.val, '\"')) = w.text END) AS equal, "
        "count_if(w.key IS NULL AND list_contains(?::VARCHAR[], c.key)) AS others FROM cfg_now c "
        "LEFT JOIN (SELECT unnest(?::VARCHAR[]) AS key, unnest(?::DOUBLE[]) AS num, unnest(?::VARCHAR[]) AS text) w "
        f"ON w.key = c.key WHERE {few.sql} GROUP BY c.rid",
        (list(varied), *([each[at] for each in wanted] for at in range(3)), *few.params),
    )
    rows = fetch(
        cursor,
        f"SELECT s.rid FROM ({scored.sql}) s JOIN runs_now r ON r.rid = s.rid "
        f"ORDER BY s.equal DESC, s.others, r.state <> 'finished', r.started DESC NULLS LAST, s.rid DESC LIMIT {CANDIDATES}",
        scored.params,
    )
    return [rid for (rid,) in rows]


def _looked(value: Json) -> tuple[float | None, str]:
    """(number, text) that a value is found by."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return float(value), ""
        except OverflowError:
            return None, str(value)
    return None, (value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))).lower()


def _iso(seconds: float | None) -> str | None:
    return None if seconds is None else moment(datetime.fromtimestamp(seconds, UTC))


def _loaded(text: str) -> Json:
    try:
        return json.loads(text)
    except ValueError:
        return text
