from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runspect.demo.trainer import Settings, train
from runspect.readers import claim_file, reader_named
from runspect.readers.contract import Batch, Entry, read_all
from runspect.readers.runspect_record import READER
from runspect.recorder.layout import FORMAT, LATE
from runspect.resolve import resolve


def entry(root: Path, path: str) -> Entry:
    file = root / path
    names = frozenset(found.name for found in file.parent.iterdir())
    return Entry(path, file, file.stat().st_size, file.stat().st_mtime, names, frozenset())


def facts_of(root: Path, head: object) -> Batch:
    (root / "run.json").write_text(json.dumps(head))
    (batch,) = read_all(READER, root / "run.json")
    return batch


def test_a_recorded_training_is_one_run(tmp_path: Path) -> None:
    directory = tmp_path / "spirals" / "mlp"
    train(directory, "mlp", Settings(steps=20), seconds=0.1)
    names = ("run.json", "metrics.jsonl", "console.log")
    claims = [claim for name in names if (claim := claim_file(entry(tmp_path, f"spirals/mlp/{name}")))]
    assert [claim.reader for claim in claims] == ["runspect", "runspect-points", "console"]
    (plan,) = resolve(claims).runs
    assert plan.root == "spirals/mlp"
    assert {part.claim.path for part in plan.parts} == {f"spirals/mlp/{name}" for name in names}

    (batch,) = read_all(reader_named("runspect"), directory / "run.json")
    assert batch.params["lr"] == Settings().lr and batch.params["steps"] == 20
    assert batch.facts["name"] == "mlp" and batch.facts["dataset"] == "two-spirals" and batch.facts["seed"] == 3
    assert (batch.facts["end_state"], batch.facts["exit_code"]) == ("finished", 0)
    assert 0 <= batch.facts["ended"] - batch.facts["started"] < 60

    pieces = read_all(reader_named("runspect-points"), directory / "metrics.jsonl")
    points = {name: part for piece in pieces for name, part in piece.points.items()}
    assert set(points) == {"loss", "grad_norm", "val/loss", "val/acc", "lr"}
    assert points["val/loss"].times[0] == pytest.approx(batch.facts["started"], abs=10)


def test_a_running_one_has_no_end(tmp_path: Path) -> None:
    head = {"format": FORMAT, "status": "running", "pid": 12, "git": {"commit": "abc", "dirty": True}}
    batch = facts_of(tmp_path, head)
    assert batch.facts == {"pid": 12, "git_commit": "abc", "git_dirty": True}


def test_run_json_of_other_tools_is_not_claimed(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"experiment": {"name": "sacred"}, "status": "COMPLETED"}')
    assert READER.claim(entry(tmp_path, "run.json")) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["name", "started", "ended", "status", "exit_code", "pid", "git", "config", "tags", "seed", "host"]
)


@given(st.dictionaries(KEYS, JSON))
def test_any_values_are_taken_or_left(tmp_path_factory: pytest.TempPathFactory, head: dict[str, object]) -> None:
    facts_of(tmp_path_factory.mktemp("run"), {**head, "format": FORMAT})


@given(st.binary(max_size=200))
def test_any_bytes_never_raise(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("run") / "run.json"
    path.write_bytes(data)
    for batch in read_all(READER, path):
        assert batch.problems and not batch.facts


def test_what_a_record_lacks_is_a_problem(tmp_path: Path) -> None:
    head = {
        "format": FORMAT, "version": 1, "console_lost": {"bytes": 363420, "why": "No space left on device"}, "dropped": 7,
        "git": {"cut": ["no patch: larger than 64 MiB", f"{LATE} 3.1 s after the start"]},
        "data": [{"path": "/data/x", "missing": "No such file or directory"}, {"path": "/data/y", "sha256": "e"}],
        "problems": ["hardware: OSError: no /proc"],
    }  # fmt: skip
    assert [(each.what, each.effect) for each in facts_of(tmp_path, head).problems] == [
        (
            "the recorder could not write 363,420 bytes of the console (No space left on device)",
            "the console log has a gap",
        ),
        ("the recorder could not write 7 points", "they are missing in the curves"),
        ("git: no patch: larger than 64 MiB", "the run may not be rebuilt from its record"),
        ("no data at /data/x (No such file or directory)", "its digest is not known"),
        ("hardware: OSError: no /proc", "these facts are not known"),
    ]
    odd = {
        "console_lost": {"bytes": "x"},
        "dropped": True,
        "git": {"cut": 3},
        "data": [{"missing": 1}],
        "problems": [1],
    }
    assert facts_of(tmp_path, {"format": FORMAT, "version": 1, **odd}).problems == ()


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ([("/scratch/c10/train", "a" * 64)], ("c10", f"sha256:{'a' * 16}")),
        ([("/data/", "a" * 64)], ("data", f"sha256:{'a' * 16}")),
        (
            [("sets/x.csv", "a" * 64), ("sets/y.csv", "b" * 64)],
            ("x.csv, y.csv", f"sha256:{'a' * 16}, sha256:{'b' * 16}"),
        ),
        ([("sets/x.csv", "a" * 64), ("sets/y.csv", None)], ("x.csv, y.csv", None)),
        ([(f"sets/{at}.csv", "a" * 64) for at in range(9)], (None, None)),
    ],
)
def test_its_data_is_its_data_set(
    tmp_path: Path, data: list[tuple[str, str | None]], told: tuple[str | None, str | None]
) -> None:
    listed = [{"path": place, "sha256": digest} for place, digest in data]
    batch = facts_of(tmp_path, {"format": FORMAT, "version": 1, "id": "a", "data": listed})
    assert (batch.facts.get("dataset"), batch.facts.get("dataset_version")) == told
