"""JSON lines: damage, odd values, nesting, changing keys."""

from __future__ import annotations

import json
import math
from pathlib import Path

from runspect.readers.jsonl import READER
from tests.readers.entries import Found, entry_of, found_in


def _found(tmp_path: Path, data: bytes, name: str = "metrics.jsonl") -> Found:
    path = tmp_path / name
    path.write_bytes(data)
    return found_in(READER, path)


def _claimed(tmp_path: Path, data: bytes, name: str) -> bool:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return READER.claim(entry_of(tmp_path, path)) is not None


def test_bare_nan_and_infinity_are_values(tmp_path: Path) -> None:
    found = _found(tmp_path, b'{"step": 1, "loss": NaN, "b": [NaN]}\n{"step": 2, "loss": -Infinity, "b": [1]}\n')
    assert math.isnan(found.values["loss"][0]) and found.values["loss"][1] == -math.inf
    assert math.isnan(found.values["b"][0]) and found.values["b"][1] == 1


def test_nan_inside_text_stays_text(tmp_path: Path) -> None:
    found = _found(tmp_path, b'{"step": 1, "note": "a: NaN, b", "loss": 0.5}\n')
    assert found.values == {"loss": [0.5]} and not found.problems


def test_booleans_and_text_are_no_metrics_and_numeric_strings_are(tmp_path: Path) -> None:
    found = _found(tmp_path, b'{"num_updates": "10", "loss": "8.5", "ok": true, "id": "007", "when": null}\n')
    assert found.values == {"loss": [8.5]} and found.steps["loss"] == [10]


def test_rows_without_step_take_the_last_one_or_are_counted(tmp_path: Path) -> None:
    found = _found(tmp_path, b'{"loss": 3}\n{"loss": 2}\n{"step": 50, "loss": 1}\n{"val": 9}\n')
    assert found.steps == {"loss": [0, 1, 50], "val": [50]}


def test_a_fractional_step_is_a_metric_and_rows_are_counted(tmp_path: Path) -> None:
    found = _found(tmp_path, b'{"epoch": 0.0, "loss": 3}\n{"epoch": 0.5, "loss": 2}\n{"epoch": 1.0, "loss": 1}\n')
    assert found.steps["loss"] == [0, 1, 2] and found.values["epoch"] == [0.5, 1.0]


def test_nested_rows_of_many_shapes(tmp_path: Path) -> None:
    rows = [{"step": 0, "t": {"l": 1.0}}, {"step": 1, "t": {"l": 2.0, "a": {"b": 3}}}, {"step": 2, "t": None}]
    found = _found(tmp_path, "".join(json.dumps(row) + "\n" for row in rows).encode())
    assert found.values == {"t/l": [1.0, 2.0], "t/a/b": [3.0]} and found.steps["t/l"] == [0, 1]


def test_the_config_in_a_row_is_params(tmp_path: Path) -> None:
    found = _found(tmp_path, b'{"step": 1, "loss": 2, "config": {"lr": 0.1, "net": {"h": [8, 4]}}}\n')
    assert found.params == {"lr": 0.1, "net.h": [8, 4]} and list(found.values) == ["loss"]


def test_lines_that_are_no_objects_are_one_problem_a_run(tmp_path: Path) -> None:
    found = _found(tmp_path, b'{"step": 1, "loss": 2}\nhello\nworld\n{"step": 2, "loss": 1}\n[1]\n')
    assert [problem.offset for problem in found.problems] == [23, 58]
    assert found.values["loss"] == [2.0, 1.0]


def test_a_merge_conflict_is_one_problem_and_its_first_side_is_read(tmp_path: Path) -> None:
    data = b'{"step": 1, "a": 1}\n<<<<<<< HEAD\n{"step": 2, "a": 2}\n=======\n{"step": 2, "a": 3}\n>>>>>>> x\n'
    found = _found(tmp_path, data)
    assert [(problem.what, problem.offset) for problem in found.problems] == [("merge-conflict markers", 20)]
    assert found.values["a"] == [1.0, 2.0]


def test_nul_bytes_that_a_crash_left_are_told_once(tmp_path: Path) -> None:
    path = tmp_path / "m.jsonl"
    path.write_bytes(b'{"step": 1, "a": 1}\n' + b"\0" * 9)
    found = found_in(READER, path)
    path.write_bytes(path.read_bytes() + b'{"step": 2, "a": 2}\n')
    found.add(READER.read(path, found.cursor))
    assert len(found.problems) == 1 and found.problems[0].offset == 20
    assert found.steps["a"] == [1, 2]


def test_a_whole_object_without_newline_is_taken_a_torn_one_not(tmp_path: Path) -> None:
    assert _found(tmp_path, b'{"step": 1, "a": 1}').values == {"a": [1.0]}
    torn = _found(tmp_path, b'{"step": 1, "a": 1}\n{"step": 2, "a": 1')
    assert torn.cursor.offset == 20 and not torn.problems


def test_times_of_all_kinds_are_utc_seconds(tmp_path: Path) -> None:
    rows = b'{"step": 1, "ts": 1700000000123, "a": 1}\n{"step": 2, "Time": "2023-11-14T22:13:21+00:00", "a": 1}\n'
    found = _found(tmp_path, rows)
    assert found.times["a"] == [1700000000.123, 1700000001.0] and list(found.values) == ["a"]
    assert _found(tmp_path, b'{"step": 1, "time": 3.5}\n').values == {"time": [3.5]}


def test_splits_prefix_and_split_files_too(tmp_path: Path) -> None:
    rows = b'{"mode": "train", "iter": 1, "loss": 2}\n{"mode": "val", "iter": 1, "loss": 3}\n{"mode": 0, "loss": 1}\n'
    found = _found(tmp_path, rows)
    assert found.values["train/loss"] == [2.0] and found.values["val/loss"] == [3.0] and found.values["mode"] == [0.0]
    assert list(_found(tmp_path, b'{"step": 1, "loss": 2}\n', "valid.jsonl").values) == ["valid/loss"]


def test_utf16_and_latin1_are_read(tmp_path: Path) -> None:
    assert _found(tmp_path, '\ufeff{"step": 1, "a": 1}\n'.encode("utf-16-le")).values == {"a": [1.0]}
    assert _found(tmp_path, b'{"step": 1, "gr\xf6\xdfe": 1}\n').values == {"größe": [1.0]}


def test_claims_logs_and_not_data_sets(tmp_path: Path) -> None:
    row = b'{"step": 1, "loss": 2.5}\n'
    assert _claimed(tmp_path, row * 3, "anything.json")
    assert _claimed(tmp_path, b'{"epoch": 1, "train_loss": 2.5}\n', "trainer_log.jsonl")
    assert _claimed(tmp_path, b"", "metrics.jsonl")
    assert not _claimed(tmp_path, b'{"id": 3, "text": "the train was late"}\n' * 3, "train.jsonl")
    assert not _claimed(tmp_path, b'{"index": 3, "label": 1}\n' * 3, "data/val.jsonl")
    assert not _claimed(tmp_path, b'{"lr": 0.1, "epochs": 3}', "setup.json")
    assert not _claimed(tmp_path, b'{"op_code": 4, "step": 1, "value": 2.0}\n' * 3, "journal.log")


def test_cells_of_any_kind_beside_numbers_and_text(tmp_path: Path) -> None:
    rows = (
        b'{"step": 1, "loss": 1}\n{"step": 2.5, "loss": "NaN"}\n{"step": [3], "loss": [1]}\n{"step": 4, "loss": 2.5}\n'
    )
    found = _found(tmp_path, rows)
    assert len(found.values["loss"]) == 4 and not found.problems


def test_text_that_is_not_utf8_is_read_and_told(tmp_path: Path) -> None:
    found = _found(tmp_path, b'{"step": 1, "caf\xe9/loss": 0.5}\n')
    assert found.values == {"café/loss": [0.5]}
    assert [(problem.offset, problem.what) for problem in found.problems] == [(16, "text that is not UTF-8")]


def test_a_log_by_name_that_holds_noise_is_claimed_so_that_it_is_told(tmp_path: Path) -> None:
    noise = "".join(f'{{"step": {at}, "loss": 1}}\n' for at in range(9)).encode("utf-16-le")
    assert _claimed(tmp_path, noise, "metrics.jsonl") and _claimed(tmp_path, b"\x80\x03}q\x00", "log.jsonl")
    assert not _claimed(tmp_path, b"\x80\x03}q\x00", "data/log.jsonl")
    assert not _claimed(tmp_path, b"[1, 2]\n", "log.jsonl")
    assert _found(tmp_path, noise).problems


def test_a_step_told_with_its_total_counts(tmp_path: Path) -> None:
    rows = "".join(f'{{"loss": 0.{at}, "epoch": 0.0{at}, "global_step/max_steps": "{at}0/30"}}\n' for at in (1, 2, 3))
    assert _found(tmp_path, rows.encode()).steps["loss"] == [10, 20, 30]


def test_the_kind_of_a_row_is_its_split_where_it_says_so(tmp_path: Path) -> None:
    rows = b'{"type": "train", "step": 1, "loss": 1.0}\n{"type": "eval", "step": 1, "loss": 2.0}\n{"type": "log", "fps": 9}\n'
    assert _found(tmp_path, rows).values == {"train/loss": [1.0], "eval/loss": [2.0], "fps": [9.0]}


def test_how_long_an_episode_was_is_no_step(tmp_path: Path) -> None:
    found = _found(
        tmp_path, b'{"episode": 1, "reward": 10, "steps": 200}\n{"episode": 2, "reward": 20, "steps": 150}\n'
    )
    assert found.steps == {"reward": [1, 2], "steps": [1, 2]}
