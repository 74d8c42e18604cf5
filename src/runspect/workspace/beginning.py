"""What a policy is begun from: the runs of a workspace as they are seen."""

from __future__ import annotations

import json
from typing import Any

from runspect.practice.starter import SeenData, SeenRun
from runspect.workspace.client import Workspace

_FIELDS = ("name", "project", "params", "metrics", "tags")


def seen(workspace: Workspace) -> tuple[list[SeenRun], list[SeenData]]:
    """The runs in scope, and how those on each data set are judged now."""
    runs = [
        SeenRun(run["name"], run["project"], run["params"], frozenset(run["metrics"]), frozenset(run["tags"]))
        for run in json.loads(workspace.runs_json(fields=_FIELDS))
    ]
    return runs, [_seen(each) for each in workspace.best()]


def _seen(each: dict[str, Any]) -> SeenData:
    # what the runs record themselves needs no policy, and of two studies each records its own
    spec, way = (None, None) if each["judged_by"] == "recorded" else (each["metric"], each["direction"])
    return SeenData(each["dataset"], spec, way, each["runs"])
