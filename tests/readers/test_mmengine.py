"""What is peculiar to the logs of MMEngine and mmcv."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runspect.readers import claim_file, reader_named
from runspect.readers.mmengine_log import goal, origin
from tests.readers.entries import entry_of, found_in


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("rows", "begins"),
    [
        (({"iter": 50, "epoch": 1}, {"iter": 100, "epoch": 1}), "0"),
        (({"iter": 50, "epoch": 1}, {"iter": 170, "epoch": 2}), "0"),
        (({"iter": 65, "epoch": 4}, {"iter": 70, "epoch": 4}), "60"),
        (({"acc": 1, "step": 4}, {"iter": 65, "epoch": 5}), "65"),
        (({"acc": 1, "step": 4},), ""),
    ],
)
def test_the_first_rows_tell_whether_a_session_was_resumed(
    tmp_path: Path, rows: tuple[dict[str, int], ...], begins: str
) -> None:
    text = "".join(json.dumps(row) + "\n" for row in rows)
    path = put(tmp_path / "w/20240101_000000/vis_data/scalars.json", text)
    claim = claim_file(entry_of(tmp_path, path))
    assert claim is not None
    assert (claim.reader, claim.root, claim.hint("begins")) == ("mmengine", "w", begins)


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        ("- Epoch(train)  [3][20/20]  lr: 1", {"reached_steps": 3, "max_steps": 12}),
        ("- Epoch(train)  [3][15/20]  lr: 1", {"reached_steps": 2, "max_steps": 12}),
        ("- Epoch(train) [12][15/20]  lr: 1\n- Saving checkpoint at 12 epochs", {"reached_steps": 12, "max_steps": 12}),
        ("- Epoch [2][50/7330]\tlr: 2.000e-02", {"reached_steps": 1, "max_steps": 12}),
        ("- Iter(train) [  100/80000]  lr: 1", {"reached_steps": 100, "max_steps": 80000}),
        ("- Epoch(val) [3][5/5]    acc: 1", {}),
    ],
)
def test_the_log_tells_how_far_it_came_in_its_own_unit(tail: str, expected: dict[str, int]) -> None:
    assert goal("train_cfg = dict(max_epochs=12, val_interval=1)\n", tail) == expected


def test_the_environment_is_told_by_the_head_of_the_log() -> None:
    head = (
        "2024/01/02 03:04:05 - mmengine - INFO - \n    Python: 3.10.1 (main)\n    GPU 0,1: NVIDIA A100\n    seed: 7\n"
    )
    facts = origin(head)
    assert (facts["python"], facts["gpu"], facts["seed"]) == ("3.10.1", "NVIDIA A100", 7)
    assert isinstance(facts["started"], float)


def test_a_python_file_with_code_is_no_dumped_config(tmp_path: Path) -> None:
    script = put(tmp_path / "train.py", "import torch\nx = 1\n")
    dumped = put(tmp_path / "resnet.py", "model = dict(type='ResNet')\nwork_dir = __import__('os').getcwd()\n")
    assert claim_file(entry_of(tmp_path, script)) is None
    claim = claim_file(entry_of(tmp_path, dumped))
    assert claim is not None and claim.reader == "mmengine-files"
    assert found_in(reader_named(claim.reader), dumped).params["model.type"] == "ResNet"


def test_iterations_of_mmcv_count_through_the_epochs(tmp_path: Path) -> None:
    rows = [{"mode": "train", "epoch": epoch, "iter": at, "loss": 1.0} for epoch in (1, 2) for at in (10, 20)]
    path = put(tmp_path / "None.log.json", "".join(json.dumps(row) + "\n" for row in rows))
    reader = reader_named("mmcv")
    assert found_in(reader, path).steps["train/loss"] == [10, 20, 30, 40]
    put(tmp_path / "None.log", "2021-01-01 10:00:00,000 - mmdet - INFO - Epoch [1][10/25]\tlr: 0.1\n")
    assert found_in(reader, path).steps["train/loss"] == [10, 20, 35, 45]


def test_iterations_that_never_begin_anew_are_left_as_they_are(tmp_path: Path) -> None:
    rows = [{"mode": "train", "epoch": epoch, "iter": 10 * epoch, "loss": 1.0} for epoch in (1, 2, 3)]
    path = put(tmp_path / "x.log.json", "".join(json.dumps(row) + "\n" for row in rows))
    assert found_in(reader_named("mmcv"), path).steps["train/loss"] == [10, 20, 30]


def test_the_log_tells_the_rows_where_they_were_not_kept(tmp_path: Path) -> None:
    line = (
        "2024/01/02 03:04:0{0} - mmengine - INFO - Epoch(train)  [1][{0}/5]  lr: 1.0e-03  eta: 0:00:10  loss: 0.{0}\n"
    )
    path = put(tmp_path / "w/20240101_000000/20240101_000000.log", "".join(map(line.format, (1, 2, 3))))
    claim = claim_file(entry_of(tmp_path, path))
    assert claim is not None and claim.root == "w"
    assert found_in(reader_named(claim.reader), path).steps["loss"] == [1, 2, 3]
    put(tmp_path / "w/20240101_000000/vis_data/scalars.json", "")
    assert not found_in(reader_named(claim.reader), path).steps


def test_the_log_of_mmcv_tells_no_rows_that_its_json_has(tmp_path: Path) -> None:
    line = "2021-01-02 03:04:05,123 - mmdet - INFO - Epoch [1][5/5]\tlr: 1.0e-03, eta: 0:00:10, loss: 0.5\n"
    path = put(tmp_path / "w/20210102_030400.log", line)
    put(tmp_path / "w/20210102_030400.log.json", '{"mode": "train", "epoch": 1, "iter": 5, "loss": 0.5}\n')
    claim = claim_file(entry_of(tmp_path, path))
    assert claim is not None and claim.reader == "mmengine-files"
    assert not found_in(reader_named(claim.reader), path).steps
