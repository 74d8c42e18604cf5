"""Configs and consoles: given to a run only where there is no doubt."""

from __future__ import annotations

from runspect.model import Claim
from runspect.resolve import resolve
from tests.resolve.claims import claim, config, console, events, files, hydra, only, wandb


def loose(claims: list[Claim]) -> list[str]:
    return [each.path for each in resolve(claims).loose]


def doubts(claims: list[Claim]) -> list[tuple[str, str]]:
    return [(doubt.path, doubt.what) for doubt in resolve(claims).doubts]


def test_a_config_beside_the_series_is_its_own() -> None:
    assert len(only([claim("r/metrics.csv"), config("r/config.yaml")]).parts) == 2


def test_a_config_above_the_only_run_is_adopted() -> None:
    assert "exp/config.yaml" in files(only([claim("exp/r/metrics.csv"), config("exp/config.yaml")]))


def test_a_nearer_config_keeps_the_one_above_away() -> None:
    made = [claim("exp/r/metrics.csv"), config("exp/r/args.json"), config("exp/config.yaml")]
    assert loose(made) == ["exp/config.yaml"]
    assert doubts(made) == []


def test_a_config_above_several_runs_is_given_to_none_and_said() -> None:
    made = [claim("exp/adam/m.csv"), claim("exp/sgd/m.csv"), config("exp/config.yaml")]
    assert doubts(made) == [("exp/config.yaml", "could belong to 2 runs")]
    assert loose(made) == ["exp/config.yaml"]


def test_a_config_above_numbered_versions_is_shared() -> None:
    result = resolve([claim("exp/version_0/m.csv"), claim("exp/version_1/m.csv"), config("exp/config.yaml")])
    assert [[part.shared for part in run.parts] for run in result.runs] == [[True, False], [True, False]]
    assert (result.doubts, result.loose) == ((), ())


def test_versions_with_their_own_configs_share_nothing() -> None:
    versions = [
        each for n in (0, 1) for each in (claim(f"exp/version_{n}/m.csv"), config(f"exp/version_{n}/hparams.yaml"))
    ]
    result = resolve([*versions, config("exp/config.yaml")])
    assert all(not part.shared for run in result.runs for part in run.parts)


def test_a_config_beside_several_runs_of_one_directory_is_doubtful() -> None:
    tables = [claim(f"d/{name}.csv", columns="step\nloss") for name in ("adam", "sgd")]
    assert doubts([*tables, config("d/config.yaml")]) == [("d/config.yaml", "could belong to 2 runs")]


def test_a_project_config_is_not_that_of_a_tool_run_or_a_job_below() -> None:
    assert loose([*wandb("p/wandb/run-1-a", "a"), config("p/config.yaml")]) == ["p/config.yaml"]
    assert loose([*hydra("p/outputs/1"), config("p/config.yaml")]) == ["p/config.yaml"]


def test_a_container_takes_configs_beside_it_and_leaves_distant_ones() -> None:
    made = [*hydra("job"), claim("job/m.csv"), config("job/args.json"), config("job/src/pkg/deep/config.yaml")]
    assert loose(made) == ["job/src/pkg/deep/config.yaml"]


def test_consoles_go_to_the_nearest_run_above() -> None:
    assert "r/logs/train.log" in files(only([claim("r/m.csv"), console("r/logs/train.log")]))
    assert "exp/nohup.out" in files(only([claim("exp/r/m.csv"), console("exp/nohup.out")]))


def test_a_console_above_several_runs_is_nobodys() -> None:
    made = [events("exp/a"), events("exp/b"), console("exp/slurm-12.out")]
    assert (loose(made), doubts(made)) == (["exp/slurm-12.out"], [])
