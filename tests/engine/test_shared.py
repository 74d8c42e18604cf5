"""People with engines of their own on one directory: what each says is there for all, wherever it is mounted or cloned."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import runspect
from runspect.errors import RunspectError
from runspect.folder import make_folder
from runspect.model import Json, Op
from runspect.place import places
from runspect.workspace import Workspace
from runspect.workspace.promoting import Wanted, demote, promote
from tests.engine.crowd import environment, until

Opening = Callable[..., "Person"]


class Person:
    """Somebody with a home, an engine and a screen; mutable."""

    def __init__(self, home: Path, *scope: Path) -> None:
        self.home = home
        with environment(RUNSPECT_HOME=str(home), RUNSPECT_ENGINE_IDLE_S="5"):
            self.place = places(os.environ)[0]
            self.workspace = Workspace.open(scope, client="test")
        self.workspace.sync()

    def runs(self) -> dict[str, dict[str, Any]]:
        return {run["path"]: run for run in json.loads(self.workspace.runs_json())}

    def says(self, path: str, key: str, value: Json) -> None:
        self.workspace.annotate([Op(f"run:{self.runs()[path]['uid']}", key, value)])

    def sees(self, path: str, key: str, value: Json) -> None:
        """Nobody tells an engine what others write: it looks, and what it finds comes to the screen."""
        until(lambda: self.runs().get(path, {}).get(key) == value, f"{key} of {path} is {value!r}")

    def kill_engine(self) -> None:
        os.kill(int(json.loads(self.place.lock.read_bytes())["pid"]), signal.SIGKILL)

    def own_journal(self) -> list[Path]:
        return list(self.place.journal[0].glob("*.jsonl"))


@pytest.fixture
def open_(tmp_path: Path) -> Iterator[Opening]:
    opened: list[Person] = []

    def person(name: str, *scope: Path) -> Person:
        opened.append(Person(tmp_path / f"home-{name}", *scope))
        return opened[-1]

    yield person
    for each in opened:
        with suppress(RunspectError):
            each.workspace.stop_engine()
        each.workspace.close()


@pytest.fixture
def exp(tmp_path: Path) -> Path:
    for name in ("a", "b/c"):
        write_run(tmp_path / "exp" / name)
    return tmp_path / "exp"


def write_run(directory: Path) -> None:
    directory.mkdir(parents=True)
    (directory / "metrics.csv").write_text("step,loss\n1,0.5\n2,0.25\n")
    (directory / "config.json").write_text(json.dumps({"lr": 0.1, "name": directory.name}))


def listing(directory: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(directory)): path.read_bytes() for path in sorted(directory.rglob("*")) if path.is_file()
    }


def test_nothing_is_written_where_nobody_asked_for_it(exp: Path, open_: Opening) -> None:
    before = listing(exp)
    ada = open_("ada", exp)
    ada.says("a", "note", "mine")
    ada.sees("a", "note", "mine")
    assert listing(exp) == before
    assert len(ada.own_journal()) == 1


def test_what_one_person_promotes_is_promoted_for_all(exp: Path, open_: Opening) -> None:
    make_folder(str(exp))
    ada, bob = open_("ada", exp), open_("bob", exp)
    model, report = exp / "model.pt", exp / "review.md"
    model.write_bytes(b"weights")
    report.write_bytes(b"fine")
    promote(ada.workspace, Wanted("a", "reviewed", "production", report=report, model=model, name="net"))
    bob.sees("a", "stage", "production")
    assert bob.workspace.stages("a")["history"] == ada.workspace.stages("a")["history"]
    assert bob.workspace.next_version("net") == 2
    demote(bob.workspace, Wanted("a", "it leaks"))
    ada.sees("a", "stage", "candidate")
    assert [each["model"]["name"] for each in ada.workspace.stages("a")["history"]] == ["net", "net"]


def test_two_people_annotate_at_once_and_both_survive_a_kill(exp: Path, open_: Opening) -> None:
    make_folder(str(exp))
    ada, bob = open_("ada", exp), open_("bob", exp)
    assert ada.runs()["a"]["uid"] == bob.runs()["a"]["uid"]
    ada.says("a", "note", "hers")
    bob.says("a", "star", True)
    bob.says("b/c", "tag:x", True)
    ada.kill_engine()
    ada.says("b/c", "tag:y", True)
    for person in (ada, bob):
        person.sees("a", "note", "hers")
        person.sees("a", "star", True)
        person.sees("b/c", "tags", ["x", "y"])
    lines = [
        json.loads(line) for path in (exp / ".runspect/journal").iterdir() for line in path.read_text().splitlines()
    ]
    assert all(line["who"] and line["ts"] for line in lines)
    assert str(exp) not in json.dumps(lines), "paths are told from the folder"
    assert ada.own_journal() == [] == bob.own_journal()


def test_a_screen_is_told_what_others_say(exp: Path, open_: Opening) -> None:
    make_folder(str(exp))
    ada, bob = open_("ada", exp), open_("bob", exp)
    rids: list[frozenset[int]] = []
    ada.workspace.on_push = lambda push: rids.append(push.rids)
    ada.workspace.watch()
    bob.says("a", "note", "news")
    until(lambda: any(rids), "a push")
    ada.sees("a", "note", "news")


def test_a_folder_that_somebody_makes_meanwhile_is_found(exp: Path, open_: Opening) -> None:
    ada = open_("ada", exp)
    ada.says("a", "note", "before")
    before = ada.runs()["a"]["uid"]
    make_folder(str(exp))
    ada.workspace.sync()
    after = ada.runs()["a"]
    assert (after["note"], after["uid"] == before) == ("before", False)
    assert json.loads(ada.workspace.run_json(before))["uid"] == after["uid"], "the id of before still means it"
    ada.says("a", "note", "after")
    bob = open_("bob", exp)
    bob.sees("a", "note", "after")
    assert ada.workspace.undo() == "undid note"
    ada.sees("a", "note", "before")
    bob.sees("a", "note", "before")


@pytest.mark.parametrize("where", ["above", "below"])
def test_a_folder_above_or_below_the_watched_directory_counts(exp: Path, open_: Opening, where: str) -> None:
    make_folder(str(exp if where == "above" else exp / "b"))
    path = "c" if where == "above" else "b/c"
    ada = open_("ada", exp / "b" if where == "above" else exp)
    ada.says(path, "note", "hers")
    assert ada.own_journal() == []
    open_("bob", exp).sees("b/c", "note", "hers")


def test_a_root_in_a_root_goes_to_the_nearest_folder_and_both_are_read(exp: Path, open_: Opening) -> None:
    make_folder(str(exp))
    ada = open_("ada", exp)
    ada.says("b/c", "note", "to the outer one")
    make_folder(str(exp / "b"))
    ada.workspace.sync()
    ada.sees("b/c", "note", "to the outer one")
    ada.says("b/c", "tag:inner", True)
    ada.says("a", "tag:outer", True)
    assert [len(list((base / ".runspect/journal").iterdir())) for base in (exp, exp / "b")] == [1, 1]
    bob = open_("bob", exp / "b")
    bob.sees("c", "tags", ["inner"])
    bob.sees("c", "note", "to the outer one")
    # one who has only the inner directory has only what was said there
    shutil.copytree(exp / "b", exp.parent / "copy")
    assert open_("eve", exp.parent / "copy").runs()["c"]["tags"] == ["inner"]


def test_a_moved_root_keeps_what_was_said(exp: Path, open_: Opening) -> None:
    make_folder(str(exp))
    ada = open_("ada", exp)
    ada.says("a", "note", "hers")
    until(lambda: "snapshot" in "".join(map(str, listing(exp).values())), "a snapshot")
    uid = ada.runs()["a"]["uid"]
    exp.rename(exp.parent / "moved")
    moved = open_("ada2", exp.parent / "moved")
    assert (moved.runs()["a"]["uid"], moved.runs()["a"]["note"]) == (uid, "hers")
    # what is gone is remembered where the folder is now
    shutil.rmtree(exp.parent / "moved/a")
    again = open_("ada3", exp.parent / "moved")
    assert (again.runs()["a"]["state"], again.runs()["a"]["note"]) == ("gone", "hers")


def test_two_roots_with_folders_at_once_and_one_without(exp: Path, tmp_path: Path, open_: Opening) -> None:
    for name in ("other", "plain"):
        write_run(tmp_path / name / "r")
    make_folder(str(exp))
    make_folder(str(tmp_path / "other"))
    ada = open_("ada", exp, tmp_path / "other", tmp_path / "plain")
    uids = {Path(run["root"]).name: run["uid"] for run in json.loads(ada.workspace.runs_json()) if run["path"] in "ar"}
    ada.workspace.annotate([Op(f"run:{uids[root]}", "note", root) for root in ("exp", "other", "plain")])
    assert [len(list((base / ".runspect/journal").iterdir())) for base in (exp, tmp_path / "other")] == [1, 1]
    assert len(ada.own_journal()) == 1
    told = {Path(run["root"]).name: run["note"] for run in json.loads(ada.workspace.runs_json()) if run["path"] in "ar"}
    assert told == {"exp": "exp", "other": "other", "plain": "plain"}
    # an undo takes back each where it was written
    assert "note on 3 runs" in ada.workspace.undo()
    bob = open_("bob", exp, tmp_path / "other")
    assert {run["note"] for run in bob.runs().values()} == {None}


def test_two_clones_of_one_user_show_the_same(exp: Path, open_: Opening) -> None:
    make_folder(str(exp))
    shutil.copytree(exp, exp.parent / "clone")
    ada = open_("ada", exp.parent)
    ada.workspace.annotate([Op(f"run:{ada.runs()['exp/a']['uid']}", "note", "said of one")])
    clone = open_("bob", exp.parent / "clone", exp)
    runs = json.loads(clone.workspace.runs_json())
    assert {run["note"] for run in runs if run["path"] == "a"} == {"said of one"}
    assert len([run for run in runs if run["path"] == "a"]) == 2


def test_a_directory_that_may_not_be_written_sends_it_home(exp: Path, open_: Opening) -> None:
    folder = make_folder(str(exp))
    shutil.rmtree(folder.journal)
    folder.journal.write_text("in its place")
    ada = open_("ada", exp)
    ada.says("a", "note", "kept")
    ada.sees("a", "note", "kept")
    assert len(ada.own_journal()) == 1
    assert "--take-along" in ada.workspace.status()["note"]
    folder.journal.unlink()
    assert ada.workspace.take_along() == 1
    assert ada.workspace.take_along() == 0
    open_("bob", exp).sees("a", "note", "kept")


def test_what_was_said_at_home_is_taken_along_when_asked(exp: Path, open_: Opening) -> None:
    ada = open_("ada", exp)
    ada.says("a", "note", "before")
    ada.says("a", "verdict", {"verdict": "refuted", "note": ""})
    ada.workspace.annotate([Op("hyp:abc", "text", "it helps"), Op("hyp:abc", "root", str(exp))])
    make_folder(str(exp))
    ada.workspace.sync()
    bob = open_("bob", exp)
    assert bob.runs()["a"]["note"] is None
    assert ada.workspace.shared()["directories"][0]["at_home"] == 4
    assert ada.workspace.take_along() == 4
    assert ada.workspace.shared()["directories"][0]["at_home"] == 0
    bob.sees("a", "note", "before")
    assert [each["text"] for each in bob.workspace.hypotheses()["hypotheses"]] == ["it helps"]
    assert ada.workspace.undo()
    assert ada.workspace.undo() == "undid verdict"
    until(lambda: json.loads(bob.workspace.run_json("a"))["verdict"] is None, "the undo of what was taken along")


def test_lines_that_others_broke_are_in_health_and_cost_themselves(exp: Path, open_: Opening) -> None:
    make_folder(str(exp))
    ada = open_("ada", exp)
    ada.says("a", "note", "good")
    (file,) = (exp / ".runspect/journal").iterdir()
    file.write_text("<<<<<<< HEAD\n" + file.read_text() + "=======\n")
    bob = open_("bob", exp)
    bob.sees("a", "note", "good")
    first, second = bob.workspace.health()
    assert (first["path"], first["offset"], first["what"]) == (
        f".runspect/journal/{file.name}", 0, "no annotation: '<<<<<<< HEAD'",
    )  # fmt: skip
    assert (second["reader"], second["what"]) == ("journal", "no annotation: '======='")


def test_hypotheses_and_baselines_are_shared(exp: Path, open_: Opening) -> None:
    make_folder(str(exp))
    ada = open_("ada", exp)
    ada.workspace.annotate([Op("hyp:abc", "text", "it helps"), Op("hyp:abc", "root", str(exp))])
    ada.workspace.annotate([Op("hyp:abc", "verdict", {"verdict": "supported", "note": ""})])
    ada.workspace.annotate([Op(f"project:{exp}", "baseline", ada.runs()["a"]["uid"])])
    assert ada.own_journal() == []
    shutil.copytree(exp, exp.parent / "clone")
    shutil.rmtree(exp)
    bob = open_("bob", exp.parent / "clone")
    (found,) = bob.workspace.hypotheses()["hypotheses"]
    assert (found["text"], found["status"]) == ("it helps", "answered")
    pointers = bob.workspace.sql("SELECT target FROM ann WHERE key = 'baseline'")
    assert pointers.rows == ((f"project:{exp.parent / 'clone'}",),)


def test_a_group_may_write_what_a_group_may_write(exp: Path, open_: Opening) -> None:
    exp.chmod(0o2775)
    folder = make_folder(str(exp))
    open_("ada", exp).says("a", "note", "x")
    (file,) = folder.journal.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert stat.S_IMODE(folder.journal.stat().st_mode) == 0o2775


def test_a_clone_shows_the_annotations_and_divergent_ones_merge(exp: Path, tmp_path: Path, open_: Opening) -> None:
    make_folder(str(exp))
    git(exp, "init", "-q", "-b", "main")
    ada = open_("ada", exp)
    ada.says("a", "note", "from the beginning")
    commit(exp)
    git(tmp_path, "clone", "-q", str(exp), "clone")
    bob = open_("bob", tmp_path / "clone")
    assert bob.runs()["a"]["note"] == "from the beginning"
    ada.says("a", "tag:ada", True)
    bob.says("a", "tag:bob", True)
    commit(exp)
    commit(tmp_path / "clone")
    git(tmp_path / "clone", "pull", "-q", "--no-rebase", "--no-edit", "origin", "main")
    bob.sees("a", "tags", ["ada", "bob"])
    bob.says("a", "tag:later", True)
    commit(tmp_path / "clone")
    git(exp, "pull", "-q", str(tmp_path / "clone"), "main")
    ada.sees("a", "tags", ["ada", "bob", "later"])
    assert ada.workspace.health() == [] == bob.workspace.health()


def git(directory: Path, *words: str) -> None:
    names = {f"GIT_{role}_{what}": "t@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    settings = {**os.environ, **names, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *words], cwd=directory, env=settings, check=True, capture_output=True)


def commit(directory: Path) -> None:
    git(directory, "add", "-A")
    git(directory, "commit", "-q", "-m", "annotations")


def test_a_folder_that_is_moved_under_a_living_engine_speaks_of_its_new_place(exp: Path, open_: Opening) -> None:
    make_folder(str(exp))
    ada = open_("ada", exp)
    ada.workspace.annotate([Op("hyp:abc", "text", "it helps"), Op("hyp:abc", "root", str(exp))])
    ada.says("a", "note", "hers")
    exp.rename(exp.parent / "moved")
    with environment(RUNSPECT_HOME=str(ada.home)):
        again = Workspace.open([exp.parent / "moved"])
    again.sync()
    assert [each["text"] for each in again.hypotheses()["hypotheses"]] == ["it helps"]
    assert {run["path"]: run["note"] for run in json.loads(again.runs_json())} == {"a": "hers", "b/c": None}
    again.annotate([Op("hyp:abc", "verdict", {"verdict": "supported", "note": ""})])
    assert not any(
        "hyp:abc" in path.read_text() for path in ada.own_journal()
    )  # what runs were when they vanished may be
    again.stop_engine()
    again.sync()  # by an engine that knows nothing but what lies there
    assert again.hypotheses()["hypotheses"][0]["status"] == "answered"
    again.close()


def test_records_are_known_by_their_own_ids(exp: Path, open_: Opening) -> None:
    make_folder(str(exp))
    with runspect.start({"lr": 0.1}, name="recorded", dir=exp / "runs", capture=False) as run:
        run.log({"loss": 0.5}, step=1)
    ada, bob = open_("ada", exp), open_("bob", exp)
    (path,) = [path for path in ada.runs() if path.startswith("runs/")]
    assert ada.runs()[path]["uid"].startswith("runspect:")
    ada.says(path, "note", "hers")
    bob.sees(path, "note", "hers")
    # moved by itself, it keeps what was said
    (exp / path).rename(exp / "elsewhere")
    bob.workspace.sync()
    bob.sees("elsewhere", "note", "hers")
