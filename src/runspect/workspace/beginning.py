"""What a policy is begun from: the runs of a workspace as they are seen."""

from __future__ import annotations

import json

from runspect.practice.starter import SeenData, SeenRun
from runspect.workspace.client import Workspace

_FIELDS = ("name", "project", "params", "metrics", "tags")


def seen(workspace: Workspace) -> tuple[list[SeenRun], list[SeenData]]:
    """The runs in scope, and how those on each data set are judged now."""
    runs = [
        SeenRun(run["name"], run["project"], run["params"], frozenset(run["metrics"]), frozenset(run["tags"]))
        for run in json.loads(workspace.runs_json(fields=_FIELDS))
    ]
    data = [SeenData(each["dataset"], each["metric"], each["direction"], each["runs"]) for each in workspace.best()]
    return runs, data
