"""The usual columns of trees that hold many unlike projects, made by real tools and real people."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from runspect.workspace import Choices, Workspace

SHOWN = 6
"""Params that the screen shows."""


@pytest.mark.parametrize("logs", ["corpus", "real_logs"])
def test_most_runs_have_a_value_in_the_usual_columns(logs: str, request: pytest.FixtureRequest) -> None:
    choices, runs = _found(request.getfixturevalue(logs))
    varying = {name for name, _, distinct in choices.params if distinct > 1}
    usual = set(choices.usual_params[:SHOWN])
    assert usual <= varying
    tuned = [run for run in runs if varying & set(run["params"])]
    served = [run for run in tuned if usual & set(run["params"])]
    assert len(served) >= 0.75 * len(tuned)


def test_the_largest_projects_of_real_people_all_get_columns(real_logs: Path) -> None:
    choices, runs = _found(real_logs)
    varying = {name for name, _, distinct in choices.params if distinct > 1}
    projects: dict[str, list[frozenset[str]]] = defaultdict(list)
    for run in runs:
        projects[run["path"].split("/")[0]].append(frozenset(varying & set(run["params"])))
    # by the runs that tell any param: a project may have many more of which nothing is known
    largest = sorted(projects.values(), key=lambda project: sum(map(bool, project)), reverse=True)[:4]
    for project in largest:
        assert any(names.intersection(choices.usual_params[:SHOWN]) for names in project)


@pytest.mark.parametrize("logs", ["corpus", "real_logs"])
def test_the_usual_metrics_serve_most_measured_runs(logs: str, request: pytest.FixtureRequest) -> None:
    choices, runs = _found(request.getfixturevalue(logs))
    served = [run for run in runs if set(choices.usual_metrics) & set(run["metrics"])]
    main = [run for run in served if choices.usual_metrics[0] in run["metrics"]]
    measured = sum(bool(run["metrics"]) for run in runs)
    assert len(served) >= measured / 2
    assert len(served) >= min(1.5 * len(main), 0.75 * measured)
    assert len(choices.usual_metrics) <= 4


def _found(logs: Path) -> tuple[Choices, list[dict[str, Any]]]:
    workspace = Workspace.open((logs,))
    try:
        workspace.sync()
        return workspace.choices(), json.loads(workspace.runs_json())
    finally:
        workspace.close()
