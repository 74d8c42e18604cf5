"""`runspect versus`, and the comparison in `show`, on logs with a known answer."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runspect.model import Op
from runspect.workspace import Workspace
from tests.cli.program import runspect

SEEDS = (0.90, 0.92, 0.91)


def write(
    root: Path, name: str, config: dict[str, Any], accs: list[float], began: float = 1.7e9, **more: float
) -> None:
    run = root / name
    run.mkdir(parents=True)
    (run / "config.json").write_text(json.dumps({"dataset": "cifar10", **config}))
    rows = [
        {"step": 10 * at, "time": began + 60 * at, "val/acc": acc, "latency": more.get("latency", 10.0)}
        for at, acc in enumerate(accs)
    ]
    (run / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Three seeds of one config, the first of them in production; what came after; a policy with a guard."""
    root = tmp_path / "exp"
    for seed, acc in enumerate(SEEDS):
        write(root, f"champ-s{seed}", {"lr": 0.1, "seed": seed}, [0.3, 0.8, acc], 1.7e9 + 1000 * seed)
    write(root, "close", {"lr": 0.1, "wd": 0.1, "seed": 0}, [0.2, 0.85, 0.915], 1.7e9 + 4000)
    write(root, "far", {"lr": 0.2, "seed": 0}, [0.2, 0.3, 0.99], 1.7e9 + 5000)
    write(root, "slow", {"lr": 0.3, "seed": 0}, [0.2, 0.3, 0.995], 1.7e9 + 6000, latency=12.0)
    write(root, "bad", {"lr": 0.4, "seed": 0}, [0.2, 0.3, 0.5], 1.7e9 + 7000)
    write(root, "svhn", {"dataset": "svhn"}, [0.5], 1.7e9 + 8000)
    (root / "runspect.toml").write_text(
        'objective = "val/acc:max"\n[guards]\nlatency = {direction = "down", tolerance = "10 %"}\n'
    )
    return root


def promote(root: Path, name: str) -> None:
    """As `runspect promote` does."""
    workspace = Workspace.open((root,))
    workspace.sync()
    _, uid, _ = workspace.resolve(name)
    workspace.annotate([Op(f"run:{uid}", "stage", {"stage": "production", "why": "a test"})])
    workspace.close()


def test_it_says_that_nothing_is_in_production(runs: Path) -> None:
    done = runspect("versus", "-C", runs, "far")
    assert "champion  no run on its data set is in production" in done.out
    assert "baseline  none is marked" in done.out
    assert done.code == 0  # better than the best before it
    alone = runspect("versus", "-C", runs, "svhn")
    assert alone.code == 1 and "nothing to compare it with yet" in alone.out


def test_each_run_against_the_champion_with_noise_and_guards(runs: Path) -> None:
    promote(runs, "champ-s0")
    found = runspect("versus", "-C", runs, "far", "--json").json()
    champion = next(each for each in found["comparisons"] if each["against"] == "champion")
    sigma = float(np.std(SEEDS, ddof=1))
    assert (found["main"], found["verdict"], found["holds"], found["step"]) == ("champion", "better", True, None)
    assert champion["run"]["name"] == "champ-s0" and "rid" not in champion["run"]
    assert champion["noise"]["sigma"] == pytest.approx(sigma)
    assert champion["noise"]["sigmas"] == pytest.approx(0.09 / sigma)
    assert champion["noise"]["limit"] == pytest.approx(4.30265 * 2**0.5 * sigma, rel=1e-5)
    assert (champion["noise"]["n"], champion["noise"]["whose"]) == (3, "reference")
    assert champion["percent"] == pytest.approx(10)
    assert champion["leads"]["since"] == 20 and champion["leads"]["share"] == pytest.approx(1 / 3)
    assert champion["differs"] == [{"param": "lr", "run": 0.2, "reference": 0.1}]
    best = next(each for each in found["comparisons"] if each["against"] == "best")
    assert best["run"]["name"] == "champ-s1"
    text = runspect("versus", "-C", runs, "far").out
    assert text.splitlines()[:5] == [
        "far  cifar10: val/acc:max 0.9900, higher is better (policy)",
        "champion  champ-s0 0.9000: +10 %, better, 9.0 σ of 3 seeds",
        "          guard latency 10.00 → 10.00, the same, holds",
        "          leads from step 20 on, at 33 % of steps 0 to 20",
        "          lr 0.2, not 0.1",
    ]


@pytest.mark.parametrize(
    ("run", "code", "verdict"),
    [("far", 0, "better"), ("close", 0, "as good"), ("slow", 1, "better, guard worse"), ("bad", 1, "worse")],
)
def test_the_exit_code_says_whether_it_is_as_good(runs: Path, run: str, code: int, verdict: str) -> None:
    promote(runs, "champ-s0")
    done = runspect("versus", "-C", runs, run, "--json")
    assert (done.code, done.json()["verdict"]) == (code, verdict)
    rows = runspect("ls", "-C", runs, f"name:{run}", "--cols", "vs:verdict", "--csv").out.splitlines()
    assert rows[1].strip('"') == verdict


def test_a_named_run_is_the_main_reference(runs: Path) -> None:
    found = runspect("versus", "-C", runs, "far", "slow", "--json")
    assert found.code == 1
    assert found.json()["main"] == "other" and found.json()["comparisons"][0]["noise"]["kind"] == "unknown"
    apart = runspect("versus", "-C", runs, "far", "svhn")
    assert "it is on another data set: svhn: the difference says little" in apart.out
    assert runspect("versus", "-C", runs, "far", "nowhere").code == 2
    assert runspect("versus", "-C", runs, "far", "far").code == 1


def test_a_named_run_that_is_no_reference_gives_no_answer(runs: Path) -> None:
    done = runspect("versus", "-C", runs, "champ-s0", "champ-s0")
    assert done.code == 1
    assert done.out.splitlines()[-1] == "no answer: the run that was named is none to compare it with"


def test_a_baseline_on_another_data_set_is_no_reference(runs: Path) -> None:
    runspect("baseline", "-C", runs, "svhn")
    found = runspect("versus", "-C", runs, "far").out
    assert "baseline  svhn is on another data set: svhn" in found
    runspect("baseline", "-C", runs, "close")
    assert runspect("versus", "-C", runs, "far", "--json").json()["main"] == "baseline"
    assert runspect("ls", "-C", runs, "vs:baseline > 0", "--json").json()[0]["name"] in ("far", "slow")


def test_a_live_run_is_compared_at_its_step(runs: Path) -> None:
    promote(runs, "champ-s0")
    write(runs, "live", {"lr": 0.9, "seed": 0}, [0.4, 0.82], time.time() - 60)
    found = runspect("versus", "-C", runs, "live", "--json").json()
    assert (found["run"]["state"], found["step"]) == ("running", 10)
    champion = next(each for each in found["comparisons"] if each["against"] == "champion")
    assert (champion["reference"], champion["noise"]["n"], champion["noise"]["sigma"]) == (0.8, 3, 0.0)
    assert "at step 10 so far" in runspect("versus", "-C", runs, "live").out


def test_the_card_of_a_run_tells_it_too(runs: Path) -> None:
    promote(runs, "champ-s0")
    told = runspect("show", "-C", runs, "slow", "--json").json()["versus"]
    assert told["text"] == "+11 % against champion champ-s0, better, 9.5 σ of 3 seeds; guard latency is worse"
    assert told["comparisons"][0]["leads"] is None
    shown = runspect("show", "-C", runs, "slow").out
    assert "champion  champ-s0 0.9000: +11 %, better, 9.5 σ of 3 seeds, but a guard is worse" in shown
    assert "guard latency 10.00 → 12.00, +20 %, worse" in shown
    assert runspect("show", "-C", runs, "champ-s0", "--json").json()["versus"]["comparisons"][0]["itself"]
