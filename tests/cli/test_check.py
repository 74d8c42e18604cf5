"""`runspect check` on records, and the workflow of the README as its shell steps."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

import runspect as package
from tests.cli.program import runspect

README = Path(__file__).parents[2] / "README.md"


def write(root: Path, name: str, day: int, loss: float, status: str = "finished", **config: Any) -> None:
    """A finished record with a curve that ends at `loss`, and an accuracy of 1 less that."""
    run = root / name
    run.mkdir(parents=True)
    about = {"format": "runspect-record", "version": 1, "id": name, "name": name, "status": status}
    started = f"2026-01-{day:02}T00:00:00Z"
    config = {"data": {"name": "c10"}, "lr": 0.1, **config}
    (run / "run.json").write_text(json.dumps({**about, "config": config, "started": started}))
    points = [{"step": step, "val/loss": loss + 1 - step / 10, "val/acc": 1 - loss} for step in range(11)]
    (run / "metrics.jsonl").write_text("".join(json.dumps(point) + "\n" for point in points))


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Three seeds of an old config, a better one, one that is worse, one that failed."""
    root = tmp_path / "runs"
    for seed, loss in enumerate((0.300, 0.302, 0.304)):
        write(root, f"old-{seed}", 1 + seed, loss, seed=seed)
    write(root, "better", 5, 0.25, lr=0.2)
    write(root, "close", 6, 0.308, lr=0.3)
    write(root, "worse", 7, 0.40, lr=0.4)
    write(root, "broken", 8, 0.20, "failed", lr=0.5)
    return root


def outcomes(found: Any) -> dict[str, dict[str, str]]:
    return {run["name"]: {case["what"]: case["outcome"] for case in run["cases"]} for run in found["runs"]}


def test_runs_against_a_run(runs: Path) -> None:
    done = runspect("check", "-C", runs, "lr>0.15", "--against", "old-0", "--json")
    found = done.json()
    assert done.code == 1
    spec = "val/loss:best"
    assert outcomes(found) == {
        "broken": {"state": "failed", spec: "passed"},
        "worse": {"state": "passed", spec: "failed"},
        "close": {"state": "passed", spec: "passed"},  # within the noise of three seeds
        "better": {"state": "passed", spec: "passed"},
    }
    assert (found["failed"], found["passed"], found["skipped"]) == (2, 6, 0)
    (close,) = (run for run in found["runs"] if run["name"] == "close")
    assert close["reference"]["name"] == "old-0" and close["dataset"] == "c10"
    assert (close["cases"][1]["value"], close["cases"][1]["reference"]) == pytest.approx((0.308, 0.3))
    assert close["cases"][1]["seeds"] == 3
    assert runspect("check", "-C", runs, "name:close", "--against", "old-0").code == 0
    assert runspect("check", "-C", runs, "name:close", "--against", "old-0", "--no-noise").code == 1
    assert runspect("check", "-C", runs, "name:worse", "--against", "old-0", "--tolerance", "40 %").code == 0


def test_runs_against_the_best_the_baseline_and_a_query(runs: Path) -> None:
    best = runspect("check", "-C", runs, "name:worse", "--against", "best", "--json").json()
    assert best["runs"][0]["reference"]["name"] == "broken"
    query = runspect("check", "-C", runs, "name:worse", "--against", "name:old*", "--json").json()
    assert query["runs"][0]["reference"]["name"] == "old-2"
    assert runspect("baseline", "-C", runs, "old-1").code == 0
    done = runspect("check", "-C", runs, "name:worse", "--against", "baseline")
    assert done.code == 1
    assert done.out.startswith("worse on c10, against old-1\n")
    alone = runspect("check", "-C", runs, "name:old-1", "--against", "baseline", "--json").json()
    assert "it is the baseline run itself" in alone["runs"][0]["cases"][1]["why"]


def test_without_a_champion_it_is_skipped_and_strict_fails(runs: Path) -> None:
    done = runspect("check", "-C", runs, "name:better", "--json")
    assert done.code == 0
    assert done.json()["runs"][0]["cases"][1]["why"] == "there is no production run on c10"
    assert runspect("check", "-C", runs, "name:better", "--strict").code == 1


def test_a_metric_that_was_named_is_the_one_that_is_checked(runs: Path) -> None:
    (runs / "other").mkdir()
    (runs / "other" / "metrics.csv").write_text("step,bleu\n1,0.5\n")
    found = runspect("check", "-C", runs, "name:close", "--against", "old-0", "-m", "bleu", "--json").json()
    assert outcomes(found) == {"close": {"state": "passed", "bleu:best": "failed"}}
    found = runspect("check", "-C", runs, "name:close", "--against", "old-0", "-m", "val/acc", "--json").json()
    assert outcomes(found) == {"close": {"state": "passed", "val/acc:best": "passed"}}


def test_the_policy_says_what_a_regression_is(runs: Path) -> None:
    (runs / "runspect.toml").write_text(
        'objective = "val/loss:min"\n[check]\nagainst = "name:old*"\ntolerance = 0.2\nmetrics = {"val/acc" = 0.05}\n'
    )
    found = runspect("check", "-C", runs, "name:worse", "--json").json()
    assert outcomes(found) == {"worse": {"state": "passed", "val/loss:min": "passed", "val/acc": "failed"}}
    (runs / "runspect.toml").write_text("[check]\ntolerence = 1\n")
    done = runspect("check", "-C", runs, "name:better")
    assert done.code == 2
    assert "did you mean" in done.err and "line 2" in done.err


def test_mistakes_and_empty_questions(runs: Path) -> None:
    assert runspect("check", "-C", runs, "name:nobody").code == 1
    for words in (
        ("--against", "nobody"),
        ("lr >",),
        ("--tolerance", "much"),
        ("-m", "val/los"),
        ("-m", "lr"),
        ("--junit", "/nowhere/x.xml"),
    ):
        done = runspect("check", "-C", runs, *words)
        assert (done.code, len(done.err.splitlines())) == (2, 1), done.err


def test_markdown_and_junit_say_the_same(runs: Path, tmp_path: Path) -> None:
    report = tmp_path / "junit.xml"
    done = runspect("check", "-C", runs, "lr>0.15", "--against", "old-0", "--md", "--junit", report)
    assert done.out.startswith("### ❌ runspect: 4 runs against old-0: 2 failed, 6 passed\n")
    root = ET.fromstring(report.read_bytes())
    assert (root.get("tests"), root.get("failures")) == ("8", "2")
    assert {test.get("classname") for test in root.iter("testcase") if test.find("failure") is not None} == {
        "worse",
        "broken",
    }


def test_a_report_without_runs_is_written_too(runs: Path, tmp_path: Path) -> None:
    report = tmp_path / "junit.xml"
    report.write_text("<testsuites tests='8'/>")
    done = runspect("check", "-C", runs, "lr>100", "--junit", report)
    assert (done.code, done.out) == (1, "")
    root = ET.fromstring(report.read_bytes())
    assert (root.tag, root.get("tests"), root.get("failures"), len(root)) == ("testsuites", "0", "0", 0)


TRAIN = """
import pathlib, runspect
rate = float(pathlib.Path("rate").read_text())
with runspect.start(config={"rate": rate}) as run:
    for step in range(50):
        run.log({"val/loss": (1 - rate) ** step}, step=step)
"""


@pytest.mark.parametrize(("rate", "code"), [("0.2", 0), ("0.01", 1)])
def test_the_workflow_of_the_readme(tmp_path: Path, rate: str, code: int) -> None:
    text = README.read_text().partition("<!-- workflow -->")[2].partition("<!-- /workflow -->")[0]
    workflow = yaml.safe_load(text.strip().removeprefix("```yaml").removesuffix("```"))
    steps = {step["name"]: step["run"] for step in workflow["jobs"]["check"]["steps"] if "run" in step}
    assert list(steps) == ["Install", "Train", "Check"]
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, words in (("runspect", f"{sys.executable} -m runspect"), ("python", sys.executable)):
        (programs / name).write_text(f'#!/bin/sh\nexec {words} "$@"\n')
        (programs / name).chmod(0o755)
    runner = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PYTHONPATH": str(Path(package.__file__).parent.parent),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "TMPDIR": str(tmp_path / "tmp"),
        "RUNSPECT_ENGINE_IDLE_S": "5",
    }
    (tmp_path / "tmp").mkdir()

    def shell(step: str) -> int:
        done = subprocess.run(
            ["bash", "-e", "-c", step], cwd=checkout, env=runner, timeout=300, check=False, stdin=subprocess.DEVNULL
        )
        return done.returncode

    (checkout / "train.py").write_text(TRAIN)
    (checkout / "rate").write_text("0.1")
    assert shell(steps["Train"].replace("pull-request", "reference").replace("--runs runs", "--runs recorded")) == 0
    assert shell("runspect export -C recorded reference --to baselines && rm -r recorded") == 0
    (checkout / "rate").write_text(rate)
    assert shell(steps["Train"]) == 0
    assert shell(steps["Check"]) == code
    summary = (tmp_path / "summary.md").read_text()
    assert "1 run against reference: " + ("2 passed" if code == 0 else "1 failed, 1 passed") in summary
    assert ET.parse(checkout / "junit.xml").getroot().get("failures") == str(code)
    assert shell("runspect engine stop") == 0
    assert not (checkout / "baselines" / ".runspect").exists()
