"""`runspect plot` on logs with a known answer."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.program import runspect


def test_the_metric_of_the_policy_is_drawn_where_none_is_named(tmp_path: Path) -> None:
    run = tmp_path / "exp" / "a"
    run.mkdir(parents=True)
    rows = [{"step": step, "val/loss": 1 / (1 + step), "mine": step} for step in range(5)]
    (run / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert [curve["metric"] for curve in runspect("plot", "-C", run.parent, "a", "--json").json()] == ["val/loss"]
    (run.parent / "runspect.toml").write_text('objective = "mine:max"\n')
    assert [curve["metric"] for curve in runspect("plot", "-C", run.parent, "a", "--json").json()] == ["mine"]
