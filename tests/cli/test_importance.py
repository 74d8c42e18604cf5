"""`runspect importance` and `runspect scatter` on logs with a known answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.program import runspect


@pytest.fixture
def sweep(tmp_path: Path) -> Path:
    """Twelve runs: the loss falls with the learning rate and is higher with sgd; the seed does nothing."""
    for at in range(12):
        run = tmp_path / "sweep" / f"run{at:02}"
        run.mkdir(parents=True)
        opt, lr = ("adam", "sgd")[at % 2], 10.0 ** (at // 2 - 6)
        config = {
            "lr": lr,
            "wd": lr / 10,
            "opt": opt,
            "seed": at * 5 % 12 // 2 % 4,
            "api_key": f"sk-{'x' * 20}{at % 2}",
        }
        (run / "config.json").write_text(json.dumps(config))
        loss = 1.0 - at // 2 * 0.1 + (at % 2)
        rows = [{"step": step, "time": 1.7e9 + step, "val/loss": loss + 1 - step} for step in (0, 1)]
        (run / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path / "sweep"


def test_what_moves_the_loss(sweep: Path) -> None:
    found = runspect("importance", "-C", sweep, "--json").json()
    assert (found["metric"], found["direction"], found["runs"], found["measured"]) == ("val/loss:best", "down", 12, 12)
    effects = {effect["param"]: effect for effect in found["effects"]}
    assert found["effects"][0]["param"] in ("opt", "api_key")
    assert [(level["value"], level["n"]) for level in effects["opt"]["levels"]] == [("adam", 6), ("sgd", 6)]
    assert effects["lr"]["rising"] is False
    assert [name for name, _ in effects["lr"]["together"]] == ["wd"]
    assert not effects["seed"]["stands_out"]
    assert "sk-" not in json.dumps(found)


def test_a_query_and_a_metric_narrow_it(sweep: Path) -> None:
    found = runspect("importance", "-C", sweep, "opt:adam", "-m", "val/loss:first", "--json").json()
    assert (found["metric"], found["measured"]) == ("val/loss:first", 6)
    assert {effect["param"] for effect in found["effects"]} >= {"lr", "wd"}
    text = runspect("importance", "-C", sweep, "opt:adam").out
    assert "few runs" in text
    assert "falls with it; moved with wd" in text, text


def test_nothing_to_judge_by(sweep: Path) -> None:
    done = runspect("importance", "-C", sweep, "-m", "val/los:min")
    assert done.code == 2
    assert "val/loss" in done.err
    assert runspect("importance", "-C", sweep, "name:nobody").code == 1
    assert runspect("importance", "-C", sweep, "run00", "--json").code == 1


def test_a_scatter(sweep: Path) -> None:
    points = runspect("scatter", "-C", sweep, "lr", "val/loss:min", "opt:adam", "--json").json()
    assert sorted((point["x"], round(point["y"], 9)) for point in points)[0] == (1e-6, 1.0)
    assert len(points) == 6
    picture = runspect("scatter", "-C", sweep, "opt", "val/loss:min", "--width", "60", "--height", "12").out
    assert "val/loss:min against opt, 12 of 12 runs" in picture
    assert picture.count("●") >= 8
    assert "adam" in picture
    assert "sk-" not in runspect("scatter", "-C", sweep, "api_key", "val/loss:min").out
    assert runspect("scatter", "-C", sweep, "nothing", "val/loss:min").code == 2
