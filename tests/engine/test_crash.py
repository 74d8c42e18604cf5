"""kill -9 in the middle of indexing: the index afterwards equals a clean one, point for point."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

from tests.engine.syncing import bench, log

KILLS = int(os.environ.get("RUNSPECT_TEST_KILLS", "8"))
ROOT = Path(__file__).parents[2]


def start(index: Path, tree: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.engine.indexing", str(index), str(tree)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == b"begun\n"
    return process


def test_killed_indexing_ends_in_the_same_runs_and_points(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for number in range(120):
        log(tree / f"run{number:03}", range(400), acc=number / 7)
        (tree / f"run{number:03}/config.yaml").write_text(f"lr: {number}\n")
    with bench(tmp_path / "clean.duckdb") as clean:
        begun = time.monotonic()
        clean.syncer.sync([tree])
        whole_s = time.monotonic() - begun
        expected = [(run["uid"], run["params"], run["metrics"]) for run in clean.runs()]
        counts = clean.sql("SELECT count(*), count(DISTINCT segment), sum(step) FROM points_now")
    chance = random.Random(4)
    index = tmp_path / "index.duckdb"
    for _ in range(KILLS):
        process = start(index, tree)
        # a random moment is what is tested here: nothing is waited for
        time.sleep(chance.uniform(0, whole_s * 1.2))
        process.kill()
        process.communicate()
    with bench(index) as after:
        assert after.store.note == ""
        after.syncer.sync([tree])
        assert [(run["uid"], run["params"], run["metrics"]) for run in after.runs()] == expected
        assert after.sql("SELECT count(*), count(DISTINCT segment), sum(step) FROM points_now") == counts
