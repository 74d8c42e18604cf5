"""What was tried is not forgotten: a run whose files and index are both gone is still known from the journal."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from runspect.model import Op
from runspect.workspace import Workspace
from tests.engine.crowd import place, until


def run_in(root: Path, name: str, lr: float) -> None:
    (root / name).mkdir(parents=True)
    (root / name / "metrics.jsonl").write_text("".join(f'{{"step": {n}, "loss": {1 / (n + 1)}}}\n' for n in range(50)))
    (root / name / "config.json").write_text(json.dumps({"lr": lr, "token": "hush", "opt": {"name": "adam"}}))


def journal_text(home: Path) -> str:
    return "".join(path.read_text() for path in (home / "journal").glob("*.jsonl"))


def test_a_run_without_files_and_index_keeps_params_metrics_and_annotations(tmp_path: Path, home: Path) -> None:
    root = tmp_path / "runs"
    run_in(root, "kept", 0.1)
    run_in(root, "lost", 0.25)
    workspace = Workspace.open([root])
    assert workspace.sync() == 2
    uid = workspace.resolve("lost")[1]
    workspace.annotate([Op(f"run:{uid}", "tag:best", True), Op(f"run:{uid}", "note", "worth it")])
    until(lambda: '"snapshot"' in journal_text(home), "the snapshot")
    assert "hush" not in journal_text(home)
    workspace.stop_engine()
    shutil.rmtree(root / "lost")
    for path in place().directory.glob("index.duckdb*"):
        path.unlink()

    assert workspace.sync() == 2
    lost = workspace.run("lost")
    assert (lost["uid"], lost["state"], lost["path"]) == (uid, "gone", "lost")
    assert lost["params"]["lr"] == 0.25 and lost["params"]["opt.name"] == "adam"
    loss = lost["metrics"]["loss"]
    assert (loss["n"], loss["last_step"], loss["min"], loss["max"]) == (50, 49, 1 / 50, 1.0)
    assert (lost["tags"], lost["note"]) == (["best"], "worth it")
    assert workspace.order("loss:min < 0.03 and tag:best").rids == (lost["rid"],)

    run_in(root, "lost", 0.25)
    assert workspace.sync() == 2
    back = workspace.run("lost")
    assert back["uid"] == uid and back["state"] != "gone" and back["tags"] == ["best"]
    assert len(workspace.series("lost", "loss")["step"]) == 50
    workspace.close()
