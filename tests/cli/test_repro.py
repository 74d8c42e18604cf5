"""`runspect repro` on real repositories: a recorded training with uncommitted changes is rebuilt and comes out the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from runspect.cli.scope import synced
from runspect.practice.repro.gaps import gaps
from runspect.practice.repro.origin import origin
from runspect.practice.repro.script import script
from runspect.workspace import Workspace
from runspect.workspace.rebuilding import look
from tests.cli.program import Done, environment, runspect

COMMITTED = "def rate() -> float:\n    return 0.5\n"
CHANGED = "def rate() -> float:\n    return 0.125\n"
HELPER = "def shuffled(rng, rows):\n    rng.shuffle(rows)\n    return rows\n"
TRAIN = """
import argparse, math, os, random, pathlib
import runspect
from helper import shuffled
from schedule import rate

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int)
parser.add_argument("--label", default="")
parser.add_argument("--data", default="")
args = parser.parse_args()
rng = random.Random(f"{args.seed}{args.label}{os.environ.get('OMP_SCHEDULE', '')}")
rows = [(x, 3 * x - 1 + rng.gauss(0, 0.1)) for x in (rng.random() for _ in range(64))]
if args.data:
    rows = [tuple(map(float, line.split())) for line in pathlib.Path(args.data).read_text().splitlines()]
w = b = 0.0
with runspect.start(config=vars(args)) as run:
    for epoch in range(20):
        loss = 0.0
        for x, y in shuffled(rng, rows):
            error = w * x + b - y
            w, b, loss = w - rate() * error * x, b - rate() * error, loss + error * error
        run.log({"loss": loss / len(rows), "w": w, "epoch_seconds": random.random()}, step=epoch)
"""
"""Stochastic gradient descent on a line; its result depends on seed, patch, untracked helper, variable and data."""


def git(place: Path, *words: str) -> str:
    identity = ("-c", "user.name=ann", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
    return subprocess.run(
        ["git", *identity, *words], cwd=place, check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository whose working tree has a change and a file that git does not know."""
    place = tmp_path / "my project"
    place.mkdir()
    git(place, "init", "-q", "-b", "main")
    (place / "train.py").write_text(TRAIN, encoding="utf-8")
    (place / "schedule.py").write_text(COMMITTED, encoding="utf-8")
    (place / ".gitignore").write_text("*.csv\nruns/\n__pycache__/\n", encoding="utf-8")
    git(place, "add", ".")
    git(place, "commit", "-q", "-m", "first")
    (place / "schedule.py").write_text(CHANGED, encoding="utf-8")
    (place / "helper.py").write_text(HELPER, encoding="utf-8")
    return place


def record(project: Path, *words: str, options: tuple[str, ...] = ()) -> Path:
    """Train under `runspect record`; the directory of the record."""
    done = runspect("record", "-q", "-n", "first", *options, "--", sys.executable, "train.py", *words, cwd=project)
    assert done.code == 0, done.err
    return project / "runs" / "first"


def repro(project: Path, *words: str | Path) -> Done:
    return runspect("repro", "-C", project / "runs", "first", *words)


def metrics(place: Path) -> dict[str, Any]:
    (run,) = runspect("ls", "-C", place, "--json").json()
    return {name: (m["n"], m["last"]) for name, m in run["metrics"].items()}


def test_a_run_with_uncommitted_changes_comes_out_the_same(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_SCHEDULE", "dynamic,'4'")
    record(project, "--seed", "7")
    monkeypatch.delenv("OMP_SCHEDULE")
    (project / "schedule.py").write_text("raise SystemExit('the working tree has moved on')", encoding="utf-8")
    (project / "helper.py").unlink()
    before = git(project, "status", "--porcelain"), git(project, "worktree", "list")
    place = tmp_path / "again"
    done = repro(project, "--no-install", "--run", place, "--json")
    told = done.json()
    assert done.code == 0, done.err
    assert told["comparison"]["same"] and told["failed"] is None
    compared = {each["metric"]: each for each in told["comparison"]["metrics"]}
    assert compared["loss"]["original"]["n"] == 20 and compared["loss"]["original"] == compared["loss"]["rebuilt"]
    assert not compared["epoch_seconds"]["counts"] and not compared["epoch_seconds"]["same"]
    # it ran there, from the commit with the patch, and left the original alone
    head = json.loads((Path(told["record"]) / "run.json").read_text(encoding="utf-8"))
    assert head["cwd"] == str(place / "code") and head["git"]["commit"] == git(project, "rev-parse", "HEAD")
    assert (place / "code" / "schedule.py").read_text(encoding="utf-8") == CHANGED
    assert (git(project, "status", "--porcelain"), git(project, "worktree", "list")) == before


def test_the_printed_script_does_the_same_with_a_shell_alone(project: Path, tmp_path: Path) -> None:
    record(project, "--seed", "7")
    done = repro(project, "--no-install")
    assert not (tmp_path / "again").exists()
    path = tmp_path / "repro.sh"
    path.write_text(done.out, encoding="utf-8")
    subprocess.run(["sh", path, tmp_path / "again"], check=True, capture_output=True, cwd=tmp_path)
    assert metrics(tmp_path / "again" / "code" / "runs") == pytest.approx(
        {**metrics(project / "runs"), "epoch_seconds": metrics(tmp_path / "again" / "code" / "runs")["epoch_seconds"]}
    )


def test_another_result_is_told_with_exit_code_1(project: Path, tmp_path: Path) -> None:
    kept = record(project, "--seed", "7")
    (kept / "patch.diff").unlink()
    done = repro(project, "--no-install", "--run", tmp_path / "again")
    assert done.code == 1
    assert "patch.diff is not there" in done.err
    assert "NOT the same: 2 of 2 metrics differ" in done.out
    # a path that goes up names the same place
    assert repro(project, "--no-install", "--run", project / ".." / "b", "--ignore", "*").code == 0


def test_data_is_linked_checked_and_its_change_is_told(project: Path, tmp_path: Path) -> None:
    table = project / "points.csv"
    table.write_text("".join(f"{x / 10} {x / 5}\n" for x in range(10)), encoding="utf-8")
    record(project, "--seed", "7", "--data", "points.csv", options=("--data", "points.csv"))
    told = repro(project, "--no-install", "--json").json()
    levels = {gap["level"] for gap in told["gaps"] if "no environment is installed" not in gap["gap"]}
    assert levels <= {"note"}
    assert repro(project, "--no-install", "--run", tmp_path / "again").code == 0
    table.write_text("1 1\n", encoding="utf-8")
    done = repro(project, "--no-install", "--json")
    assert done.code == 1
    assert [gap["level"] for gap in done.json()["gaps"] if "its digest differs" in gap["gap"]] == ["differs"]
    table.unlink()
    refused = repro(project, "--no-install", "--run", tmp_path / "third")
    assert refused.code == 1 and "data is not there" in refused.err and not (tmp_path / "third").exists()


def test_data_that_was_not_declared_is_a_gap(project: Path) -> None:
    (project / "points.csv").write_text("1 2\n", encoding="utf-8")
    record(project, "--data=points.csv")
    gaps = [gap["gap"] for gap in repro(project, "--json").json()["gaps"]]
    assert "named on the command line, but neither in the commit nor in the record: points.csv" in gaps
    assert "no seed is recorded" in gaps


def test_the_commit_is_taken_from_a_remote_or_another_clone(project: Path, tmp_path: Path) -> None:
    git(project, "remote", "add", "origin", "https://example.com/ann/project.git")
    record(project, "--seed", "7")
    said = repro(project, "--json").json()
    assert any("is on no remote, only in" in gap["gap"] and "push" in gap["closes"] for gap in said["gaps"])
    assert f"clone --quiet --no-checkout --shared -- '{project}'" in said["script"]
    clone, logs = tmp_path / "clone", tmp_path / "logs"
    git(tmp_path, "clone", "-q", "--no-local", str(project), str(clone))
    (project / "runs").rename(logs)
    project.rename(tmp_path / "elsewhere")
    far = runspect("repro", "-C", logs, "first", "--json").json()
    assert "clone --quiet --no-checkout -- https://example.com/ann/project.git" in far["script"]
    assert any("it is fetched from https://example.com/ann/project.git" in gap["gap"] for gap in far["gaps"])
    done = runspect(
        "repro", "-C", logs, "first", "--repo", clone, "--no-install", "--run", tmp_path / "again", "--json"
    )
    assert done.code == 0 and done.json()["comparison"]["same"], done.err


def test_a_subdirectory_reached_through_a_link_is_the_working_directory(project: Path, tmp_path: Path) -> None:
    (project / "sub").mkdir()
    (project / "sub" / "say.py").write_text("print('step 1 loss 0.5')\nprint('step 2 loss 0.25')\n", encoding="utf-8")
    (tmp_path / "link").symlink_to(project)
    here = tmp_path / "link" / "sub"
    words: list[str | Path] = [
        "record",
        "-q",
        "-n",
        "first",
        "--runs",
        project / "runs",
        "--",
        sys.executable,
        here / "say.py",
        "--seed=1",
    ]
    environ = {**environment(), "PWD": str(here)}
    subprocess.run([sys.executable, "-m", "runspect", *words], cwd=here, env=environ, check=True, capture_output=True)
    assert json.loads((project / "runs" / "first" / "run.json").read_text(encoding="utf-8"))["cwd"] == str(here)
    done = repro(project, "--no-install", "--run", tmp_path / "again", "--json")
    assert done.code == 0, done.err
    head = json.loads((Path(done.json()["record"]) / "run.json").read_text(encoding="utf-8"))
    assert head["cwd"] == str(tmp_path / "again" / "code" / "sub")
    assert str(tmp_path / "again" / "code" / "sub" / "say.py") in head["argv"]


def test_a_directory_that_is_not_empty_is_refused(project: Path) -> None:
    record(project, "--seed", "7")
    done = repro(project, "--run", project)
    assert done.code == 2 and "not empty" in done.err
    assert repro(project, "--tolerance", "0.1").code == 2
    assert repro(project, "--run", project / "new", "--tolerance", "2").code == 2


HOSTILE = "a'b\"c\n$(touch PWNED)`touch PWNED`;touch PWNED\\ -x\x1b[31m\u202e%s é"


def test_hostile_words_on_the_command_line_arrive_as_they_were(project: Path, tmp_path: Path) -> None:
    record(project, "--seed", "7", f"--label={HOSTILE}")
    done = repro(project, "--no-install", "--run", tmp_path / "again", "--json")
    assert done.code == 0 and done.json()["comparison"]["same"], done.err
    head = json.loads((Path(done.json()["record"]) / "run.json").read_text(encoding="utf-8"))
    assert head["argv"][-1] == f"--label={HOSTILE}"
    assert not list(tmp_path.rglob("PWNED"))
    assert "\x1b" not in done.json()["script"] and "\u202e" not in done.json()["script"]


def hostile_record(place: Path, **more: Any) -> None:
    """A record that somebody wrote to do harm."""
    run = place / "first"
    run.mkdir(parents=True)
    head = {
        "format": "runspect-record", "version": 1, "id": "x", "name": f"-rf {HOSTILE}", "status": "finished", "host": HOSTILE,
        "started": "2026-11-01T00:00:00+00:00", "command": "echo done", "cwd": f"/nowhere/{HOSTILE}",
        "environment": {"A b": "1", "OMP_X": HOSTILE, "X;touch PWNED": "2"},
        "git": {"root": f"/nowhere/{HOSTILE}", "commit": "$(touch PWNED)", "branch": f"--upload-pack=x\n{HOSTILE}", "remote": HOSTILE},
        **more,
    }  # fmt: skip
    (run / "run.json").write_text(json.dumps(head), encoding="utf-8")


def test_a_hostile_record_does_nothing_when_its_script_runs(tmp_path: Path) -> None:
    hostile_record(tmp_path / "runs")
    (tmp_path / "runs" / "first" / "untracked").mkdir()
    done = runspect("repro", "-C", tmp_path / "runs", tmp_path / "runs" / "first", "--no-install")
    assert done.code == 1
    path = tmp_path / "repro.sh"
    path.write_text(done.out, encoding="utf-8")
    ran = subprocess.run(["sh", path, tmp_path / "again"], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (ran.returncode, ran.stdout) == (0, "done\n")
    assert not list(tmp_path.rglob("PWNED"))
    assert all(line.isprintable() for line in done.out.splitlines())


@pytest.mark.parametrize(
    "remote", ["ext::sh -c 'touch PWNED'", "--upload-pack=touch PWNED", "-oProxyCommand=touch PWNED:x/y"]
)
def test_a_hostile_remote_starts_nothing(tmp_path: Path, remote: str) -> None:
    hostile_record(tmp_path / "runs", git={"commit": "a" * 40, "remote": remote})
    done = runspect(
        "repro", "-C", tmp_path / "runs", tmp_path / "runs" / "first", "--no-install", "--run", tmp_path / "again"
    )
    assert done.code == 1 and "before the run began" in done.err
    assert not list(tmp_path.rglob("PWNED"))


def test_kept_files_cannot_lead_out_of_the_directory(project: Path, tmp_path: Path) -> None:
    kept = record(project, "--seed", "7")
    (tmp_path / "secret").write_text("s", encoding="utf-8")
    (kept / "untracked" / ".git" / "hooks").mkdir(parents=True)
    (kept / "untracked" / ".git" / "hooks" / "post-checkout").write_text("x", encoding="utf-8")
    (kept / "untracked" / "link").symlink_to(tmp_path / "secret")
    head = json.loads((kept / "run.json").read_text(encoding="utf-8"))
    head["git"]["untracked"] += ["../../../../secret", ".git/hooks/post-checkout", "link", "/etc/passwd"]
    (kept / "run.json").write_text(json.dumps(head), encoding="utf-8")
    told = repro(project, "--json").json()
    assert [line for line in told["script"].splitlines() if line.startswith("keep ")] == ["keep helper.py"]
    assert any("4 kept files cannot be brought back" in gap["gap"] for gap in told["gaps"])


def test_an_environment_is_made_of_the_recorded_packages(project: Path, tmp_path: Path) -> None:
    """Without a network nothing can be installed, but a list without packages can."""
    kept = record(project, "--seed", "7")
    (kept / "requirements.txt").write_text("# Python 3\n# local==1 from file:///x (editable)\n", encoding="utf-8")
    done = repro(project, "--run", tmp_path / "again", "--json")
    told = done.json()
    assert done.code == 0 and told["comparison"]["same"], done.err
    assert any("installed from a directory" in gap["gap"] and "local==1" in gap["gap"] for gap in told["gaps"])
    head = json.loads((Path(told["record"]) / "run.json").read_text(encoding="utf-8"))
    assert head["executable"] == str(tmp_path / "again" / "venv" / "bin" / "python")


def _told(root: Path, tool: str) -> list[tuple[dict[str, Any], set[str], str]]:
    """(run, gaps, script) of the runs of a tool, without looking at the data of this machine."""
    found = []
    with closing(Workspace.open((root,))) as workspace:
        synced(workspace)
        for rid in workspace.order(f"tools:{tool}").rids:
            run = workspace.run(rid)
            there = look(origin(run))
            missing = gaps(run, origin(run), there, install=True)
            found.append((run, {gap.what for gap in missing}, script(origin(run), there, missing)))
    return found


def test_real_runs_of_other_tools_list_their_gaps(real_logs: Path, tmp_path: Path) -> None:
    for run, missing, text in _told(real_logs, "swanlab"):
        commit = run["facts"].get("git_commit")
        if commit:
            assert "whether anything was uncommitted is not recorded" in missing
            assert f"checkout --quiet --detach {commit['value']}" in text
            assert any("it is fetched from https://" in gap for gap in missing)
        assert "pip install --quiet --disable-pip-version-check -r" in text
    for _, missing, text in _told(real_logs, "spinningup"):
        assert {"no commit is recorded", "no command is recorded", "no packages are recorded"} <= missing
        assert "none is recorded. What begins the training goes here." in text
    for run, missing, text in _told(real_logs, "wandb"):
        assert ("no commit is recorded" in missing) == ("git_commit" not in run["facts"])
        if "command" in run["facts"]:
            assert '"$python"' in text.splitlines()[-1] or '"$python"' in text
        subprocess.run(["sh", "-n"], input=text.encode(), check=True)


def test_every_script_is_one_that_a_shell_reads(corpus: Path) -> None:
    with closing(Workspace.open((corpus,))) as workspace:
        synced(workspace)
        for rid in workspace.order().rids:
            run = workspace.run(rid)
            told = origin(run)
            there = look(told, check_data=False)
            text = script(told, there, gaps(run, told, there, install=True))
            done = subprocess.run(
                ["sh", "-n"], input=text.encode(), capture_output=True, env={"PATH": os.defpath}, check=False
            )
            assert (done.returncode, done.stderr) == (0, b""), text
