"""How far a run has come on its way into production: what people said of it in the journal, as SQL.

A stage is the key `stage` of `run:UID`; its value is an object with `stage` and all that was known when it was given (who and
when are those of the line), or null for none. A run of which nothing was said is in the first stage.
"""

from __future__ import annotations

from collections.abc import Sequence

from runspect.columns.lens import Lens
from runspect.model import Json

KEY = "stage"
"""Annotation key of `run:UID`: {"stage", "why", …}."""

SAID = f"SELECT a.rid, json_extract_string(a.val, '$.stage') AS v FROM ann_now a WHERE a.key = '{KEY}'"  # noqa: S608 - constants
"""`SELECT rid, v`: the stage of each run that was given one."""


def stage_of(value: Json, stages: Sequence[str]) -> str:
    """The stage that the value of the annotation tells; the first one where it tells none."""
    told = value.get("stage") if isinstance(value, dict) else None
    return told if isinstance(told, str) and told else stages[0]


def gate_rows(lens: Lens) -> tuple[str, tuple[Json, ...]]:
    """What the gates before its next stage say of each run, as `SELECT rid, v`; runs that no gate is about are left out."""
    known = lens.gates()
    return "SELECT unnest(?::BIGINT[]) AS rid, unnest(?::VARCHAR[]) AS v", (list(known), list(known.values()))


def stage_rows(lens: Lens) -> tuple[str, tuple[Json, ...]]:
    """The stage of each run, as `SELECT rid, v`."""
    return (
        f"SELECT r.rid, coalesce(nullif(s.v, ''), ?) AS v FROM (SELECT DISTINCT rid FROM runs) r LEFT JOIN ({SAID}) s ON s.rid = r.rid",  # noqa: S608 - constants
        (lens.stages[0],),
    )
