"""From the gate to the registry, from the outside: `runspect gate`, `promote`, `demote`, `stage`, `registry`."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

import runspect as recorder
from tests.cli.program import Done, runspect

POLICY = """
objective = "acc:max"
[gates.candidate]
metrics = ["acc:max >= 0.5"]
state = "finished"
[gates.production]
change = "1%"
guards = { "loss:min" = "10%" }
seeds = 2
report = "required"
"""


def record(root: Path, name: str, lr: float, seed: int, acc: float, loss: float, *, model: bytes = b"") -> None:
    run = recorder.start({"lr": lr, "dataset": "cifar10"}, name=name, dir=root, seed=seed, project="res", capture=False)
    for step in range(3):
        run.log({"acc": acc - 0.1 * (2 - step), "loss": loss}, step=step)
    if model:
        (root / name / "model-2.pt").write_bytes(b"earlier")
        (root / name / "best.pt").write_bytes(model)
    run.finish()


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """The old champion to be, a better config in two seeds, and one that is better at the price of the guard."""
    root = tmp_path / "exp"
    root.mkdir()
    (root / "runspect.toml").write_text(POLICY)
    record(root, "old", 0.1, 1, 0.8, 0.3, model=b"old model")
    record(root, "new", 0.01, 1, 0.9, 0.3, model=b"new model")
    record(root, "new-2", 0.01, 2, 0.91, 0.3)
    record(root, "gamed", 0.001, 1, 0.99, 0.9)
    record(root, "poor", 1.0, 1, 0.4, 0.9)
    (root / "review.md").write_text("# Review\nfine\n")
    return root


def said(runs: Path, *words: str) -> Done:
    return runspect(words[0], "-C", runs, *words[1:])


def test_a_run_is_judged_promoted_and_demoted(runs: Path) -> None:
    gate = said(runs, "gate", "old")
    assert gate.code == 0 and gate.out.startswith("old: exploration → candidate, passes, 2 of 2 (gate candidate)")
    assert said(runs, "gate", "poor").code == 1
    assert said(runs, "promote", "old").code == 2
    refused = said(runs, "promote", "poor", "--why", "hope")
    assert refused.code == 1 and "✗  acc:max >= 0.5  0.4000, 0.1000 short" in refused.err
    assert said(runs, "stage", "poor").code == 1

    done = said(runs, "promote", "old", "--why", "the first")
    assert done.code == 0 and done.err.startswith("old: exploration → candidate as res v1, sha256 ")
    assert said(runs, "promote", "old", "--why", "we need one").code == 1
    forced = said(runs, "promote", "old", "--why", "we need one", "--report", str(runs / "review.md"), "--force")
    assert forced.code == 0

    found = said(runs, "stage", "old", "--json").json()
    assert [(each["stage"], each["why"], each["forced"], each["version"]) for each in found["history"]] == [
        ("candidate", "the first", False, 1),
        ("production", "we need one", True, 1),
    ]
    last = found["history"][1]
    assert last["report"]["sha256"] == hashlib.sha256((runs / "review.md").read_bytes()).hexdigest()
    assert last["model"]["sha256"] == hashlib.sha256(b"old model").hexdigest()
    assert last["gate"]["word"] == "fails" and last["when"].endswith("Z") and "@" in last["who"]

    assert said(runs, "demote", "old", "--why", "it leaks").err == "old: production → candidate\n"
    assert said(runs, "undo").code == 0
    told = said(runs, "stage", "old")
    assert told.out.splitlines()[0] == "old: production" and told.out.rstrip().endswith("taken back")
    assert said(runs, "demote", "poor", "--why", "x").code == 2
    assert said(runs, "promote", "old", "--why", "x").code == 2


def test_the_champion_is_what_others_are_measured_against(runs: Path) -> None:
    said(runs, "promote", "old", "--to", "production", "--why", "a start", "--force")
    for name in ("new", "gamed"):
        assert said(runs, "promote", name, "--why", "better").code == 0
    new = said(runs, "gate", "new", "--json").json()
    assert (new["champion"], new["passed"], new["of"], new["word"], new["passes"]) == ("old", 3, 4, "passes", False)
    assert [each["status"] for each in new["criteria"]] == ["pass", "pass", "pass", "unknown"]
    assert new["criteria"][0]["evidence"].startswith("0.9000 against 0.8000 of old: +12 %, better")
    gamed = said(runs, "gate", "gamed", "--json").json()
    assert [each["status"] for each in gamed["criteria"]] == ["pass", "fail", "fail", "unknown"]
    report = str(runs / "review.md")
    assert said(runs, "gate", "new", "--report", report).code == 0

    listed = {run["name"]: (run["stage"], run["gate"]) for run in said(runs, "ls", "--json").json()}
    assert listed == {
        "old": ("production", None),
        "new": ("candidate", "production passes 3/4"),
        "new-2": ("exploration", "candidate passes 2/2"),
        "gamed": ("candidate", "production fails 1/4"),
        "poor": ("exploration", "candidate fails 1/2"),
    }
    assert {run["name"] for run in said(runs, "ls", "gate:passes", "--json").json()} == {"new", "new-2"}
    assert "production ✓3/4" in said(runs, "ls", "stage:candidate", "--cols", "name,gate").out

    assert said(runs, "promote", "new", "--why", "reviewed", "--report", report).code == 0
    best = said(runs, "best", "--json").json()
    assert best[0]["champion"]["name"] == "new" and best[0]["best"][0]["name"] == "gamed"
    assert "champion: new, 0.9000" in said(runs, "best").out
    shown = said(runs, "show", "new", "--json").json()
    assert (shown["stage"], shown["gate"], len(shown["stage_history"])) == ("production", None, 2)
    assert "→ production" in said(runs, "show", "new").out


def test_the_registry(runs: Path) -> None:
    empty = said(runs, "registry")
    assert empty.code == 1 and "nothing was promoted yet" in empty.err
    said(runs, "promote", "old", "--why", "a", "--name", "resnet")
    said(runs, "promote", "new", "--why", "b", "--name", "resnet")
    said(runs, "promote", "new-2", "--why", "c")
    said(runs, "promote", "gamed", "--why", "d", "--model", str(runs / "old" / "best.pt"), "--name", "resnet")
    found = said(runs, "registry", "--json").json()
    (model,) = found["models"]
    versions = {each["run"]["name"]: each["version"] for each in model["versions"]}
    assert (model["name"], versions) == ("resnet", {"old": 1, "new": 2, "gamed": 1})
    assert [each["run"]["name"] for each in found["without_model"]] == ["new-2"]
    assert json.loads(json.dumps(model["versions"][0]))["source"] == str((runs / "new" / "best.pt").resolve())
    assert said(runs, "registry").out.splitlines()[1].split()[:3] == ["resnet", "2", "candidate"]


def test_what_makes_no_sense_is_said(runs: Path) -> None:
    back = said(runs, "gate", "old", "--to", "exploration")
    assert back.code == 2 and "old is exploration already; gates lead to later stages only" in back.err
    stage = said(runs, "gate", "old", "--to", "prod")
    assert stage.code == 2 and "there is no stage 'prod'; the policy has exploration, candidate" in stage.err
    assert said(runs, "promote", "old", "--why", "x", "--report", "none.md").code == 2
    (runs / "runspect.toml").write_text("[gates.candidat]\nseeds = 1\n")
    broken = said(runs, "promote", "old", "--why", "x")
    assert broken.code == 2 and "the policy is not understood" in broken.err
    (runs / "runspect.toml").unlink()
    gate = said(runs, "gate", "old")
    assert gate.code == 2 and "no gate leads old from exploration to candidate" in gate.err
    assert "(no gate leads there)" in said(runs, "promote", "old", "--why", "x").err


def test_a_stage_that_the_policy_has_no_more_is_told(runs: Path) -> None:
    said(runs, "promote", "old", "--to", "production", "--why", "a start", "--force")
    (runs / "runspect.toml").write_text("[stages]\nnames = ['draft', 'checked', 'live']\n[gates.live]\nseeds = 1\n")
    for command in (
        ("gate",),
        ("promote", "--why", "x"),
        ("demote", "--why", "x"),
        ("demote", "--why", "x", "--to", "live"),
    ):
        done = said(runs, command[0], "old", *command[1:])
        assert done.code == 2 and "a stage that the policy does not know, production" in done.err, command
    assert said(runs, "gate", "old", "--to", "live").code == 0
    assert said(runs, "demote", "old", "--why", "x", "--to", "draft").code == 0


def test_a_model_that_was_overwritten_between_two_stages_is_told(runs: Path) -> None:
    model = runs / "out.pt"
    model.write_bytes(b"of this run")
    assert "careful" not in said(runs, "promote", "old", "--why", "x", "--model", str(model)).err
    model.write_bytes(b"of the next run")
    report = ("--report", str(runs / "review.md"), "--force", "--json")
    done = said(runs, "promote", "old", "--why", "y", *report)
    assert done.code == 0 and done.json()["model_changed"] is True
    assert said(runs, "stage", "old", "--json").json()["history"][1]["version"] == 2
