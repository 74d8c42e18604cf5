"""The data sets that a W&B run took in."""

from __future__ import annotations

from pathlib import Path

import pytest

from runspect.model import Json
from runspect.readers.contract import Cursor
from runspect.readers.wandb import READER
from runspect.readers.wandb_files import READER as FILES
from runspect.readers.wandb_inputs import config_inputs, input_facts
from tests.readers import make_wandb as wb


def facts(path: Path, cursor: Cursor | None = None) -> tuple[dict[str, Json], Cursor]:
    found: dict[str, Json] = {}
    cursor = cursor or Cursor()
    for batch in READER.read(path, cursor):
        found |= batch.facts
        cursor = batch.cursor
    return {name: value for name, value in found.items() if name.startswith("dataset")}, cursor


def test_artifacts_that_were_used_are_its_data_sets(tmp_path: Path) -> None:
    path = tmp_path / "run-a.wandb"
    records = [
        wb.run(1, "a"),
        wb.used(2, "dataset", "cifar10:v3"),
        wb.used(3, "model", "resnet:v1"),
        wb.logged(4, "dataset", "made", "abc"),
        wb.used(5, "job", "job-data:v0"),
    ]
    path.write_bytes(wb.log(records))
    told, cursor = facts(path)
    assert told == {"dataset": "cifar10", "dataset_version": "v3"}
    # one that comes later joins it
    path.write_bytes(wb.log([*records, wb.logged(6, "raw_data", "extra", "0123abcd", is_input=True)]))
    assert facts(path, cursor)[0] == {"dataset": "cifar10, extra", "dataset_version": "v3, 0123abcd"}
    assert facts(path)[0] == {"dataset": "cifar10, extra", "dataset_version": "v3, 0123abcd"}


def test_a_qualified_name_is_cut_and_one_without_a_version_has_none(tmp_path: Path) -> None:
    path = tmp_path / "run-a.wandb"
    path.write_bytes(wb.log([wb.run(1, "a"), wb.used(2, "Dataset", "team/project/svhn")]))
    assert facts(path)[0] == {"dataset": "svhn"}


def test_a_config_may_hold_them(tmp_path: Path) -> None:
    value = '{"_type": "artifactVersion", "_version": "v0", "id": "x", "version": "v7", "sequenceName": "svhn"}'
    path = tmp_path / "run-a.wandb"
    path.write_bytes(wb.log([wb.run(1, "a"), wb.config(2, {"train_data": value, "init_from": value})]))
    assert facts(path)[0] == {"dataset": "svhn", "dataset_version": "v7"}
    files = tmp_path / "wandb" / "run-20260101_000000-a" / "files"
    files.mkdir(parents=True)
    (files / "config.yaml").write_text(
        "data:\n  value:\n    _type: artifactVersion\n    sequenceName: c10\n    version: v2\nlr:\n  value: 0.1\n"
    )
    (batch,) = FILES.read(files / "config.yaml", Cursor())
    assert batch.facts == {"dataset": "c10", "dataset_version": "v2"}


@pytest.mark.parametrize("broken", [wb.used(2, "dataset", ""), wb.used(2, "", "x:v1"), wb.used(2, "dataset", ":v1")])
def test_what_names_nothing_says_nothing(tmp_path: Path, broken: bytes) -> None:
    path = tmp_path / "run-a.wandb"
    path.write_bytes(wb.log([wb.run(1, "a"), broken]))
    assert facts(path)[0] == {}
    assert config_inputs({"_type": "artifactVersion", "data._type": "artifactVersion", "data.sequenceName": 3}) == []
    assert input_facts([]) == {}
