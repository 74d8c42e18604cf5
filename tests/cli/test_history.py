"""Records over time, the graveyard and the cycle on logs with a known answer."""

from __future__ import annotations

import json
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli.program import runspect

DAY = 86400.0
START = datetime(2026, 3, 2, 9, tzinfo=UTC).timestamp()
"""A Monday."""


def record(root: Path, name: str, day: float, hours: float = 1.0, losses: tuple[float, ...] = (), **more: Any) -> None:
    """A record of the open format."""
    run, began = root / name, START + day * DAY
    run.mkdir(parents=True)
    iso = [datetime.fromtimestamp(began + at * 3600, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for at in (0, hours)]
    head = {
        "format": "runspect-record",
        "version": 1,
        "id": name,
        "name": name,
        "status": "finished",
        "started": iso[0],
        "ended": iso[1],
    }
    (run / "run.json").write_text(json.dumps({**head, **more}))
    rows = [
        {"step": at, "time": began + 3600 * hours * (at + 1) / (len(losses) + 1), "val/loss": loss}
        for at, loss in enumerate(losses)
    ]
    (run / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """A history of two weeks on one data set, whose second version came later."""
    root = tmp_path / "exp"

    def config(**more: Any) -> dict[str, Any]:
        return {"dataset": "c10", "opt": "adam", "lr": 0.1, **more}

    record(root, "one", 0, losses=(0.9, 0.5), config=config(), git={"commit": "1" * 40}, dataset_version="v1")
    for at in range(3):
        record(root, f"sgd{at}", 1 + at, losses=(0.8,), config=config(opt="sgd", lr=0.2, seed=at), dataset_version="v1")
    record(root, "two", 5, losses=(0.9, 0.4, 0.45), config=config(lr=0.01), git={"commit": "2" * 40}, dataset_version="v1",
           hypothesis="a lower rate is calmer", note="worth it")  # fmt: skip
    record(root, "slow", 4.5, 20, losses=(0.39,), config=config(lr=0.001), dataset_version="v1")
    record(root, "new", 9, losses=(0.3,), config=config(lr=0.001, dropout=0.1), dataset_version="v2")
    return root


def test_every_record_over_time_and_what_changed(runs: Path) -> None:
    first, second = runspect("best", "-C", runs, "--history", "--json").json()
    assert (first["title"], first["metric"], first["compared"], first["undated"]) == ("c10@v1", "val/loss:best", 6, 0)
    one, slow = first["improvements"][0], first["improvements"][-1]
    assert [each["name"] for each in first["improvements"]] == ["one", "slow"]
    assert (one["value"], one["delta"], one["changes"], one["before"], one["when_of"]) == (
        0.5,
        None,
        None,
        None,
        "point",
    )
    assert one["when"] == "2026-03-02T09:40:00.000000Z"
    # it began before `two` did, which had reached 0.4 later than this one its 0.39
    assert (slow["value"], slow["before_name"], slow["tries"]) == (0.39, "one", 3)
    assert slow["percent"] == pytest.approx(100 * (0.39 - 0.5) / 0.5)
    assert slow["changes"] == [{"param": "lr", "before": 0.1, "after": 0.001}]
    assert slow["noise"]["kind"] == "unknown"
    assert "rid" not in slow
    (new,) = second["improvements"]
    assert (second["title"], new["from_version"], new["before_name"]) == ("c10@v2", "c10@v1", "slow")
    assert new["changes"] == [{"param": "dropout", "before": None, "after": 0.1}]
    assert new["delta"] is None
    said = "against slow on c10@v1"
    assert f"{said}, whose results are not compared; dropout ─ → 0.1" in runspect("best", "-C", runs, "--history").out
    digest = runspect("report", "-C", runs, "--since", "9999d", "--md").out
    (row,) = [line for line in digest.splitlines() if line.startswith("| c10@v2")]
    assert "| the first result |" in row
    assert f"| {said}: dropout ─ → 0.1 |" in row


def test_what_people_said_of_a_record(runs: Path) -> None:
    found = runspect("best", "-C", runs, "--history", "--json", "-d", "c10@v1", "-name:slow").json()[0]
    two = found["improvements"][1]
    assert (two["name"], two["hypothesis"], two["note"]) == ("two", "a lower rate is calmer", "worth it")
    assert two["commit"] == {"before": "1" * 40, "after": "2" * 40}
    text = runspect("best", "-C", runs, "--history", "-d", "c10@v1", "-name:slow").out
    assert "lr 0.1 → 0.01; commit 1111111 → 2222222; noise unknown (1 seed)" in text
    assert "hypothesis: a lower rate is calmer; note: worth it" in text
    assert "2 records in 5 runs; the newest run holds it" in text


def test_what_led_nowhere(runs: Path) -> None:
    (end,) = runspect("best", "-C", runs, "--history", "--json", "-d", "c10@v1").json()[0]["dead_ends"]
    assert (end["why"], end["n"]) == ("never near", 3)
    assert end["params"] == [{"param": "lr", "value": 0.2}, {"param": "opt", "value": "sgd"}]
    assert (end["best"]["name"], end["best"]["record"], end["best"]["percent"]) == ("sgd0", 0.5, pytest.approx(60))
    text = runspect("best", "-C", runs, "--history", "-d", "c10@v1").out
    assert "lr 0.2 with opt sgd: never near the record of its time in 3 runs; the nearest, sgd0, was +60 % off" in text
    # of two runs nothing is said
    assert (
        runspect("best", "-C", runs, "--history", "--json", "-d", "c10@v1", "-name:sgd0").json()[0]["dead_ends"] == []
    )


def test_a_refuted_hypothesis_is_a_dead_end(runs: Path) -> None:
    runspect("verdict", "two", "refuted", "-C", runs)
    ends = runspect("best", "-C", runs, "--history", "--json", "-d", "c10@v1").json()[0]["dead_ends"]
    assert [(end["why"], end["n"]) for end in ends if end["hypothesis"]] == [("refuted", 1)]
    assert "a lower rate is calmer: refuted after 1 run" in runspect("best", "-C", runs, "--history").out


def test_noise_is_that_of_the_seeds_of_the_record_before(tmp_path: Path) -> None:
    root, values = tmp_path / "exp", (0.50, 0.52, 0.57)
    for at, loss in enumerate(values):
        record(root, f"s{at}", at, losses=(loss,), config={"lr": 0.1, "seed": at})
    record(root, "again", 3, losses=(0.57,), config={"lr": 0.1, "seed": 2})  # the same seed says nothing of noise
    record(root, "lucky", 4, losses=(0.49,), config={"lr": 0.2, "seed": 0})
    record(root, "good", 5, losses=(0.1,), config={"lr": 0.3, "seed": 0})
    (found,) = runspect("best", "-C", root, "--history", "--json").json()
    first, lucky, good = found["improvements"]
    assert (first["name"], first["noise"]) == ("s0", None)
    sigma = float(np.std(values, ddof=1))
    assert (lucky["noise"]["kind"], lucky["noise"]["n"]) == ("within", 3)
    assert (lucky["noise"]["sigma"], lucky["noise"]["sigmas"]) == (pytest.approx(sigma), pytest.approx(0.01 / sigma))
    assert (good["noise"]["kind"], good["noise"]["n"]) == ("unknown", 1)  # its record has no other seeds


def test_no_history(runs: Path) -> None:
    done = runspect("best", "-C", runs, "--history", "name:nobody")
    assert (done.code, done.out.strip()) == (1, "no run matches")
    lines = runspect("best", "-C", runs, "--history", "--md", "-d", "c10@v1").out.splitlines()
    assert len(lines) == 4 and lines[2].startswith(
        "| c10@v1 | 2026-03-02T09:40:00 | one | 0.5000 | first |  | the first result |"
    )


def test_numbers_beyond_all_bounds_and_strange_clocks(tmp_path: Path) -> None:
    root = tmp_path / "exp"
    record(root, "one", 0, losses=(1e308,), config={"x": float("nan"), "opt": "[b]"})
    record(root, "two", 1, losses=(-1e308,), config={"x": float("inf"), "opt": "]"})
    record(root, "three", 40000, losses=(-1.5e308,), status="crashed", submitted="1900-01-01T00:00:00Z")
    two = runspect("best", "-C", root, "--json", "name:one | name:two").json()[0]
    assert (two["second"]["change"], two["differs"][-1]) == (None, {"param": "x", "best": "Infinity", "second": "NaN"})
    record(root, "four", 2, losses=(5.0,), status="failed", reason="ValueError: \x1b[31mred")
    (found,) = runspect("best", "-C", root, "--history", "--json").json()
    assert [(each["delta"], each["percent"]) for each in found["improvements"]] == [
        (None, None),
        (None, None),
        (-5e307, pytest.approx(-50)),
    ]
    assert found["improvements"][1]["changes"][-1] == {"param": "x", "before": "NaN", "after": "Infinity"}
    (best,) = runspect("best", "-C", root, "--json").json()
    assert best["second"]["change"] == pytest.approx(100 / 3)
    told = runspect("graveyard", "-C", root, "--json").json()
    assert (told["failed"], told["weeks"]) == (2, ["2026-W10"])
    assert "\x1b" not in runspect("graveyard", "-C", root).out
    assert runspect("cycle", "-C", root, "--json").json()["measures"][3]["n"] == 0


@pytest.fixture
def graves(tmp_path: Path) -> Path:
    """Five runs that ended badly, one that did not, over some weeks."""
    root = tmp_path / "exp"
    ends: list[tuple[float, float, dict[str, Any]]] = [
        (0, 2.0, {"status": "crashed", "reason": "CUDA out of memory. Tried to allocate 20.00 MiB"}),
        (8, 3.0, {"status": "crashed", "reason": "CUDA out of memory. Tried to allocate 31.50 MiB"}),
        (9, 1.0, {"status": "failed", "exit_code": 1, "reason": "FileNotFoundError: '/data/a.csv'"}),
        (10, 0.5, {"status": "killed", "reason": "slurm: CANCELLED AT 2026-03-12T10:01:00 DUE TO TIME LIMIT"}),
        (11, 0.25, {}),
    ]
    for at, (day, hours, more) in enumerate(ends):
        record(root, f"r{at}", day, hours, (0.5,), **more)
    record(root, "diverged", 12, 4.0, (0.5, float("nan")))
    return root


def test_the_dead_by_cause(graves: Path) -> None:
    found = runspect("graveyard", "-C", graves, "--json").json()
    assert (found["runs"], found["failed"], found["hours"]) == (6, 5, pytest.approx(10.5))
    assert found["weeks"] == ["2026-W10", "2026-W11"]
    told = {
        each["cause"]: (each["runs"], each["hours"], each["per_week"], each["last"]["name"]) for each in found["causes"]
    }
    assert told == {
        "out of memory": (2, pytest.approx(5), [1, 1], "r1"),
        "NaN": (1, pytest.approx(4), [0, 1], "diverged"),
        "FileNotFoundError": (1, pytest.approx(1), [0, 1], "r2"),
        "time limit": (1, pytest.approx(0.5), [0, 1], "r3"),
    }
    assert [each["cause"] for each in found["causes"]] == ["out of memory", "NaN", "FileNotFoundError", "time limit"]
    first = found["causes"][0]
    assert found["causes"][1]["reasons"][0]["text"] == "the tool recorded finished, val/loss ended in NaN or infinity"
    assert first["reasons"] == [{"text": "CUDA out of memory. Tried to allocate N MiB", "runs": 2}]
    assert "rid" not in first["last"]
    for cause, (runs, *_) in told.items():
        assert len(runspect("ls", "-C", graves, f'cause = "{cause}"', "--json").json()) == runs


def test_the_graveyard_for_people(graves: Path) -> None:
    text = runspect("graveyard", "-C", graves).out
    assert "5 of 6 runs ended badly, after 10 h together; weeks up to 2026-W11" in text
    assert "CUDA out of memory. Tried to allocate N MiB" in text
    assert runspect("graveyard", "-C", graves, "r0").code == 0
    fine = runspect("graveyard", "-C", graves, "name:r4")
    assert (fine.code, fine.out.strip()) == (1, "none of 1 run ended badly")
    assert runspect("graveyard", "-C", graves, "lr ==== 3").code == 2


def repository(root: Path, days: list[float]) -> list[str]:
    """A git repository with a commit on each of these days."""

    def git(*words: str, **environ: str) -> str:
        import os

        done = subprocess.run(
            ["git", "-C", str(root), "-c", "user.name=a", "-c", "user.email=a@b", *words],
            check=True, capture_output=True, text=True, env={**os.environ, **environ},
        )  # fmt: skip
        return done.stdout.strip()

    root.mkdir(parents=True, exist_ok=True)
    git("init", "-q")
    found = []
    for day in days:
        when = f"{START + day * DAY:.0f} +0000"
        git("commit", "-q", "--allow-empty", "-m", "x", GIT_AUTHOR_DATE=when, GIT_COMMITTER_DATE=when)
        found.append(git("rev-parse", "HEAD"))
    return found


def test_whether_the_cycle_gets_shorter(tmp_path: Path) -> None:
    """Two commits a week for five weeks; their first results come sooner each week."""
    days = [7.0 * week + part for week in range(5) for part in (0, 1)]
    took = [4.0, 3.0, 2.5, 2.6, 2.0, 1.9, 1.1, 1.0, 0.5, 0.6]
    root = tmp_path / "work" / "exp"
    commits = repository(tmp_path / "work", days)
    for at, (commit, day, days_) in enumerate(zip(commits, days, took, strict=True)):
        record(root, f"r{at}", day + days_ - 1 / 24, losses=(0.5,), git={"commit": commit})
        record(root, f"again{at}", day + days_ + 1, losses=(0.5,), git={"commit": commit[:12]})
    done = runspect("cycle", "-C", root, "--json")
    found = done.json()
    assert (done.code, found["answer"], found["measure"]) == (0, "shorter", "commit")
    commit = next(each for each in found["measures"] if each["measure"] == "commit")
    assert commit["weeks"][0]["week"] == "2026-W10"
    assert commit["n"] == len(days)
    text = runspect("cycle", "-C", root)
    assert text.code == 0 and text.out.startswith("commit → first result: shorter: ")
    assert runspect("cycle", "-C", root, "--of", "run").code == 1
    assert runspect("cycle", "-C", root, "--of", "nothing").code == 2


def test_queues_whose_moments_are_recorded(tmp_path: Path) -> None:
    root = tmp_path / "exp"
    hours = [[1.0, 2.0], [2.0, 4.0], [4.0, 8.0], [8.0, 16.0]]
    for week, waits in enumerate(hours):
        for at, wait in enumerate(waits):
            submitted = datetime.fromtimestamp(START + (7 * week + at) * DAY - wait * 3600, UTC).isoformat()
            record(root, f"r{week}{at}", 7 * week + at, submitted=submitted)
    found = runspect("cycle", "-C", root, "--json")
    assert (found.code, found.json()["answer"], found.json()["measure"]) == (1, "longer", "queue")
    queue = next(each for each in found.json()["measures"] if each["measure"] == "queue")
    assert [week["median"] / 3600 for week in queue["weeks"]] == pytest.approx([np.median(each) for each in hours])
    assert [week["p90"] / 3600 for week in queue["weeks"]] == pytest.approx([np.percentile(each, 90) for each in hours])
    few = runspect("cycle", "-C", root, "--weeks", "2", "--json").json()
    assert (few["answer"], few["sentence"]) == ("too few", "too few: n = 4 in 2 weeks")


def test_a_cycle_of_which_nothing_is_known(tmp_path: Path) -> None:
    record(tmp_path / "exp", "a", 0, losses=(0.5,))
    done = runspect("cycle", "-C", tmp_path / "exp")
    assert done.code == 1 and done.out.startswith("cannot be told: ")
    assert "start → end" in done.out


def test_hypotheses_and_verdicts_are_parts_of_the_cycle(tmp_path: Path) -> None:
    """Written now: a run that starts in an hour, one that was begun two hours ago and is judged now."""
    root = tmp_path / "exp"
    root.mkdir()
    id = runspect("hypothesis", "new", "calmer", "-C", root).out.strip()
    now = (time.time() - START) / DAY
    record(root, "later", now + 1 / 24, losses=(0.5,), hypothesis=id)
    record(root, "before", now - 2 / 24, losses=(0.5,), hypothesis="written with it")
    record(root, "judged", now - 3 / 24, losses=(0.5,))
    runspect("verdict", "before", "supported", "-C", root)
    runspect("verdict", "judged", "refuted", "-C", root)
    done = runspect("cycle", "-C", root, "--json")
    told = {each["measure"]: each for each in done.json()["measures"]}
    assert (done.code, done.json()["answer"], done.json()["measure"]) == (1, "too few", "hypothesis")
    # when what only a record holds was thought of is not known
    assert told["hypothesis"]["n"] == 1
    assert told["hypothesis"]["median"] == pytest.approx(1.5 * 3600, abs=60)
    assert told["verdict"]["n"] == 2
    assert told["verdict"]["median"] == pytest.approx(2.5 * 3600, abs=60)
    only = runspect("cycle", "-C", root, "name:judged", "--json").json()
    assert [each["n"] for each in only["measures"]][:3] == [0, 0, 1]
