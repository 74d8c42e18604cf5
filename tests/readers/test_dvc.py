"""DVC's digests as the data set of a run; the files are as dvc 3 wrote them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from runspect.engine.discovery import walk
from runspect.model import Json, RunPlan
from runspect.readers import claim_file
from runspect.readers.contract import Cursor
from runspect.readers.dvc import READER
from runspect.resolve import resolve
from tests.readers.entries import entry_of

LOCK = """schema: '2.0'
stages:
  prepare:
    cmd: python prepare.py
    deps:
    - path: data/c10
      hash: md5
      md5: 7feddf007e6e3577837d6ca0cff88683.dir
      size: 4
      nfiles: 2
    outs:
    - path: data/prepared
      hash: md5
      md5: a49d348500b2274cc9cb89fcfd0355a8.dir
  train:
    cmd: python train.py
    deps:
    - path: data/prepared
      hash: md5
      md5: a49d348500b2274cc9cb89fcfd0355a8.dir
    - path: train.py
      hash: md5
      md5: 83f7cb4fa36aa507b7c9fc22a2d5cbc5
    params:
      params.yaml:
        lr: 0.1
    outs:
    - path: dvclive/metrics.json
      hash: md5
      md5: 3662135a4fd14e67cd6d964a425a6ec9
"""
TRACKED = "outs:\n- md5: 7feddf007e6e3577837d6ca0cff88683.dir\n  size: 4\n  nfiles: 2\n  hash: md5\n  path: c10\n"


def facts(path: Path, text: str) -> dict[str, Json]:
    path.write_text(text)
    (batch,) = READER.read(path, Cursor())
    return dict(batch.facts)


def runs_in(directory: Path) -> Sequence[RunPlan]:
    return resolve(file.claim for file in walk(directory, claim=claim_file).files if file.claim).runs


def test_the_data_that_the_training_stage_depends_on(tmp_path: Path) -> None:
    expected = {"dataset": "prepared", "dataset_version": "a49d348500b2274cc9cb89fcfd0355a8"}
    assert facts(tmp_path / "dvc.lock", LOCK) == expected
    only = LOCK.replace("  train:", "  other:")
    assert facts(tmp_path / "dvc.lock", only) == {}, "no stage of two is the training"
    twice = LOCK + LOCK[LOCK.index("  train:") :].replace("train:", "finetune:")
    assert facts(tmp_path / "dvc.lock", twice) == {}, "either of two may be it"


def test_a_tracked_directory_and_a_stage_alone(tmp_path: Path) -> None:
    expected = {"dataset": "c10", "dataset_version": "7feddf007e6e3577837d6ca0cff88683"}
    assert facts(tmp_path / "c10.dvc", TRACKED) == expected
    alone = LOCK[: LOCK.index("  train:")]
    assert facts(tmp_path / "dvc.lock", alone) == expected
    remote = "outs:\n- etag: '\"abc\"'\n  hash: etag\n  path: sets/x.csv\n"
    assert facts(tmp_path / "x.dvc", remote) == {"dataset": "x.csv", "dataset_version": '"abc"'}


@pytest.mark.parametrize(
    "text",
    [
        "stages: []",
        "stages: {train: 3}",
        "outs: x",
        "outs: [3, {path: 5}, {md5: a}]",
        "{}",
        "stages: {train: {deps: 1}}",
    ],
)
def test_what_names_nothing_says_nothing(tmp_path: Path, text: str) -> None:
    assert facts(tmp_path / "dvc.lock", text) == {}
    assert facts(tmp_path / "x.dvc", text) == {}


def test_unknown_tags_are_data_and_other_texts_a_problem(tmp_path: Path) -> None:
    path, made = tmp_path / "x.dvc", tmp_path / "made"
    facts(path, f"outs:\n- path: !!python/object/apply:os.mkdir ['{made}']\n  md5: x\n")
    assert not made.exists()
    path.write_text("- a\n- b\n")
    (batch,) = READER.read(path, Cursor())
    assert batch.facts == {} and batch.problems


def test_only_a_single_file_that_tracks_data_is_claimed(tmp_path: Path) -> None:
    def reader_of(name: str) -> str | None:
        claim = claim_file(entry_of(tmp_path, tmp_path / name))
        return None if claim is None else claim.reader

    for name in ("c10.dvc", "model.pt.dvc"):
        (tmp_path / name).write_text(TRACKED)
    assert (reader_of("c10.dvc"), reader_of("model.pt.dvc")) == (None, None)
    (tmp_path / "model.pt.dvc").unlink()
    assert reader_of("c10.dvc") == "dvc"
    (tmp_path / "dvc.lock").write_text(LOCK)
    assert (reader_of("c10.dvc"), reader_of("dvc.lock")) == (None, "dvc")


@pytest.mark.parametrize("place", ["", "runs", "dvclive", "dvclive/a"])
def test_it_goes_to_the_only_run_below(tmp_path: Path, place: str) -> None:
    run = tmp_path / place
    if place.startswith("dvclive"):
        (run / "plots/metrics").mkdir(parents=True)
        (run / "plots/metrics/loss.tsv").write_text("step\tloss\n0\t0.5\n")
    else:
        run.mkdir(exist_ok=True)
        (run / "metrics.jsonl").write_text('{"step": 1, "val/loss": 0.5}\n')
    (tmp_path / "dvc.lock").write_text(LOCK)
    (found,) = runs_in(tmp_path)
    assert "dvc.lock" in {part.claim.path for part in found.parts}


def test_it_goes_to_none_of_several_and_founds_none(tmp_path: Path) -> None:
    (tmp_path / "dvc.lock").write_text(LOCK)
    (tmp_path / "dvclive").mkdir()
    assert runs_in(tmp_path) == ()
    for name in ("a", "b"):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / "metrics.jsonl").write_text('{"step": 1, "val/loss": 0.5}\n')
    found = runs_in(tmp_path)
    assert len(found) == 2
    assert all("dvc.lock" not in {part.claim.path for part in run.parts} for run in found)
