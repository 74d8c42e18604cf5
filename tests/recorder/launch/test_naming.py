"""What a recorded run is called, and where its record is made."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from runspect.errors import UsageError
from runspect.policy import parse_policy
from runspect.recorder.launch import naming
from tests.recorder.capture.repository import repository
from tests.recorder.launch.caller import head, record

TODAY = time.strftime("%Y-%m-%d")


def name_by(pattern: str, line: str, here: Path, **said: str) -> tuple[str, list[str]]:
    """What a pattern makes of a command line."""
    told = {"hypothesis": "", "project": "", "user": "ann", **said}
    return naming.filled(pattern, line.split(), here=here, now=time.time(), **told)


def test_the_fields(tmp_path: Path) -> None:
    repository(tmp_path, train_py="1\n")
    line = "python train.py --model org/resnet 50 --seed 3 --lr 1e-3"
    assert name_by("{program}-{model}-{seed}-{lr}-{user}-{branch}", line, tmp_path) == (
        "train-resnet-3-0.001-ann-main",
        [],
    )
    assert name_by("{hypothesis}_{date}", line, tmp_path, hypothesis="Less is more!") == (f"Less-is-more_{TODAY}", [])
    assert name_by("{model}-{nothing}", "t", tmp_path) == ("-", ["model", "nothing"])


def test_numbers_are_the_first_that_are_free(tmp_path: Path) -> None:
    assert [naming.make_named(tmp_path, "a-{number:03}")[1] for _ in range(3)] == ["a-001", "a-002", "a-003"]
    (tmp_path / "a-002").rmdir()
    assert naming.make_named(tmp_path, "a-{number:03}")[1] == "a-002"
    assert [naming.make_named(tmp_path, "b")[0].name for _ in range(2)] == ["b", "b-2"]


@pytest.mark.parametrize("pattern", ["", "a-{model", "a-{model:3}", "{}"])
def test_a_pattern_with_a_fault_is_refused(pattern: str) -> None:
    assert naming.fault(pattern)
    with pytest.raises(UsageError, match="pattern"):
        parse_policy(f'[naming]\npattern = "{pattern}"')


def test_the_default_is_program_date_number(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("print(1)\n")
    record("-q", "--", "python", "train.py", cwd=tmp_path)
    assert head(tmp_path)["name"] == f"train-{TODAY}-1"


def test_the_policy_names_and_places(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "runspect.toml").write_text('[naming]\npattern = "{model}-{number:03}"\n[record]\nruns = "runs"\n')
    done = record("--", "true", "--model=vit", cwd=tmp_path / "work")
    assert done.stderr == f"runspect: recording to {tmp_path}/runs/vit-001\n".encode()
    done = record("--", "true", cwd=tmp_path / "work")
    assert b"nothing says what {model} is" in done.stderr and b"recording to" in done.stderr
    done = record("--name-from-policy", "--", "touch", "started", cwd=tmp_path / "work")
    assert done.returncode == 2 and b"nothing says what {model} is" in done.stderr
    assert not (tmp_path / "work" / "started").exists()
    assert {each.name for each in (tmp_path / "runs").iterdir()} == {"vit-001", f"true-{TODAY}-1"}


def test_a_place_of_ones_own(tmp_path: Path) -> None:
    record("-q", "--", "true", cwd=tmp_path, environ={"RUNSPECT_RUNS": str(tmp_path / "a" / "runs")})
    assert head(tmp_path / "a")["name"] == f"true-{TODAY}-1"
    record("-q", "-n", "x", "--runs", "b/runs", "true", cwd=tmp_path)
    assert head(tmp_path / "b")["name"] == "x"
    assert not (tmp_path / "runs").exists()


def test_without_a_policy_its_name_cannot_be_had(tmp_path: Path) -> None:
    done = record("--name-from-policy", "true", cwd=tmp_path)
    assert done.returncode == 2 and re.match(rb"runspect: .*policy", done.stderr)
