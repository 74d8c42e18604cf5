"""Distributed trainings, told by the variables of their launchers."""

from __future__ import annotations

from pathlib import Path

import pytest

from runspect.recorder.ranks import rank_of
from tests.recorder.programs import head, only, rows, run, started

LOG = "run.log({'loss': 1.0}, step=1)\nrun.finish()"


@pytest.mark.parametrize(
    ("environment", "rank"),
    [
        ({}, 0),
        ({"RANK": "3", "WORLD_SIZE": "4"}, 3),
        ({"RANK": "0", "LOCAL_RANK": "0", "SLURM_PROCID": "5", "SLURM_NTASKS": "8"}, 0),
        ({"SLURM_PROCID": "5", "SLURM_NTASKS": "8"}, 5),
        ({"SLURM_PROCID": "0", "SLURM_NTASKS": "1"}, 0),
        ({"OMPI_COMM_WORLD_RANK": "2", "OMPI_COMM_WORLD_SIZE": "4"}, 2),
        ({"LOCAL_RANK": "1"}, 1),
        ({"LOCAL_RANK": "0", "NODE_RANK": "1", "LOCAL_WORLD_SIZE": "8"}, 8),
        ({"RANK": "x"}, 0),
    ],
)
def test_the_rank(environment: dict[str, str], rank: int) -> None:
    assert rank_of(environment) == rank


def test_only_rank_0_records_unless_asked(tmp_path: Path) -> None:
    for rank in range(3):
        env = {"RANK": str(rank), "WORLD_SIZE": "3"}
        assert run(tmp_path, f"run = runspect.start(name='x')\n{LOG}", env=env) == (0, "", "")
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["x"]
    assert {path.name for path in only(tmp_path).glob("*.json*")} == {"run.json", "metrics.jsonl"}


@pytest.mark.parametrize("launcher", [{"MASTER_ADDR": "localhost", "MASTER_PORT": "29500"}, {}])
def test_all_ranks_in_files_of_their_own(tmp_path: Path, launcher: dict[str, str]) -> None:
    code = f"run = runspect.start(ranks='all')\nprint(1, flush=True)\nsys.stdin.readline()\n{LOG}"
    others = [
        started(tmp_path, code, env={**launcher, "RANK": str(rank), "WORLD_SIZE": "3"}, stdin=True) for rank in (1, 2)
    ]
    for other in others:
        assert other.stdout is not None
        other.stdout.readline()  # they begin before rank 0 does
    first = started(tmp_path, code, env={**launcher, "RANK": "0", "WORLD_SIZE": "3"}, stdin=True)
    assert first.stdout is not None
    first.stdout.readline()
    for process in (*others, first):
        assert process.communicate("go\n", timeout=60)[1] == "" and process.returncode == 0
    record = only(tmp_path)
    assert {path.name for path in record.glob("*.json*")} == {
        "run.json", "metrics.jsonl", "metrics-rank1.jsonl", "metrics-rank2.jsonl",
    }  # fmt: skip
    assert rows(record, "metrics-rank2.jsonl")[0]["loss"] == 1.0 and head(record)["status"] == "finished"


def test_a_rank_without_a_rank_0_says_so(tmp_path: Path) -> None:
    exit_code, _, err = run(tmp_path, f"run = runspect.start(ranks='all')\n{LOG}", env={"RANK": "1", "WORLD_SIZE": "2"})
    assert exit_code == 0 and "1 points could not be written" in err and err.count("\n") == 1
