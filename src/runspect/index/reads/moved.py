"""What the params of a set of runs do to a metric: values out of the index, judged by `practice.importance`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from runspect import columns
from runspect.columns import Column, Lens, Names
from runspect.columns.lens import PLAIN
from runspect.errors import NotFound, UsageError
from runspect.index.reads.recorded_aims import agreed, aim, aims_of, spec_of
from runspect.index.reads.scope import Cursor, Scope, among, fetch
from runspect.index.reads.table import matching
from runspect.index.reads.vocabulary import NamesIn, objective_of
from runspect.index.reads.vocabulary import names as names_in
from runspect.masking import MASK, mask
from runspect.model import Json
from runspect.objective import guess
from runspect.practice.importance import LEAST, MOST_LEVELS, Effect, importance


def moved(
    cursor: Cursor,
    scope: Scope,
    query: str = "",
    metric: str = "",
    known: NamesIn = names_in,
    lens: Lens = PLAIN,
    show_secrets: bool = False,
) -> dict[str, Json]:
    """The params that go with `metric` over the runs that match, strongest first.

    Args:
        metric: A column spec whose values are numbers; "" for the metric that these runs are judged by.

    Returns:
        {metric, direction, runs, measured, effects: [{param, kind, n, strength, rising, chance, stands_out,
        levels: [{value, n, median}], together: [[param, strength]]}]}.

    Raises:
        QueryError: The query could not be understood.
        UsageError: The metric could not be understood.
        NotFound: None of the runs has it.
    """
    rids = matching(cursor, scope, query, known=known, lens=lens)
    if not rids:
        return {"metric": metric, "direction": None, "runs": 0, "measured": 0, "effects": []}
    names = known(cursor, scope)
    column = _judged(cursor, rids, metric, names, lens)
    values = _values(cursor, rids, column, names, lens)
    params = _params(cursor, rids)
    judged = columns.judged(column, lens.directions)
    return {
        "metric": column.spec,
        "direction": judged,
        "runs": len(rids),
        "measured": sum(value is not None for value in values),
        "effects": [_shown(effect, show_secrets) for effect in importance(params, values)],
    }


def _judged(cursor: Cursor, rids: Sequence[int], metric: str, names: Names, lens: Lens) -> Column:
    if metric:
        column = columns.meant(metric, names)
        if column.kind not in ("metric", "at", "param", "fact", "formula", "delta") and column.name not in (
            "took",
            "steps",
            "cost",
            "differs",
        ):
            raise UsageError(f"{metric!r} is no number that params could move; name a metric such as val/loss:min")
        return column
    counted = fetch(
        cursor,
        f"SELECT name, count(DISTINCT rid) FROM series_now WHERE {among(rids).sql} GROUP BY name",
        among(rids).params,
    )
    objective = objective_of(cursor, among(rids), {name for name, _ in counted}, lens)
    if objective:
        return columns.resolve(columns.parse_column(objective), names)
    recorded = aim(agreed(list(aims_of(cursor, among(rids)).values())), dict(counted))
    if recorded is not None:
        metric, way = recorded
        way = lens.directions.get(metric, way)
        return replace(columns.resolve(columns.parse_column(spec_of(metric, way)), names), stated=way)
    guessed = guess((name, runs) for name, runs in counted)
    if guessed is not None:
        return columns.resolve(columns.parse_column(f"{guessed}:best"), names)
    if not counted:
        raise NotFound("none of these runs has a metric")
    common = min(counted, key=lambda entry: (-entry[1], len(entry[0]), entry[0]))[0]
    return columns.resolve(columns.parse_column(f"{common}:last"), names)


def _values(cursor: Cursor, rids: Sequence[int], column: Column, names: Names, lens: Lens) -> list[float | None]:
    sql, params = columns.value_sql(column, names, lens)
    few = among(rids, "r.rid")
    rows = fetch(cursor, f"SELECT r.rid, {sql} FROM runs_now r WHERE {few.sql}", (*params, *few.params))
    found = {rid: columns.decode(column, value) for rid, value in rows}
    values = [found.get(rid) for rid in rids]
    numbers = [float(each) if isinstance(each, int | float) and not isinstance(each, bool) else None for each in values]
    if all(number is None for number in numbers):
        raise NotFound(f"none of these runs has a number for {column.spec}")
    return numbers


def _params(cursor: Cursor, rids: Sequence[int]) -> dict[str, list[Json]]:
    """Of each param that may tell something its value in each run, None where it has none."""
    few = among(rids)
    rows = fetch(
        cursor,
        f"WITH told AS MATERIALIZED (SELECT rid, key, val, num FROM cfg_now WHERE {few.sql}), "
        "kept AS (SELECT key FROM told GROUP BY key HAVING count(*) >= ? AND count(DISTINCT val) > 1 "
        "AND (count(num) = count(*) OR count(DISTINCT val) <= ?)) "
        "SELECT rid, key, num, CASE WHEN num IS NULL THEN val END FROM told WHERE key IN (SELECT key FROM kept)",
        (*few.params, LEAST, MOST_LEVELS),
    )
    places = {rid: at for at, rid in enumerate(rids)}
    found: dict[str, list[Json]] = {}
    texts: dict[str, Any] = {}
    for rid, key, num, text in rows:
        if text is not None and text not in texts:
            texts[text] = _loaded(text)
        found.setdefault(key, [None] * len(rids))[places[rid]] = num if text is None else texts[text]
    return found


def _loaded(text: str) -> Json:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _shown(effect: Effect, show_secrets: bool) -> dict[str, Json]:
    levels = [{**asdict(level), "value": _level(effect.param, level.value, show_secrets)} for level in effect.levels]
    together: list[Json] = [list(pair) for pair in effect.together]
    return {**asdict(effect), "stands_out": effect.stands_out, "levels": levels, "together": together}


def _level(param: str, value: str, show_secrets: bool) -> Json:
    told = _loaded(value)
    if show_secrets:
        return told
    masked: Json = mask(param, told)
    return MASK if masked != told and isinstance(told, list | dict) else masked
