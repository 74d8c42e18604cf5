"""Runs that nobody put in order, as SQL over the index: without a telling name, without a tag, tried before, forgotten."""

from __future__ import annotations

import time
from collections.abc import Mapping

from runspect.columns.lens import Lens
from runspect.columns.names import Names
from runspect.columns.repeats import config_rows
from runspect.model import Json

KINDS: Mapping[str, str] = {
    "unnamed": "no name that tells what it is",
    "untagged": "no tag",
    "duplicate": "the same config had finished before it began",
    "stale": "silent for long, without an end, and nobody said anything of it",
}

_WORDS = (
    "run|runs|version|trial|exp|experiment|job|outputs?|out|default|untitled|unnamed|noname|unknown|test|tmp|temp|logs?|"
    "lightning_logs|results?|checkpoints?|train|training|models?|events|metrics|offline|latest|work_dirs|dvclive"
)
_PIECE = rf"(?:(?:{_WORDS})[0-9]*|[0-9]+|[0-9]{{8}}t[0-9]{{6}}z?|[0-9a-f]{{7,}})"
NAMELESS = (
    rf"{_PIECE}(?:[-_. :@+]+{_PIECE})*"
    r"|(?:offline-)?run-[0-9]{8}_[0-9]{6}-[a-z0-9]+|[a-z]{3}[0-9]{2}_[0-9]{2}-[0-9]{2}-[0-9]{2}_[^_]+"
)
"""A name, in lower case, that says no more than that there was a run: general words, numbers, dates, hashes, hosts."""
INVENTED = "[a-z]+-[a-z]+-[0-9]{1,3}"
"""`bemused-bee-27`: so MLflow calls runs that get no name."""


def kind_rows(names: Names, lens: Lens) -> tuple[str, tuple[Json, ...]]:
    """What is untidy of each run, as `SELECT rid, v, twin`, a row each; `twin` is the run that finished with the same config.

    Runs that live are left alone, and so are the names of the runs of a sweep, which its tool makes.
    """
    configs, params = config_rows(names, lens)
    now = time.time() if lens.now is None else lens.now
    last = "regexp_extract(lower(r.name), '[^/]*$')"
    same = "PARTITION BY s.watch, s.project, s.config, s.data"
    sql = (
        "WITH there AS MATERIALIZED (SELECT p.rid, p.name, p.tools, p.state, epoch(p.started) AS started,"  # noqa: S608 - constants
        " epoch(coalesce(p.ended, p.updated)) AS ended, p.grp IS NOT NULL OR p.parent IS NOT NULL AS swept"
        " FROM main.runs p JOIN (SELECT rid, max(upd) AS upd FROM main.runs GROUP BY rid) USING (rid, upd) WHERE NOT p.hidden),"
        " said AS MATERIALIZED (SELECT a.rid, a.key FROM ann_now a WHERE a.key IN ('name', 'note', 'star') AND a.val NOT IN ('false', '\"\"')),"
        " tagged AS MATERIALIZED (SELECT DISTINCT t.rid FROM tags_now t), past AS (SELECT * FROM there"
        " WHERE state NOT IN ('running', 'quiet')),"
        f" equals AS (SELECT s.rid, r.started, min(CASE WHEN r.state = 'finished' THEN r.ended END) OVER ({same}) AS done,"
        f" arg_min(s.rid, CASE WHEN r.state = 'finished' THEN r.ended END) OVER ({same}) AS twin"
        f" FROM ({configs}) s JOIN there r ON r.rid = s.rid)"
        " SELECT r.rid, 'unnamed' AS v, NULL::BIGINT AS twin FROM past r WHERE NOT r.swept"
        " AND r.rid NOT IN (SELECT rid FROM said WHERE key = 'name')"
        f" AND (regexp_full_match({last}, '{NAMELESS}') OR (contains(r.tools, 'mlflow') AND regexp_full_match({last}, '{INVENTED}')))"
        " UNION ALL SELECT r.rid, 'untagged', NULL FROM past r WHERE r.rid NOT IN (SELECT rid FROM tagged)"
        " UNION ALL SELECT e.rid, 'duplicate', e.twin FROM equals e JOIN past r ON r.rid = e.rid WHERE e.done <= e.started"
        " UNION ALL SELECT r.rid, 'stale', NULL FROM there r WHERE r.state IN ('quiet', 'unknown') AND r.ended < ?::DOUBLE"
        " AND r.rid NOT IN (SELECT rid FROM said WHERE key <> 'name') AND r.rid NOT IN (SELECT rid FROM tagged)"
        " AND r.rid NOT IN (SELECT rid FROM facts_now WHERE name = 'notes')"
    )
    return sql, (*params, now - lens.lint.stale_s)


def tidy_rows(names: Names, lens: Lens) -> tuple[str, tuple[Json, ...]]:
    """The same in one text a run, as `SELECT rid, v`: `stale, untagged`."""
    sql, params = kind_rows(names, lens)
    return f"SELECT k.rid, string_agg(k.v, ', ' ORDER BY k.v) AS v FROM ({sql}) k GROUP BY k.rid", params  # noqa: S608 - constants


def many_rows(names: Names, lens: Lens) -> tuple[str, tuple[Json, ...]]:
    """How many of them each run has, 0 included, as `SELECT rid, v`."""
    sql, params = kind_rows(names, lens)
    return f"SELECT r.rid, count(k.v) AS v FROM runs_now r LEFT JOIN ({sql}) k ON k.rid = r.rid GROUP BY r.rid", params  # noqa: S608 - constants
