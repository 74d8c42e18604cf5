"""Runs against the rules, as SQL over the index: the signs of each run, which rules it breaks, and how many.

All signs are found in one statement that reads each table once: what a name stands for is looked up in a small table of
bits rather than decided row by row.
"""

from __future__ import annotations

from collections.abc import Sequence

from runspect.columns.hypotheses import HYPOTHESES, LINKS, SAID, STARTED
from runspect.columns.lens import Lens
from runspect.columns.lint_rules import Lint, Rule, Sign, means
from runspect.columns.names import Names
from runspect.columns.provenance import SIGNS
from runspect.model import Json

Rows = tuple[str, tuple[Json, ...]]

_ASKED = {Sign.COMMIT: "commit", Sign.SEED: "seed"}
"""Signs of a run's origin."""
_ORIGINS = {bit: next(sign for sign in SIGNS if sign.name == name) for bit, name in _ASKED.items()}

NAMED = (
    "SELECT p.*, coalesce(json_extract_string(n.val, '$'), p.name) AS called FROM (SELECT r.rid, r.name, r.state, r.started, r.updated,"
    " r.watch, r.project, r.hidden FROM runs r JOIN (SELECT rid, max(upd) AS upd FROM runs GROUP BY rid) USING (rid, upd)) p"
    " LEFT JOIN (SELECT rid, val FROM ann_now WHERE key = 'name') n ON n.rid = p.rid"
)
"""What of `runs_now` the rules take: the view finds more."""

_STANDARD = (
    " UNION ALL SELECT s.rid, 0, k.bits, 0 FROM series_now s"
    " JOIN (SELECT unnest(?::VARCHAR[]) AS name, unnest(?::BIGINT[]) AS bits) k ON k.name = s.name"
)

# Only what people linked can be late: a record holds what was known at the start, a branch counts for what began later.
# Points are read of the runs alone that began before the hypothesis was written.
_LATE = (
    f"WITH known AS MATERIALIZED ({HYPOTHESES}), links AS MATERIALIZED ({LINKS}),"  # noqa: S608 - constants
    f" said AS MATERIALIZED ({SAID}),"
    f" began AS MATERIALIZED ({STARTED}),"
    " doubtful AS MATERIALIZED (SELECT l.rid, h.written, b.began, (SELECT max(json_extract_string(s.val, '$')) FROM said s"
    " WHERE s.hyp = h.hyp AND s.key = 'metric' AND s.val <> 'null') AS metric"
    " FROM links l JOIN known h ON h.hyp = l.link.hyp LEFT JOIN began b ON b.rid = l.rid"
    " WHERE l.link.how = 'said' AND coalesce(h.written > b.began, true)"
    " AND h.hyp NOT IN (SELECT s.hyp FROM said s WHERE s.key = 'retrospective' AND s.val = 'true')),"
    " firsts AS (SELECT d.rid, coalesce(min(p.t) FILTER (WHERE m.name = d.metric), min(p.t)) AS first FROM points p"
    " JOIN doubtful d ON d.rid = p.rid JOIN segments_now g USING (segment) JOIN metrics m USING (mid) WHERE p.t IS NOT NULL GROUP BY d.rid)"
    " SELECT l.rid, d.rid IS NOT NULL AND coalesce(d.written > epoch(f.first), d.began IS NOT NULL) AS late FROM links l"
    " LEFT JOIN doubtful d ON d.rid = l.rid LEFT JOIN firsts f ON f.rid = l.rid WHERE l.link.words IS NOT NULL"
)
"""`SELECT rid, late`: the runs that test something, and whether that was written behind their first result."""


def sign_rows(names: Names, lens: Lens) -> Rows:
    """`SELECT rid, signs, standard, required` of every run that is not hidden: `Sign` as a number, and which of the metrics
    and params that the policy asks for it has, a bit each in the order of the policy."""
    lint = lens.lint
    params, param_bits, origin_bits = _param_bits(names, lint)
    metrics, metric_bits = _asked(names.metrics, lint.metrics)
    facts = sorted({name for sign in _ORIGINS.values() for name in sign.facts})
    of_facts = " ".join(
        f"WHEN f.name IN ({', '.join(repr(name) for name in sign.facts)}) AND regexp_full_match(f.val, '{sign.says}', 's') THEN {bit:d}"
        for bit, sign in _ORIGINS.items()
    )
    of_params = " | ".join(
        f"CASE WHEN k.origin & {bit:d} > 0 AND regexp_full_match(c.val, '{sign.param_says}', 's') THEN {bit:d} ELSE 0 END"
        for bit, sign in _ORIGINS.items()
    )
    follows = "regexp_full_match(r.called, ?, 's') OR regexp_full_match(regexp_extract(r.called, '[^/]*$'), ?, 's')"
    sql = (
        f"SELECT t.rid, bit_or(t.signs) | CASE WHEN bit_or(t.standard) = {_all(lint.metrics)} THEN {Sign.STANDARD:d} ELSE 0 END"  # noqa: S608 - constants
        f" | CASE WHEN bit_or(t.required) = {_all(lint.params)} THEN {Sign.REQUIRED:d} ELSE 0 END AS signs,"
        " bit_or(t.standard) AS standard, bit_or(t.required) AS required FROM ("
        f"SELECT r.rid, CASE WHEN coalesce(epoch(coalesce(r.started, r.updated)), 0) >= ?::DOUBLE THEN {Sign.JUDGED:d} ELSE 0 END"
        f" | CASE WHEN r.state IN ('running', 'quiet') THEN 0 ELSE {Sign.OVER:d} END"
        f" | CASE WHEN {follows if lint.names else 'true'} THEN {Sign.NAMED:d} ELSE 0 END AS signs, 0::BIGINT AS standard, 0::BIGINT AS required"
        f" FROM ({NAMED}) r WHERE NOT r.hidden"
        f" UNION ALL SELECT f.rid, CASE {of_facts} ELSE 0 END, 0, 0 FROM facts_now f WHERE f.name IN ({', '.join(map(repr, facts))})"
        # the newest rows of a run are its config: if any of them lives, there is one
        f" UNION ALL SELECT c.rid, {Sign.CONFIG:d}, 0, 0 FROM cfg c GROUP BY c.rid HAVING max(CASE WHEN c.live THEN c.upd END) = max(c.upd)"
        f" UNION ALL SELECT c.rid, {of_params}, 0, CASE WHEN c.val <> 'null' THEN k.bits ELSE 0 END FROM cfg_now c"
        " JOIN (SELECT unnest(?::VARCHAR[]) AS key, unnest(?::BIGINT[]) AS bits, unnest(?::BIGINT[]) AS origin) k ON k.key = c.key"
        f" UNION ALL SELECT s.rid, {Sign.METRICS:d}, 0, 0 FROM series s GROUP BY s.rid, s.mid"
        " HAVING max(CASE WHEN s.live THEN s.upd END) = max(s.upd)"
        f"{_STANDARD if lint.metrics else ''}"
        f" UNION ALL SELECT h.rid, {Sign.TESTS:d} | CASE WHEN h.late THEN 0 ELSE {Sign.BEFORE:d} END, 0, 0 FROM ({_LATE}) h"
        ") t GROUP BY t.rid"
    )
    since = max(lint.since, -1e300)
    expression: tuple[Json, ...] = (lint.names, lint.names) if lint.names else ()
    standard: tuple[Json, ...] = (metrics, metric_bits) if lint.metrics else ()
    return sql, (since, *expression, params, param_bits, origin_bits, *standard)


def broken_rows(names: Names, lens: Lens) -> Rows:
    """The rules that each run breaks, as `SELECT rid, v`, a row each."""
    sql, params = sign_rows(names, lens)
    rules = lens.lint.on
    if not rules:
        return "SELECT NULL::BIGINT AS rid, NULL::VARCHAR AS v WHERE false", ()
    listed = ", ".join(f"('{rule.id}', {rule.needs:d}, {rule.wants:d})" for rule in rules)
    return (
        f"SELECT e.rid, u.rule AS v FROM ({sql}) e JOIN (VALUES {listed}) u(rule, needs, wants)"  # noqa: S608 - constants
        " ON (e.signs & u.needs) = u.needs AND (e.signs & u.wants) <> u.wants",
        params,
    )


def lint_rows(names: Names, lens: Lens) -> Rows:
    """How many rules each run breaks, as `SELECT rid, v`; NULL of runs that are not held against them."""
    sql, params = sign_rows(names, lens)
    many = " + ".join(f"CASE WHEN {_is_broken(rule)} THEN 1 ELSE 0 END" for rule in lens.lint.on) or "0"
    return f"SELECT e.rid, CASE WHEN e.signs & {Sign.JUDGED:d} > 0 THEN {many} END AS v FROM ({sql}) e", params  # noqa: S608 - constants


def _is_broken(rule: Rule) -> str:
    return f"(e.signs & {rule.needs:d}) = {rule.needs:d} AND (e.signs & {rule.wants:d}) <> {rule.wants:d}"


def _all(asked: Sequence[str]) -> int:
    return (1 << len(asked)) - 1


def _asked(known: Sequence[str], asked: Sequence[str]) -> tuple[list[Json], list[Json]]:
    """The names that are asked for in any way, and the bits of what each of them is."""
    found: list[tuple[Json, Json]] = []
    for name in known:
        bits = sum(1 << at for at, wanted in enumerate(asked) if means(wanted, name))
        if bits:
            found.append((name, bits))
    return [name for name, _ in found], [bits for _, bits in found]


def _param_bits(names: Names, lint: Lint) -> tuple[list[Json], list[Json], list[Json]]:
    """The params that matter, which of those that are asked for each of them is, and which origin it may tell."""
    keys, bits = _asked(names.params, lint.params)
    asked = dict(zip(keys, bits, strict=True))
    origin = {
        key: found
        for key in names.params
        if (found := sum(int(bit) for bit, sign in _ORIGINS.items() if sign.param(key)))
    }
    every = [key for key in names.params if key in asked or key in origin]
    return list(every), [asked.get(key, 0) for key in every], [origin.get(key, 0) for key in every]
