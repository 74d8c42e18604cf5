"""`runspect lint`, from the outside."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.cli.program import Done, runspect

DAY = 86400.0


def write(directory: Path, config: dict[str, object] | None, *, days_ago: float, metric: str = "val/loss") -> None:
    directory.mkdir(parents=True)
    if config is not None:
        (directory / "config.json").write_text(json.dumps(config))
    rows = [{"step": step, "time": time.time() - days_ago * DAY + step, metric: 1.0 / (step + 1)} for step in range(3)]
    (directory / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    root = tmp_path / "exp"
    whole = {"lr": 0.1, "seed": 0, "git_commit": "3843b2b0aa11"}
    write(root / "wide-001", whole, days_ago=1)
    write(root / "deep", {"optim": {"lr": 0.2}}, days_ago=9)
    write(root / "run_7", None, days_ago=90)
    (root / "runspect.toml").write_text(
        "[naming]\npattern = '{model}-{number:03}'\n[metrics]\nstandard = ['val/loss']\n[params]\nrequired = ['lr']\n[lint]\nprocess = false\n"
    )
    return root


def said(runs: Path, *words: str) -> Done:
    return runspect("lint", "-C", runs, *words)


def rules(done: Done) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for each in done.json()["findings"]:
        found.setdefault(each["name"], set()).add(each["rule"])
    return found


def test_each_finding_is_a_sentence(runs: Path) -> None:
    done = said(runs)
    assert done.code == 1
    assert (
        "deep: its name does not follow {model}-{number:03}; rename it (`runspect name`), and let `runspect record` name the next one [naming]\n"
        in done.out
    )
    assert "run_7: there are metrics without any config; " in done.out and "wide-001" not in done.out
    assert done.err == "8 findings in 2 of 3 runs: naming 2, commit 2, seed 2, params 1, config 1\n"
    assert rules(said(runs, "--json")) == {
        "deep": {"naming", "commit", "seed"},
        "run_7": {"naming", "params", "config", "commit", "seed"},
    }


def test_clean_is_zero(runs: Path) -> None:
    done = said(runs, "name:wide")
    assert (done.code, done.out, done.err) == (0, "", "clean: 1 run held against the rules\n")
    assert said(runs, "--since", "2d").code == 0
    assert said(runs, "--rule", "params", "--since", "30d").code == 0
    assert said(runs, "--rule", "params").code == 1


def test_the_policy_says_since_when(runs: Path) -> None:
    policy = runs / "runspect.toml"
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 30 * DAY))
    policy.write_text(f"{policy.read_text()}since = {day}\nseed = false\nhypothesis = true\n")
    done = said(runs, "--json")
    assert rules(done) == {"deep": {"naming", "commit", "hypothesis"}, "wide-001": {"hypothesis"}}
    assert done.json()["judged"] == 2 and "1 run from before" in said(runs).err
    assert set(rules(said(runs, "--json", "--since", "1y"))) == {"deep", "wide-001", "run_7"}, "what is asked for wins"


def test_a_rule_by_name_counts_though_it_is_off(runs: Path) -> None:
    assert rules(said(runs, "--json", "--rule", "hypothesis")) == {
        name: {"hypothesis"} for name in ("wide-001", "deep", "run_7")
    }


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--rule", "sead"), "no rule is called 'sead': there are naming, metrics, params, config, commit, seed, hypothesis, late, process; did you mean seed?"),
        (("--rule", "stale"), "no rule is called 'stale'"),
        (("--tidy", "--rule", "seed"), "no rule is called 'seed': there are unnamed, untagged, duplicate, stale"),
        (("--since", "soon"), "'soon' is no time"),
        (("--archive",), "--archive, --tag, --star and --name go with --tidy"),
        (("--tidy", "--archive"), "which of them? --rule unnamed"),
        (("--weeks", "0"), "--weeks takes a number from 1"),
        (("lr >",), "runspect: "),
    ],
)  # fmt: skip
def test_what_is_wrong_is_two(runs: Path, words: tuple[str, ...], message: str) -> None:
    done = said(runs, *words)
    assert done.code == 2 and message in done.err


def test_a_rule_that_nothing_states_is_no_clean_answer(runs: Path) -> None:
    (runs / "runspect.toml").unlink()
    done = said(runs, "--rule", "naming")
    assert done.code == 2 and "`[naming] pattern`" in done.err


def test_weeks(runs: Path) -> None:
    done = said(runs, "--weeks", "3", "--json")
    told = done.json()
    assert done.code == 1 and len(told["weeks"]) == 3
    assert sum(week["runs"] for week in told["weeks"]) == 2
    assert told["rules"]["seed"]["about"] == 2 and told["rules"]["seed"]["share"] == 0.5
    shown = said(runs, "--weeks", "3").out.splitlines()
    assert shown[0].split() == [
        "week",
        "runs",
        "naming",
        "metrics",
        "params",
        "config",
        "commit",
        "seed",
        "hypothesis",
        "in",
        "time",
    ]
    assert shown[-2].split() == ["all", "2", "50%", "100%", "100%", "100%", "50%", "50%", "0%", "–"]
    assert shown[-1].startswith("trend")


def test_the_tidy_list_is_put_in_order_at_once_and_taken_back(runs: Path) -> None:
    listed = said(runs, "--tidy")
    assert listed.code == 1 and "run_7: its name does not tell what it is; give it a name" in listed.out
    assert "3 runs to be put in order: unnamed 1, untagged 3, stale 1" in listed.err
    done = said(runs, "--tidy", "--rule", "untagged", "--tag", "old", "--archive", "--name", "old-{n:03}", "name:run")
    assert done.code == 0 and done.err == "named and tagged and archived; `runspect undo` takes it back: 1 run\n"
    changed = runspect("ls", "-C", runs, "--archived", "archived:yes", "--json").json()
    assert [(run["name"], run["tags"]) for run in changed] == [("old-001", ["old"])]
    assert {each["name"] for each in said(runs, "--tidy", "--json").json()["findings"]} == {"wide-001", "deep"}
    runspect("undo", "-C", runs)
    assert said(runs, "--tidy", "--json").json()["rules"] == {"unnamed": 1, "untagged": 3, "duplicate": 0, "stale": 1}
    assert said(runs, "--tidy", "--rule", "duplicate").code == 0
    assert said(runs, "--tidy", "--rule", "duplicate", "--archive").code == 1, "there was nothing to change"
    assert (runs / "run_7" / "metrics.jsonl").exists()
