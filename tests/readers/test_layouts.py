"""What is peculiar to the layouts of Spinning Up, IsaacLab, ML-Agents, AllenNLP, Ludwig and Chainer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runspect.readers import claim_file, reader_named
from tests.conftest import FIXTURES
from tests.readers.entries import entry_of, found_in


@pytest.mark.parametrize(("name", "reached"), [("vpg_s0", 3), ("sac_s0", 2)])
def test_spinning_up_counts_from_zero_or_one(name: str, reached: int) -> None:
    found = found_in(reader_named("spinup"), FIXTURES / f"spinningup/data/{name}/progress.txt")
    assert found.facts == {"reached_steps": reached}


def test_the_settings_of_isaaclab_are_plain_data() -> None:
    run = FIXTURES / "spinningup/logs/rsl_rl/cartpole/2026-11-23_10-00-00"
    agent = found_in(reader_named("rl-configs"), run / "params/agent.yaml")
    assert agent.params["agent.policy.actor_hidden_dims"] == [32, 32]
    assert agent.facts == {"max_steps": 150}


def test_an_agent_beside_no_env_is_a_plain_config(tmp_path: Path) -> None:
    (tmp_path / "params").mkdir()
    (tmp_path / "params/agent.yaml").write_text("seed: 1\n")
    assert claim_file(entry_of(tmp_path, tmp_path / "params/agent.yaml")) is None


def test_the_behaviour_that_came_furthest_counts(tmp_path: Path) -> None:
    (tmp_path / "run_logs").mkdir()
    path = tmp_path / "run_logs/training_status.json"
    path.write_text(json.dumps({"A": {"checkpoints": [{"steps": 10}]}, "B": {"final_checkpoint": {"steps": 30}}}))
    assert found_in(reader_named("ml-agents"), path).facts == {"reached_steps": 30}


def test_metrics_of_somebody_else_are_not_allennlps(tmp_path: Path) -> None:
    (tmp_path / "metrics.json").write_text('{"loss": 0.5, "epoch": 3}')
    claim = claim_file(entry_of(tmp_path, tmp_path / "metrics.json"))
    assert claim is None or claim.reader != "allennlp"


def test_ludwig_before_and_after_its_renaming(tmp_path: Path) -> None:
    path = tmp_path / "description.json"
    told = {"ludwig_version": "0.2.2", "model_definition": {"training": {"epochs": 9}}, "input_data": "a.csv"}
    path.write_text(json.dumps(told))
    found = found_in(reader_named("ludwig"), path)
    assert found.params == {"training.epochs": 9}
    assert found.facts == {"dataset": "a.csv", "writer": "ludwig 0.2.2", "max_steps": 9}


@pytest.mark.parametrize(
    ("name", "text", "reader"),
    [
        ("log", '[\n {"iteration": 1200, "epoch": 1, "dis/loss": 0.7}\n]', "chainer"),
        ("log.json", '[\n {"main/loss": 0.7, "epoch": 1, "iteration": 1200, "elapsed_time": 5.2}\n]', "chainer"),
        ("log.json", '[\n {"loss": 0.7, "epoch": 1, "iteration": 1200}\n]', "json-history"),
        ("log", '[\n {"level": "info", "message": "started"}\n]', None),
        ("model.json", '[\n 8,\n 2,\n {"lr": 0.1}\n]', "chainer"),
        ("model.json", '{"class_name": "Sequential", "config": []}', None),
    ],
)
def test_reports_are_known_by_their_rows(tmp_path: Path, name: str, text: str, reader: str | None) -> None:
    (tmp_path / "log").write_text("[]")
    (tmp_path / name).write_text(text)
    claim = claim_file(entry_of(tmp_path, tmp_path / name))
    assert (claim and claim.reader) == reader


def test_hydras_directory_may_be_called_otherwise(tmp_path: Path) -> None:
    for name in ("config.yaml", "hydra.yaml", "overrides.yaml"):
        (tmp_path / "run/settings").mkdir(parents=True, exist_ok=True)
        (tmp_path / "run/settings" / name).write_text("{}\n")
    claim = claim_file(entry_of(tmp_path, tmp_path / "run/settings/config.yaml"))
    assert claim is not None and (claim.reader, claim.root, claim.rank) == ("hydra", "run", "container")


def test_the_columns_of_several_test_sets_of_catboost(tmp_path: Path) -> None:
    path = tmp_path / "test_error.tsv"
    path.write_text("iter\tAUC:0\tAUC:1\tAUC\n0\t0.9\t0.8\t0.4\n")
    assert found_in(reader_named("catboost"), path).values == {
        "test/AUC:0": [0.9],
        "test1/AUC:1": [0.8],
        "test2/AUC": [0.4],
    }
