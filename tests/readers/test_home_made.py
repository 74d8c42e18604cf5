"""Logs of scripts of one's own, in the shapes that people give them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runspect.readers import configs, console_metrics, csv_table, json_history, jsonl
from runspect.readers.contract import Reader
from tests.readers.entries import Found, entry_of, found_in


def told(reader: Reader, path: Path, text: str) -> Found:
    """What is read of a file with this text, which the reader must claim."""
    path.write_text(text)
    assert reader.claim(entry_of(path.parent, path)) is not None
    return found_in(reader, path)


def test_rows_that_name_their_metric(tmp_path: Path) -> None:
    rows = [{"step": step, "metric": name, "value": step / 2} for step in range(3) for name in ("loss", "val/acc")]
    found = told(jsonl.READER, tmp_path / "metrics.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert found.steps == {"loss": [0, 1, 2], "val/acc": [0, 1, 2]}
    assert found.values["loss"] == [0, 0.5, 1]
    table = "step,name,value\n0,loss,1\n0,acc,0.1\n1,loss,0.5\n"
    found = told(csv_table.READER, tmp_path / "metrics.csv", table)
    assert (found.steps, found.values) == ({"loss": [0, 1], "acc": [0]}, {"loss": [1, 0.5], "acc": [0.1]})


def test_a_name_beside_other_numbers_is_no_metric(tmp_path: Path) -> None:
    found = told(jsonl.READER, tmp_path / "log.jsonl", '{"step": 1, "name": "a", "value": 2, "loss": 3}\n')
    assert found.values == {"value": [2], "loss": [3]}


def test_a_curve_that_tensorboard_exported(tmp_path: Path) -> None:
    table = "Wall time,Step,Value\n1700000000.5,0,0.5\n1700000001.5,10,0.4\n"
    found = told(csv_table.READER, tmp_path / "run-exp-tag-Loss_train.csv", table)
    assert (found.steps, found.times) == ({"Loss_train": [0, 10]}, {"Loss_train": [1700000000.5, 1700000001.5]})


def test_cells_with_a_unit_or_a_type(tmp_path: Path) -> None:
    table = "epoch,acc,loss\n" + "".join(f"{epoch},{50 + epoch}%,np.float64(0.{epoch})\n" for epoch in range(3))
    found = told(csv_table.READER, tmp_path / "log.csv", table)
    assert found.values == {"acc": [50, 51, 52], "loss": [0.0, 0.1, 0.2]}
    assert not found.problems


def test_the_arguments_in_the_first_line(tmp_path: Path) -> None:
    found = told(jsonl.READER, tmp_path / "log.jsonl", '{"args": {"lr": 0.1}}\n{"step": 0, "loss": 1}\n')
    assert (found.params, found.values) == ({"lr": 0.1}, {"loss": [1]})


def test_a_table_of_one_split_may_tell_of_another(tmp_path: Path) -> None:
    found = told(csv_table.READER, tmp_path / "train.csv", "epoch,loss,train_acc,val_loss\n1,1,2,3\n")
    assert found.values == {"train/loss": [1], "train_acc": [2], "val_loss": [3]}


def test_a_history_beside_its_configuration_and_results(tmp_path: Path) -> None:
    value = {"config": {"lr": 0.1}, "history": {"loss": [3, 2], "acc": [0.1, 0.2]}, "test_acc": 0.9}
    found = told(json_history.READER, tmp_path / "results.json", json.dumps(value))
    assert found.params == {"lr": 0.1}
    assert found.values == {"loss": [3, 2], "acc": [0.1, 0.2], "test_acc": [0.9]}


def test_epochs_as_keys(tmp_path: Path) -> None:
    value = {f"epoch_{epoch}": {"loss": 1 / epoch} for epoch in (1, 2)}
    found = told(json_history.READER, tmp_path / "log.json", json.dumps(value))
    assert (found.steps, found.values) == ({"loss": [1, 2]}, {"loss": [1, 0.5]})


def test_lists_below_take_the_steps_above(tmp_path: Path) -> None:
    value = {"epochs": [1, 2], "loss": [3, 2], "val": {"acc": [0.1, 0.2], "f1": [5, 6, 7]}}
    found = told(json_history.READER, tmp_path / "train_log.json", json.dumps(value))
    assert found.steps == {"loss": [1, 2], "val/acc": [1, 2], "val/f1": [0, 1, 2]}


OPTIONS = """----------------- Options ---------------
               batch_size: 4                             \t[default: 1]
                    beta1: 0.5
          checkpoints_dir: ./checkpoints
----------------- End -------------------
"""


@pytest.mark.parametrize(
    ("name", "text", "params"),
    [
        ("train_opt.txt", OPTIONS, {"batch_size": 4, "beta1": 0.5, "checkpoints_dir": "./checkpoints"}),
        ("args.txt", "Namespace(out=PosixPath('/x/y'), lr=0.1)\n", {"out": "/x/y", "lr": 0.1}),
    ],
)
def test_dumped_arguments(tmp_path: Path, name: str, text: str, params: dict[str, object]) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert found_in(configs.READER, path).params == params


def test_a_value_that_is_no_number_keeps_its_name(tmp_path: Path) -> None:
    path = tmp_path / "train.log"
    path.write_text("".join(f"Epoch {epoch} loss {'nan' if epoch > 2 else epoch} acc 0.5\n" for epoch in range(1, 5)))
    found = found_in(console_metrics.READER, path)
    assert [str(value) for value in found.values["loss"]] == ["1.0", "2.0", "nan", "nan"]
    assert len(found.values["acc"]) == 4


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("Step {n}: {{'loss': 0.{n}, 'acc': np.float64(0.5)}}", {"loss": [0.1, 0.2], "acc": [0.5, 0.5]}),
        ('INFO:root:{{"step": {n}, "loss": 0.{n}}}', {"loss": [0.1, 0.2]}),
        ("epoch {n} loss tensor(0.{n}, device='cuda:0')", {"loss": [0.1, 0.2]}),
        ("Ep 0{n} - train_loss 0.{n}", {"train_loss": [0.1, 0.2]}),
        ("Epoch {n}: accuracy 45/50 (90.00%) loss 0.{n}", {"loss": [0.1, 0.2]}),
    ],
)
def test_lines_of_ones_own(tmp_path: Path, line: str, values: dict[str, list[float]]) -> None:
    path = tmp_path / "train.log"
    path.write_text("".join(line.format(n=n) + "\n" for n in (1, 2)))
    found = found_in(console_metrics.READER, path)
    assert found.values == values
    assert set(map(tuple, found.steps.values())) == {(1, 2)}


@pytest.mark.parametrize("prefix", ["[rank{rank}]: ", "[default{rank}]:", "{rank}: "])
def test_of_several_ranks_the_first_one_tells(tmp_path: Path, prefix: str) -> None:
    path = tmp_path / "train.log"
    lines = [f"{prefix.format(rank=rank)}epoch {epoch} loss 0.{rank}{epoch}" for epoch in (1, 2) for rank in (0, 1)]
    path.write_text("\n".join(lines) + "\n")
    found = found_in(console_metrics.READER, path)
    assert (found.steps, found.values) == ({"loss": [1, 2]}, {"loss": [0.01, 0.02]})


def test_last_values_of_each_part_of_the_data_are_a_run_and_the_config_beside_them_its_params(tmp_path: Path) -> None:
    path = tmp_path / "metrics.json"
    path.write_text('{"config": {"lr": 0.1}, "val": {"loss": 0.5}, "test": {"loss": 0.6, "acc": 0.9}, "model": "net"}')
    claim = json_history.READER.claim(entry_of(tmp_path, path))
    assert claim is not None and claim.hint("outcome") == "yes"
    found = found_in(json_history.READER, path)
    assert found.values == {"val/loss": [0.5], "test/loss": [0.6], "test/acc": [0.9]} and found.params == {"lr": 0.1}
    path.write_text('{"accuracy": 0.9, "cat": {"precision": 0.5}}')
    claim = json_history.READER.claim(entry_of(tmp_path, path))
    assert claim is not None and not claim.hint("outcome")


def test_rows_beside_lists_of_the_same_length_are_columns(tmp_path: Path) -> None:
    value = {"loss": [1, 0.9], "train_metrics": [{"mse": 2}, {"mse": 1.5}], "samples": [{"score": 1}] * 3}
    found = told(json_history.READER, tmp_path / "training_history.json", json.dumps(value))
    assert found.values == {"loss": [1.0, 0.9], "train_metrics/mse": [2.0, 1.5]}
