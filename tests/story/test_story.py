"""The whole way: hypothesis → record → baseline → gate → promote → report → repro, with git and a training that really trains.

On the way each question that a team asks of its history is answered by one command.
"""

from __future__ import annotations

import random
import shutil
import statistics
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import Done, runspect

TRAIN = Path(__file__).with_name("train.py")
POLICY = """
objective = "val/loss:min"

[guards]
"val/acc" = "up"

[gates.candidate]
state = "finished"

[gates.production]
change = "5 %"                  # better than the champion by so much
guards = { "val/acc:last" = 0.0 }
seeds = 3
parts = ["commit", "command", "seed", "data"]
report = "required"
"""


class Team:
    """Somebody in a repository of their own, with a training and its data."""

    def __init__(self, place: Path) -> None:
        self.repo = place / "repo"
        self.repo.mkdir()
        self.runs = self.repo / "runs"
        shutil.copy(TRAIN, self.repo / "train.py")
        (self.repo / "data.csv").write_text(points())
        (self.repo / "runspect.toml").write_text(POLICY)
        (self.repo / ".gitignore").write_text("runs/\nmodel.json\n")
        self._git("init", "-q", "-b", "main")
        self.commit("Train on points")

    def _git(self, *words: str) -> None:
        who = ("-c", "user.name=ann", "-c", "user.email=ann@example.org", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *who, *words], cwd=self.repo, check=True, capture_output=True, timeout=60)

    def commit(self, message: str) -> None:
        """Commit all there is."""
        self._git("add", "-A")
        self._git("commit", "-q", "-m", message)

    def ask(self, *words: str | Path) -> Done:
        """A command about the runs."""
        return runspect(words[0], "-C", self.runs, *words[1:], cwd=self.repo)

    def train(self, name: str, lr: float, seed: int, *options: str) -> None:
        """Record a training."""
        program = (sys.executable, "train.py", "--lr", str(lr), "--seed", str(seed))
        done = runspect("record", "-q", "-n", name, "--data", "data.csv", *options, "--", *program, cwd=self.repo)
        assert done.code == 0, done.err


def points() -> str:
    """120 points of two classes that overlap a little."""
    dice = random.Random(7)
    return "".join(f"{dice.gauss(1.5 if at % 2 else -1.5, 1.0):.4f},{at % 2}\n" for at in range(120))


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """Three seeds of a first config, of which one is in production."""
    found = Team(tmp_path)
    for seed in range(3):
        found.train(f"base-{seed}", 0.005, seed)
    done = found.ask("promote", "base-0", "--to", "production", "--why", "the first one", "--no-model", "--force")
    assert done.code == 0, done.err
    return found


def losses(team: Team, query: str) -> dict[str, float]:
    """The lowest loss of each run, by name."""
    return {run["name"]: run["metrics"]["val/loss"]["min"] for run in team.ask("ls", query, "--json").json()}


def test_from_a_hypothesis_to_production_and_back_to_the_same_metrics(team: Team, tmp_path: Path) -> None:
    # said before it was seen
    hypothesis = team.ask("hypothesis", "new", "a higher rate converges sooner", "--by", "2w").out.strip()
    for seed in range(3):
        team.train(f"fast-{seed}", 0.05, seed, "--hypothesis", hypothesis)
    found = losses(team, "lr=0.05")
    best = min(found, key=lambda name: found[name])

    # compared with the champion, unasked and beyond the noise of the seeds: why is this one better?
    done = team.ask("versus", best, "--json")
    versus = done.json()
    champion = next(each for each in versus["comparisons"] if each["against"] == "champion")
    base = losses(team, "lr=0.005")
    sigma = statistics.stdev(base.values())
    assert done.code == 0 and champion["run"]["name"] == "base-0"
    assert champion["percent"] == pytest.approx(100 * (found[best] - base["base-0"]) / base["base-0"])
    assert champion["noise"]["sigmas"] == pytest.approx((base["base-0"] - found[best]) / sigma)
    assert [(change["param"], change["run"], change["reference"]) for change in champion["differs"]] == [
        ("lr", 0.05, 0.005)
    ]

    # may it be promoted? Not without a report
    assert team.ask("promote", best, "--why", "better in all seeds").code == 0
    gate = team.ask("gate", best, "--json")
    assert gate.code == 1
    assert [each["criterion"] for each in gate.json()["criteria"] if each["status"] != "pass"] == ["a report"]
    assert team.ask("promote", best, "--to", "production", "--why", "hurry").code == 1
    review = tmp_path / "review.html"
    assert team.ask("report", "--run", best, "--html", "-o", review).code == 0
    assert is_self_contained(review.read_text())
    asked = ("--to", "production", "--report", review)
    assert team.ask("gate", best, *asked).code == 0
    promoted = team.ask(
        "promote", best, *asked, "--why", "reviewed", "--model", team.repo / "model.json", "--name", "points"
    )
    assert promoted.code == 0, promoted.err
    (model,) = (each for each in team.ask("registry", "--json").json()["models"] if each["name"] == "points")
    assert model["versions"][0]["version"] == 1 and model["versions"][0]["run"]["name"] == best

    # what came of the hypothesis
    assert team.ask("verdict", best, "supported", "--note", "halves the loss").code == 0
    (told,) = team.ask("hypothesis", "--json").json()["hypotheses"]
    assert (told["status"], len(told["runs"])) == ("answered", 3)

    # a pipeline holds the next one against it
    team.train("slow", 0.002, 0)
    assert team.ask("check", "name:slow").code == 1
    assert team.ask("check", "name:fast*").code == 0

    # could we rebuild it?
    again = tmp_path / "again"
    rebuilt = team.ask("repro", best, "--run", again, "--no-install", "--json")
    assert rebuilt.code == 0, rebuilt.err
    comparison = rebuilt.json()["comparison"]
    assert comparison["same"] is True and any(again.rglob("train.py"))


def test_each_question_has_its_command(team: Team) -> None:
    team.train("fast-0", 0.05, 0)
    team.train("fast-1", 0.05, 1)
    # what is the best result we have ever achieved on this data set?
    (best,) = team.ask("best", "--dataset", "points", "--json").json()
    everything = losses(team, "")
    assert best["best"][0]["name"] == min(everything, key=lambda name: everything[name])
    assert best["best"][0]["value"] == min(everything.values())
    # what have we already tried?
    tried = team.ask("tried", "--set", "lr=0.05", "--set", "seed=1", "--seeds", "--json")
    assert tried.code == 1 and [run["name"] for run in tried.json()["equal"]] == ["fast-1"]
    assert team.ask("tried", "--set", "lr=0.07").code == 0
    # which changes help?
    (effect,) = team.ask("effects", "--param", "lr", "--json").json()["effects"]
    (change,) = effect["changes"]
    means = [statistics.mean(losses(team, f"lr={lr}").values()) for lr in (0.005, 0.05)]
    assert change["percent"] == pytest.approx(100 * (means[1] - means[0]) / means[0])
    # is our cycle getting shorter? Of one day nobody can say
    cycle = team.ask("cycle", "--of", "run", "--json")
    assert (cycle.code, cycle.json()["answer"]) == (1, "too few")
    # could we rebuild it? Its origin is known, and the script that does it is printed
    rebuilding = team.ask("repro", "fast-0", "--json").json()
    assert rebuilding["script"].startswith("#!/bin/sh")
    assert [gap for gap in rebuilding["gaps"] if gap["level"] == "stops"] == []
    assert team.ask("ls", "provenance < 90", "--json").json() == []


def is_self_contained(html: str) -> bool:
    """Whether a page fetches nothing and runs nothing."""
    outward: list[tuple[str, Any]] = []

    class Page(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            outward.extend(
                (tag, value)
                for name, value in attrs
                if name in ("src", "href") and not (value or "").startswith(("#", "data:"))
            )
            outward.extend([(tag, None)] * (tag in ("script", "link", "iframe")))

    Page().feed(html)
    return "<svg" in html and not outward
