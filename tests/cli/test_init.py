"""`runspect init`: a policy and a shared folder, nothing overwritten, nothing changed in what is shown."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from runspect.policy import load_policy
from runspect.practice.starter import starter
from runspect.workspace import Workspace
from runspect.workspace.beginning import seen
from tests.cli.program import runspect
from tests.engine.crowd import environment


@pytest.fixture
def exp(tmp_path: Path) -> Path:
    for number in range(3):
        directory = tmp_path / "exp" / f"run{number}"
        directory.mkdir(parents=True)
        (directory / "metrics.csv").write_text(f"step,val/loss\n1,{number + 1}\n")
        (directory / "config.json").write_text(json.dumps({"lr": number, "dataset": "mnist"}))
    return tmp_path / "exp"


def test_it_writes_what_is_not_there_and_says_what(exp: Path) -> None:
    done = runspect("init", exp)
    assert (done.code, done.out.split()) == (0, [f"{exp}/runspect.toml", f"{exp}/.runspect"])
    policy = load_policy(exp / "runspect.toml")
    assert (policy.objective, policy.lint.params) == ("val/loss:min", ("lr", "dataset"))
    assert sorted(path.name for path in (exp / ".runspect").iterdir()) == [".gitattributes", "id", "journal"]
    before = (exp / "runspect.toml").read_bytes(), (exp / ".runspect/id").read_bytes()
    again = runspect("init", cwd=exp)
    assert (again.code, again.out) == (1, "")
    assert "is there already and stays as it is" in again.err
    assert ((exp / "runspect.toml").read_bytes(), (exp / ".runspect/id").read_bytes()) == before
    assert not [path.name for path in exp.iterdir() if path.name.startswith(".runspect.toml")]


def test_a_policy_that_is_there_stays_and_the_folder_is_made_when_asked(exp: Path) -> None:
    (exp / "runspect.toml").write_text("# mine\n")
    refused = runspect("init", exp)
    assert (refused.code, (exp / ".runspect").exists()) == (1, False)
    assert "runspect init --shared" in refused.err
    told = runspect("init", exp, "--shared", "--json").json()
    assert (told["policy_written"], told["shared_made"], told["shared"]) == (False, True, f"{exp}/.runspect")
    assert (exp / "runspect.toml").read_text() == "# mine\n"
    assert runspect("init", exp, "--shared").code == 0


def test_no_shared_and_print(exp: Path) -> None:
    shown = runspect("init", exp, "--print")
    assert shown.code == 0 and 'objective = "val/loss:min"' in shown.out
    assert sorted(path.name for path in exp.iterdir()) == ["run0", "run1", "run2"]
    assert runspect("init", exp, "--no-shared", "--json").json()["shared"] is None
    assert not (exp / ".runspect").exists()


def test_annotations_of_before_are_told_of_and_taken_along(exp: Path) -> None:
    assert runspect("note", "-C", exp, "run1", "good").code == 0
    first = runspect("init", exp)
    assert "1 annotation of these runs in your own journal only you see" in first.err
    assert runspect("init", exp, "--take-along", "--json").json()["taken_along"] == 1
    assert runspect("init", exp, "--take-along", "--json").json() | {"id": 0} == {
        "directory": str(exp), "policy": f"{exp}/runspect.toml", "policy_written": False, "shared": f"{exp}/.runspect",
        "shared_made": False, "id": 0, "runs": 3, "at_home": 0, "taken_along": 0,
    }  # fmt: skip
    with environment(RUNSPECT_HOME=f"{exp}-other", LOGNAME="bob"):
        (found,) = runspect("ls", "-C", exp, "has:note", "--json").json()
        assert (found["name"], found["note"]) == ("run1", "good")
        assert runspect("tag", "-C", exp, "run1", "from-bob").code == 0
        assert runspect("engine", "stop").code == 0
    assert runspect("ls", "-C", exp, "tag:from-bob", "--json").json()[0]["name"] == "run1"
    lines = [
        json.loads(line) for path in (exp / ".runspect/journal").iterdir() for line in path.read_text().splitlines()
    ]
    who = {line["key"]: line["who"].partition("@")[0] for line in lines}
    assert (who["tag:from-bob"], who["note"] != "bob") == ("bob", True)


def test_a_directory_that_cannot_be_written_is_an_error(exp: Path) -> None:
    (exp / ".runspect").write_text("in the way")
    done = runspect("init", exp)
    assert (done.code, (exp / "runspect.toml").exists()) == (2, False)
    assert f"{exp}/.runspect" in done.err


def test_what_goes_home_instead_is_said(exp: Path) -> None:
    runspect("init", exp)
    shutil.rmtree(exp / ".runspect/journal")
    (exp / ".runspect/journal").write_text("no directory")
    done = runspect("note", "-C", exp, "run1", "kept")
    assert done.code == 0
    assert "cannot be written" in done.err and "--take-along" in done.err
    assert runspect("ls", "-C", exp, "has:note", "--json").json()[0]["note"] == "kept"


def test_doctor_says_where_annotations_go(exp: Path) -> None:
    def told() -> list[str]:
        return [check["text"] for check in runspect("doctor", exp, "--json").json() if check["what"] == "annotations"]

    assert told()[-1] == f"those of {exp} go to your own journal; `runspect init` shares them"
    runspect("init", exp)
    runspect("star", "-C", exp, "run1")
    assert told()[-1] == f"those of {exp} are shared in {exp}/.runspect/journal, 1 file"


def test_a_home_directory_is_not_taken_unasked(tmp_path: Path) -> None:
    with environment(HOME=str(tmp_path)):
        done = runspect("init", cwd=tmp_path)
    assert (done.code, list(tmp_path.glob("runspect.toml"))) == (2, [])


def shown(workspace: Workspace) -> tuple[Any, ...]:
    """What of runs a policy can change."""
    runs = json.loads(workspace.runs_json(fields=["path", "name", "tags", "state"]))
    best = [
        (
            each["dataset"],
            each["title"],
            each["direction"],
            each["runs"],
            each["compared"],
            [run["name"] for run in each["best"]],
        )
        for each in workspace.best()
    ]
    return runs, best, workspace.choices().usual_metrics


def test_a_policy_from_real_logs_changes_nothing_that_is_shown(corpus: Path, tmp_path: Path) -> None:
    for directory in sorted(path for path in corpus.iterdir() if path.is_dir()):
        place = tmp_path / directory.name
        shutil.copytree(directory, place, symlinks=True)
        workspace = Workspace.open([place])
        workspace.sync()
        before = shown(workspace)
        text = starter(*seen(workspace), date.today())
        (place / "runspect.toml").write_text(text, encoding="utf-8")
        load_policy(place / "runspect.toml")
        after = shown(workspace)
        assert after == before, directory.name
        assert [each for each in workspace.health() if each["reader"] == "policy"] == []
        workspace.close()


@pytest.mark.parametrize(
    ("rules", "said"), [("", "commit runspect.toml and .runspect/"), (".*\n", "git ignores .runspect")]
)
def test_in_a_repository_it_says_what_git_needs(exp: Path, rules: str, said: str) -> None:
    subprocess.run(["git", "init", "-q", str(exp)], check=True)
    (exp / ".gitignore").write_text(rules)
    assert said in runspect("init", exp).err
