"""Stable-Baselines3 and Baselines: growing columns, monitors, evaluations, printed tables, the zoo's settings."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runspect.readers import claim_file, reader_named
from runspect.readers.resume import sealed, still_valid
from runspect.workspace import Workspace
from tests.conftest import FIXTURES
from tests.readers.entries import entry_of, found_in

PPO = FIXTURES / "stable_baselines3/ppo_cartpole"
ZOO_ARGS = """!!python/object/apply:collections.OrderedDict
- - - algo
    - ppo
  - - seed
    - 3
  - - n_timesteps
    - -1
"""
ZOO_CONFIG = """!!python/object/apply:collections.OrderedDict
- - - n_steps
    - 32
  - - n_timesteps
    - 100000.0
  - - policy
    - MlpPolicy
"""


def runs_in(directory: Path) -> list[dict[str, Any]]:
    workspace = Workspace.open((directory,))
    try:
        workspace.sync()
        listed: list[dict[str, Any]] = json.loads(workspace.runs_json())
        return listed
    finally:
        workspace.close()


def test_the_step_column_is_shown_as_the_tool_shows_it() -> None:
    found = found_in(reader_named("stable-baselines3"), PPO / "progress.csv")
    assert found.steps["time/total_timesteps"] == found.values["time/total_timesteps"]
    assert found.facts["reached_steps"] == 1024
    other = found_in(reader_named("stable-baselines3"), PPO / "progress.json")
    assert other.steps == found.steps
    assert other.values["train/loss"] == found.values["train/loss"]


def test_a_new_column_begins_the_table_anew(tmp_path: Path) -> None:
    path = tmp_path / "progress.csv"
    path.write_text("time/total_timesteps,rollout/ep_rew_mean\n10,1.0\n")
    reader = reader_named("stable-baselines3")
    cursor = sealed(found_in(reader, path).cursor, path)
    path.write_text("time/total_timesteps,rollout/ep_rew_mean,train/loss\n10,1.0,\n20,2.0,0.5\n")
    assert not still_valid(cursor, path)
    assert found_in(reader, path).steps["train/loss"] == [20]


def test_a_monitor_tells_when_each_episode_ended() -> None:
    found = found_in(reader_named("stable-baselines3"), PPO / "monitor.csv")
    assert found.params == {"env_id": "CartPole-v1"}
    assert found.times["r"][0] == pytest.approx(1795440399.2769604 + 1.883204)


def test_monitors_of_several_environments_are_told_apart(tmp_path: Path) -> None:
    for number in ("0.0", "0.1", "1.0"):
        text = '#{"t_start": 1700000000.0, "env_id": "Ant"}\nr,l,t\n1.0,10,0.5\n'
        (tmp_path / f"{number}.monitor.csv").write_text(text)
    (run,) = runs_in(tmp_path)
    assert sorted(name for name in run["metrics"] if name.endswith("r")) == [
        "0.0.monitor/r",
        "0.1.monitor/r",
        "1.0.monitor/r",
    ]


def test_evaluations_are_means_over_episodes() -> None:
    found = found_in(reader_named("sb3-evaluations"), PPO / "evaluations.npz")
    table = found_in(reader_named("stable-baselines3"), PPO / "progress.csv")
    for name in ("eval/mean_reward", "eval/mean_ep_length"):
        assert (found.steps[name], found.values[name]) == (table.steps[name], table.values[name])


def test_an_archive_of_objects_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "evaluations.npz"
    stream = io.BytesIO()
    np.savez(stream, timesteps=np.array([1, {}], dtype=object), results=np.ones((2, 1)))
    path.write_bytes(stream.getvalue())
    found = found_in(reader_named("sb3-evaluations"), path)
    assert not found.values
    assert [problem.what[:17] for problem in found.problems] == ["a damaged archive"]


def test_evaluations_in_their_own_directory_belong_to_the_run_above(tmp_path: Path) -> None:
    (tmp_path / "run/eval").mkdir(parents=True)
    (tmp_path / "run/progress.csv").write_bytes((PPO / "progress.csv").read_bytes())
    (tmp_path / "run/eval/evaluations.npz").write_bytes((PPO / "evaluations.npz").read_bytes())
    assert [run["path"] for run in runs_in(tmp_path)] == ["run"]


def test_printed_tables_are_the_rounded_table() -> None:
    printed = found_in(reader_named("rl-tables"), PPO / "log.txt")
    table = found_in(reader_named("stable-baselines3"), PPO / "progress.csv")
    assert printed.steps == table.steps
    for name, values in printed.values.items():
        assert values == pytest.approx(table.values[name], rel=6e-3)


def test_tables_of_baselines_have_no_sections(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    table = "----------------------------\n| EpRewMean      | 12.5   |\n| TimestepsSoFar | 2048   |\n"
    path.write_text("Logging to /tmp/x\n" + table)
    claim = claim_file(entry_of(tmp_path, path))
    assert claim is not None
    assert claim.reader == "rl-tables"
    assert not found_in(reader_named("rl-tables"), path).values  # the table is not closed yet
    path.write_text("Logging to /tmp/x\n" + table + "----------------------------\n")
    assert found_in(reader_named("rl-tables"), path).steps["EpRewMean"] == [2048]


def test_the_zoo_keeps_its_settings_below_the_run(tmp_path: Path) -> None:
    run = tmp_path / "ppo/CartPole-v1_1"
    (run / "CartPole-v1").mkdir(parents=True)
    (run / "CartPole-v1/args.yml").write_text(ZOO_ARGS)
    (run / "CartPole-v1/config.yml").write_text(ZOO_CONFIG)
    (run / "0.monitor.csv").write_text('#{"t_start": 1700000000.0, "env_id": "CartPole-v1"}\nr,l,t\n1.0,10,0.5\n')
    (found,) = runs_in(tmp_path)
    assert found["path"] == "ppo/CartPole-v1_1"
    assert {key: found["params"][key] for key in ("algo", "n_steps", "policy")} == {
        "algo": "ppo",
        "n_steps": 32,
        "policy": "MlpPolicy",
    }
