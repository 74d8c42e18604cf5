"""`kill -9` at random moments of indexing: the next engine ends with the runs and counts of a clean index.

`RUNSPECT_LIFE_KILLS` sets how many kills, `RUNSPECT_LIFE_SEED` repeats a run.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import threading
from pathlib import Path

from runspect.errors import RunspectError
from runspect.workspace import Workspace
from tests.engine.crowd import environment, kill_engine, place

KILLS = int(os.environ.get("RUNSPECT_LIFE_KILLS", "4"))


def many_runs(root: Path) -> None:
    for number in range(120):
        directory = root / f"group{number % 7}" / f"run{number}"
        directory.mkdir(parents=True)
        lines = (json.dumps({"step": step, "loss": number + step / 7, "acc": step / 400}) for step in range(400))
        (directory / "metrics.jsonl").write_text("\n".join(lines) + "\n")
        (directory / "config.json").write_text(json.dumps({"lr": number / 1000, "opt": "adam"}))


def summary(workspace: Workspace) -> object:
    """All that the index says of the runs, but for what depends on the moment."""
    runs = json.loads(workspace.runs_json("", fields=("uid", "name", "path", "params", "metrics", "steps")))
    counts = workspace.sql("SELECT count(*) FROM points JOIN segments_now s USING (segment) WHERE s.live").rows
    return sorted(runs, key=lambda run: run["path"]), counts


def sync(workspace: Workspace, said: list[int | RunspectError]) -> None:
    try:
        said.append(workspace.sync())
    except RunspectError as error:  # nobody would see it in this thread
        said.append(error)


def test_kill_9_while_indexing_ends_with_the_runs_and_counts_of_a_clean_index(tmp_path: Path) -> None:
    chance = random.Random(int(os.environ.get("RUNSPECT_LIFE_SEED", "1")))
    root = tmp_path / "many"
    many_runs(root)
    with environment(RUNSPECT_HOME=str(tmp_path / "clean")):
        clean = Workspace.open([root])
        assert clean.sync() == 120
        expected = summary(clean)
        clean.stop_engine()
        clean.close()
    with environment(RUNSPECT_HOME=str(tmp_path / "killed")):
        for round_number in range(KILLS):
            if round_number % 5 == 0:
                shutil.rmtree(tmp_path / "killed", ignore_errors=True)
            workspace = Workspace.open([root])
            workspace.roots()
            said: list[int | RunspectError] = []
            syncing = threading.Thread(target=sync, args=(workspace, said))
            syncing.start()
            threading.Event().wait(chance.uniform(0, 1.0))
            kill_engine()
            syncing.join()
            assert said == [120], round_number
            assert summary(workspace) == expected
            workspace.close()
            if round_number % 5 != 4:
                for path in place().directory.glob("index.duckdb*"):
                    kill_engine()
                    path.unlink(missing_ok=True)
        kill_engine()
