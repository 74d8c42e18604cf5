"""YOLO's tables and settings over its versions."""

from __future__ import annotations

from pathlib import Path

import pytest

from runspect.readers import claim_file, reader_named
from tests.conftest import FIXTURES
from tests.readers.entries import entry_of, found_in

OLD = FIXTURES / "yolo_old/runs/train"
NEW = FIXTURES / "ultralytics/runs/detect/train"


@pytest.mark.parametrize(("path", "reached"), [(OLD / "exp/results.csv", 3), (NEW / "results.csv", 3)])
def test_epochs_count_from_zero_or_one(path: Path, reached: int) -> None:
    assert found_in(reader_named("yolo"), path).facts == {"reached_steps": reached}


def test_the_text_table_has_the_names_of_the_later_one() -> None:
    text, table = (found_in(reader_named("yolo"), OLD / name) for name in ("exp2/results.txt", "exp/results.csv"))
    assert set(table.values) - set(text.values) == {"x/lr0", "x/lr1", "x/lr2"}
    assert text.facts == {"reached_steps": 2, "max_steps": 10}


def test_a_model_with_other_columns_keeps_its_numbers(tmp_path: Path) -> None:
    path = tmp_path / "results.txt"
    path.write_text("   0/9   1.9G   0.1   0.2   0.3\n")
    assert found_in(reader_named("yolo"), path).values == {
        "gpu_mem": [1.9],
        "column_3": [0.1],
        "column_4": [0.2],
        "column_5": [0.3],
    }


def test_the_picture_means_the_end_only_beside_a_run(tmp_path: Path) -> None:
    assert claim_file(entry_of(OLD, OLD / "exp3/results.png")) is not None
    (tmp_path / "results.png").write_bytes(b"\x89PNG")
    assert claim_file(entry_of(tmp_path, tmp_path / "results.png")) is None


def test_somebody_elses_results_are_a_plain_table(tmp_path: Path) -> None:
    (tmp_path / "results.csv").write_text("epoch,loss,accuracy\n1,0.5,0.9\n2,0.4,0.92\n")
    claim = claim_file(entry_of(tmp_path, tmp_path / "results.csv"))
    assert claim is not None
    assert claim.reader == "csv"


def test_settings_written_by_hand_count_beside_results(tmp_path: Path) -> None:
    path = tmp_path / "args.yaml"
    path.write_text("model: yolov8n.pt\ntask: detect\nepochs: 3\ndata: coco8.yaml\n")
    alone = claim_file(entry_of(tmp_path, path))
    (tmp_path / "results.csv").write_text("epoch, train/box_loss, metrics/mAP50(B)\n0, 1.5, 0.1\n")
    beside = claim_file(entry_of(tmp_path, path))
    assert (alone and alone.reader, beside and beside.reader) == ("config", "yolo-files")
