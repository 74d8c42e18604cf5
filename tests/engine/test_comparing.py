"""What the engine keeps of comparisons goes with the logs, the journal and the policy."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import duckdb
import numpy as np
import pytest

from runspect.columns import baseline
from runspect.index.kept_curves import KeptCurves
from runspect.index.reads.at_step import Curve
from runspect.index.reads.scope import Cursor
from runspect.model import Op
from runspect.workspace import Workspace


def log(run: Path, points: list[tuple[int, float]], began: float) -> None:
    with (run / "metrics.jsonl").open("a") as lines:
        for step, loss in points:
            lines.write(json.dumps({"step": step, "time": began + step, "val/loss": loss, "ms": 10 * loss}) + "\n")


def made(root: Path, name: str, points: list[tuple[int, float]], began: float) -> Path:
    run = root / name
    run.mkdir(parents=True)
    (run / "config.json").write_text(json.dumps({"dataset": "mnist", "name": name}))
    log(run, points, began)
    return run


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    root = tmp_path / "exp"
    made(root, "old", [(0, 2.0), (10, 1.0), (20, 0.5)], 1.7e9)
    made(root, "mid", [(0, 2.0), (10, 0.8), (20, 0.6)], 1.71e9)
    found = Workspace.open((root,))
    found.sync()
    yield found
    found.close()


def gains(workspace: Workspace, spec: str = "vs") -> dict[str, object]:
    rows = workspace.window(workspace.order().rids, ("name", spec))
    return {row.name: row.values[1] for row in rows}


def test_what_a_live_run_logs_is_compared_at_its_step_each_time(workspace: Workspace) -> None:
    root, now = Path(workspace.scope[0]), time.time()
    live = made(root, "live", [(0, 1.0)], now - 60)
    workspace.sync()
    assert gains(workspace) == {"old": None, "mid": pytest.approx(-20), "live": pytest.approx(50)}
    log(live, [(10, 0.9)], now - 60)
    workspace.sync()
    assert gains(workspace)["live"] == pytest.approx(10)  # of 1.0, which `old` had at step 10
    assert list(workspace.order("vs:best > 0").rids) == [workspace.resolve("live")[0]]
    told = workspace.versus("live")
    assert (told["step"], told["value"], told["comparisons"][2]["reference"]) == (10, 0.9, 1.0)
    log(live, [(30, 0.4)], now - 60)
    workspace.sync()
    assert gains(workspace)["live"] == pytest.approx(20)  # further than `old` ever came: of its 0.5


def test_a_baseline_a_stage_and_a_policy_count_at_once(workspace: Workspace) -> None:
    root = Path(workspace.scope[0])
    assert gains(workspace) == {"old": None, "mid": pytest.approx(-20)}
    _, mid, _ = workspace.resolve("mid")
    workspace.annotate([Op(baseline.place(None, str(root)), baseline.KEY, mid)])
    assert gains(workspace) == {"old": pytest.approx(100 / 6), "mid": None}
    assert gains(workspace, "vs:guards") == {"old": None, "mid": None}
    workspace.annotate([Op(f"run:{mid}", "stage", {"stage": "production"})])
    assert gains(workspace, "vs:champion")["old"] == pytest.approx(100 / 6)
    (root / "runspect.toml").write_text('objective = "val/loss:min"\n[guards]\nms = "up"\n')
    assert gains(workspace, "vs:guards")["old"] == "ms"
    workspace.undo()
    assert gains(workspace, "vs:champion") == {"old": None, "mid": None}
    assert gains(workspace)["old"] == pytest.approx(100 / 6)


def test_a_baseline_elsewhere_is_one_of_the_seeds_as_soon_as_it_is_marked(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for root, name, seed in ((here, "one", 1), (here, "two", 2), (there, "base", 3)):
        run = made(root, name, [(0, float(seed))], 1.7e9 + seed)
        (run / "config.json").write_text(json.dumps({"dataset": "mnist", "lr": 0.1, "seed": seed}))
    with closing(Workspace.open((here, there))) as both, closing(Workspace.open((here,))) as workspace:
        both.sync()
        uids = {name: both.resolve(name)[1] for name in ("one", "two", "base")}
        both.annotate([Op(f"run:{uid}", "project", "p") for uid in uids.values()])
        assert gains(workspace)["two"] == pytest.approx(-100)
        workspace.annotate([Op(baseline.place("p", str(here)), baseline.KEY, uids["base"])])
        assert "σ of 3 seeds" in str(workspace.versus("one")["text"])


def test_one_line_tells_how_a_run_does(workspace: Workspace) -> None:
    rids = workspace.order().rids
    (told,) = workspace.arrivals(rids)  # the first run has nothing to be compared with
    assert (told.name, told.verdict, told.text) == (
        "mid", "worse", "+20 % against the best before it, old, worse, noise unknown (2 runs)",
    )  # fmt: skip


def test_curves_are_kept_up_to_a_size_and_a_write() -> None:
    read: list[int] = []
    generations = {1: 1, 2: 1}

    def read_curves(cursor: Cursor, rids: Sequence[int], metric: str) -> dict[int, Curve]:
        read.extend(rids)
        return {rid: Curve(np.zeros(100, np.int64), np.zeros(100)) for rid in rids if rid != 3}

    kept = KeptCurves(lambda rid: generations.get(rid, 0), 2_000, read_curves)
    with duckdb.connect() as cursor:
        for rids in ([1], [1], [3], [3], [2], [2], [1]):
            kept(cursor, rids, "loss")
        assert read == [1, 3, 2, 1]  # 2 pushed 1 out
        generations[1] = 2
        assert set(kept(cursor, [1], "loss")) == {1}
        assert read == [1, 3, 2, 1, 1]
