"""`runspect plot` on logs with a known answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runspect.charts.picture import Picture
from runspect.cli.plot_groups import coloured
from tests.cli.program import runspect


def test_the_metric_of_the_policy_is_drawn_where_none_is_named(tmp_path: Path) -> None:
    run = tmp_path / "exp" / "a"
    run.mkdir(parents=True)
    rows = [{"step": step, "val/loss": 1 / (1 + step), "mine": step} for step in range(5)]
    (run / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert [curve["metric"] for curve in runspect("plot", "-C", run.parent, "a", "--json").json()] == ["val/loss"]
    (run.parent / "runspect.toml").write_text('objective = "mine:max"\n')
    assert [curve["metric"] for curve in runspect("plot", "-C", run.parent, "a", "--json").json()] == ["mine"]


def test_groups_are_drawn_as_means_at_the_steps_that_were_logged(tmp_path: Path) -> None:
    for opt, above in (("adam", 0.0), ("sgd", 1.0)):
        for seed in range(3):
            run = tmp_path / "exp" / f"{opt}-{seed}"
            run.mkdir(parents=True)
            (run / "config.json").write_text(json.dumps({"opt": opt, "seed": seed}))
            steps = range(0, 40 if seed else 20, 2)
            rows = [{"step": step, "val/loss": above + seed + step / 100} for step in steps]
            (run / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    root = tmp_path / "exp"
    adam, sgd = runspect("plot", "-C", root, "--group", "opt", "--json").json()
    assert (adam["group"], sgd["group"], adam["runs"], adam["metric"]) == ("opt=adam", "opt=sgd", 3, "val/loss")
    assert adam["x"] == list(range(0, 40, 2)) and adam["n"] == [3] * 10 + [2] * 10
    assert (
        adam["mean"][:2] == pytest.approx([1.0, 1.02])
        and adam["std"][0] == 1.0
        and sgd["mean"][-1] == pytest.approx(2.88)
    )
    drawn = runspect("plot", "-C", root, "-g", "opt", "val/loss", "--width", "70", "--height", "16", "--ascii")
    assert drawn.code == 0 and "a opt=adam n 3" in drawn.out and "b opt=sgd n 3" in drawn.out and drawn.out.isascii()
    assert "\x1b" not in drawn.out
    assert runspect("plot", "-C", root, "-g", "opt", "nothing").code == 2
    assert "-x relative" in runspect("plot", "-C", root, "-g", "opt", "-x", "time").err
    assert runspect("plot", "-C", root, "-g", "seeds", "--json").json()[0]["runs"] == 3


def test_a_picture_in_the_terminals_own_colours() -> None:
    picture = Picture(((("a", 0), ("b", ~0), ("c", "axis"), ("d", "blank"), ("e", 6)),), 5)
    assert coloured(picture) == "\x1b[36ma\x1b[0m\x1b[2;36mb\x1b[0m\x1b[90mc\x1b[0mde"
