"""What is told of one run as the JSON object that scripts rely on: keys are only ever added, every key is always there."""

from __future__ import annotations

import os.path
from typing import Any

import orjson

from runspect.index.reads.plain import moment, number, stored
from runspect.index.reads.scope import Scope, split
from runspect.index.reads.told import Series, Told
from runspect.masking import mask
from runspect.model import Json

KEYS = (
    "uid", "name", "project", "group", "root", "path", "tools", "state", "reason", "started", "ended", "updated", "steps",
    "host", "params", "tags", "note", "parent", "problems", "metrics", "star", "archived", "owner",
    "hypothesis", "verdict", "stage", "gate",
)  # fmt: skip
"""Keys of a run in `ls --json`."""


def head_object(row: tuple[Any, ...], scope: Scope) -> dict[str, Json]:
    """What the row of a run tells, and the other keys empty; times are text already."""
    _, uid, name, project, group, watch, abspath, tools, state, reason, *rest = row
    started, ended, updated, steps, host, owner, parent, problems = rest
    root, path = split(scope, watch, abspath)
    return {
        "uid": uid, "name": name, "project": project, "group": group, "root": root, "path": path,
        "tools": [tool for tool in (tools or "").split(",") if tool], "state": state, "reason": reason,
        "started": started, "ended": ended, "updated": updated, "steps": steps, "host": host,
        "owner": owner, "params": {}, "tags": [], "note": None, "parent": parent, "problems": problems or 0, "metrics": {},
        "star": False, "archived": False, "facts": {}, "hypothesis": None, "verdict": None,
        "stage": None, "gate": None,
    }  # fmt: skip


def run_object(run: Told, scope: Scope, show_secrets: bool) -> dict[str, Json]:
    """One run, from what is told of it."""
    head = run.head
    found = head_object(
        (
            None, head.uid, run.name, run.project, head.grp, head.watch, head.abspath, head.tools, head.state, head.reason,
            moment(head.started), moment(head.ended), moment(head.updated), head.steps, head.host, head.owner, head.parent, head.problems,
        ),
        scope,
    )  # fmt: skip
    root = str(found["root"])
    found["params"] = {key: stored(word.val, key, show_secrets) for key, word in run.params.items()}
    found["metrics"] = {name: _metric(series) for name, series in run.series.items()}
    found["facts"] = {
        name: {
            "value": stored(word.val, name, show_secrets),
            "source": None if word.source is None else os.path.relpath(f"{head.watch.rstrip('/')}/{word.source}", root),
        }
        for name, word in run.facts.items()
    }
    note = run.said.get("note") or (run.facts["notes"].val if "notes" in run.facts else None)
    found["tags"], found["note"] = run.tags, None if note is None else mask("note", orjson.loads(note))
    if run.tested is not None:
        found["hypothesis"], found["verdict"] = mask("note", run.tested.words), run.tested.verdict
    found["star"], found["archived"] = run.said.get("star") == "true", run.said.get("archive") == "true"
    return found


def _metric(s: Series) -> dict[str, Json]:
    return {
        "n": s.n, "nonfinite": s.nonfinite, "first": number(s.first_v), "last": number(s.last_v),
        "first_step": s.first_step, "last_step": s.last_step,
        "min": s.lo, "min_step": s.lo_step, "max": s.hi, "max_step": s.hi_step,
    }  # fmt: skip
