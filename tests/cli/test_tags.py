"""Tags, names and projects of many runs at once, and taking them back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.program import Done, runspect

WANDB = Path(__file__).parents[1] / "fixtures" / "wandb"


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    root = tmp_path / "exp"
    for name, lr in (("a", 0.1), ("b", 0.2), ("c", 0.3)):
        (root / name).mkdir(parents=True)
        (root / name / "config.json").write_text(json.dumps({"lr": lr}))
        (root / name / "metrics.jsonl").write_text(json.dumps({"step": 1, "time": 1.7e9, "loss": 1.0}) + "\n")
    return root


def _of(root: Path, key: str) -> dict[str, object]:
    return {run["name"]: run[key] for run in runspect("ls", "-C", root, "--json", "--no-sync").json()}


def test_a_tag_is_renamed_merged_and_deleted_everywhere(runs: Path) -> None:
    runspect("tag", "-C", runs, "-q", "lr < 0.25", "good")
    runspect("tag", "-C", runs, "-q", "lr > 0.15", "fine")
    assert runspect("tags", "-C", runs, "--json").json() == [
        {"name": "fine", "runs": 2, "yours": 2, "tools": 0},
        {"name": "good", "runs": 2, "yours": 2, "tools": 0},
    ]
    refused = runspect("tags", "-C", runs, "rename", "good", "fine")
    assert refused.code == 2 and "merge" in refused.err
    assert runspect("tags", "-C", runs, "rename", "good", "great").code == 0
    assert runspect("tags", "-C", runs, "merge", "great", "fine", "best").code == 0
    assert _of(runs, "tags") == {"a": ["best"], "b": ["best"], "c": ["best"]}
    undone = runspect("undo", "-C", runs)
    assert undone.code == 0
    assert _of(runs, "tags") == {"a": ["great"], "b": ["fine", "great"], "c": ["fine"]}
    assert runspect("undo", "-C", runs, "--redo").code == 0
    assert runspect("tags", "-C", runs, "delete", "best").code == 0
    assert _of(runs, "tags") == {"a": [], "b": [], "c": []}
    assert runspect("tags", "-C", runs, "delete", "best").code == 2


def test_tags_are_added_and_taken_away_in_one_call_of_a_run_of_any_name(runs: Path) -> None:
    (runs / "c").rename(runs / "-rf")
    assert runspect("tag", "-C", runs, "--", "-rf", "x").code == 0
    assert runspect("tag", "-C", runs, "a", "+good", "+odd").code == 0
    assert runspect("tag", "./a", "-odd", "+-y", "fine", cwd=runs).code == 0
    assert _of(runs, "tags") == {"a": ["-y", "fine", "good"], "b": [], "-rf": ["x"]}
    assert runspect("tag", "-C", runs, "--", "-rf", "-x").code == 0
    assert _of(runs, "tags")["-rf"] == []
    refused = runspect("tag", "-C", runs, "a", "+new", "-new")
    assert refused.code == 2 and "added and taken away" in refused.err
    undone = runspect("undo", "-C", runs)
    assert undone.code == 0 and _of(runs, "tags")["-rf"] == ["x"]
    for command, words in (("star", ["-rf"]), ("note", ["-rf", "--slow--"]), ("name", ["-rf", "-r"])):
        assert runspect(command, "-C", runs, "--", *words).code == 0
    (renamed,) = (run for run in runspect("ls", "-C", runs, "--json").json() if run["star"])
    assert (renamed["name"], renamed["note"]) == ("-r", "--slow--")


def test_a_tag_of_a_tool_stays_and_it_is_said(tmp_path: Path) -> None:
    root = tmp_path / "w"
    shutil.copytree(WANDB, root)
    told = next(tag for tag in runspect("tags", "-C", root, "--json").json() if tag["name"] == "baseline")
    assert told["yours"] == 0 and told["tools"] == told["runs"] > 0
    done = runspect("tags", "-C", root, "rename", "baseline", "base")
    assert done.code == 1 and "keep it, since a tool recorded it" in done.err
    assert "base" not in [tag["name"] for tag in runspect("tags", "-C", root, "--json").json()]


def test_tags_that_the_policy_does_not_allow_are_refused(runs: Path) -> None:
    (runs / "runspect.toml").write_text('[tags]\nallowed = ["baseline", "ablation", "paper-*"]\n')

    def tag(*words: str) -> Done:
        return runspect("tag", "-C", runs, "a", *words)

    refused = tag("basline")
    assert refused.code == 2
    assert "did you mean baseline?" in refused.err and "--force" in refused.err
    assert tag("baseline", "paper-2").code == 0
    assert tag("mine", "--force").code == 0
    assert _of(runs, "tags")["a"] == ["baseline", "mine", "paper-2"]
    assert tag("--remove", "mine").code == 0
    assert runspect("tags", "-C", runs, "rename", "baseline", "basis").code == 2
    (runs / "runspect.toml").write_text('[tags]\nallowed = "baseline"\nalowed = 1\n')
    broken = tag("baseline")
    assert broken.code == 2 and "runspect.toml: line 3: unknown key" in broken.err


def test_names_by_a_pattern_are_one_change(runs: Path) -> None:
    assert runspect("name", "-C", runs, "-q", "lr > 0.15", "{name}-v2").code == 0
    assert sorted(_of(runs, "name")) == ["a", "b-v2", "c-v2"]
    assert runspect("undo", "-C", runs).code == 0
    assert sorted(_of(runs, "name")) == ["a", "b", "c"]
    assert runspect("name", "-C", runs, "-q", "lr > 0", "exp-{n:02}").code == 0
    assert sorted(_of(runs, "name")) == ["exp-01", "exp-02", "exp-03"]
    assert runspect("name", "-C", runs, "-q", "lr > 0", "same").code == 2
    assert runspect("name", "-C", runs, "-q", "lr > 0", "{lr}").code == 2
    assert runspect("name", "-C", runs, "-q", "lr > 0", "--clear").code == 0
    assert sorted(_of(runs, "name")) == ["a", "b", "c"]


def test_a_project_lies_over_the_one_that_was_recorded(tmp_path: Path) -> None:
    root = tmp_path / "w"
    shutil.copytree(WANDB, root)
    assert runspect("ls", "-C", root, "project:toyproj", "--json").json()
    assert runspect("project", "-C", root, "-q", "project:toyproj", "mine").code == 0
    assert set(_of(root, "project").values()) == {"mine"}
    assert runspect("ls", "-C", root, "project:mine", "--cols", "project", "--csv").out.splitlines()[1:] == ["mine"] * 2
    assert runspect("ls", "-C", root, "project:toyproj", "--json").json() == []
    assert runspect("undo", "-C", root).code == 0
    assert set(_of(root, "project").values()) == {"toyproj"}
    assert runspect("name", "-C", root, "toy-nan", "--project", "other").code == 0
    assert _of(root, "project")["toy-nan"] == "other"
    assert runspect("project", "-C", root, "toy-nan", "--clear").code == 0
    assert _of(root, "project")["toy-nan"] == "toyproj"


def test_a_note_is_put_behind_the_one_that_is_there(runs: Path) -> None:
    runspect("note", "-C", runs, "a", "first")
    assert runspect("note", "-C", runs, "-q", "lr < 0.25", "--append", "second").code == 0
    assert _of(runs, "note") == {"a": "first\nsecond", "b": "second", "c": None}
    assert runspect("undo", "-C", runs).code == 0
    assert _of(runs, "note") == {"a": "first", "b": None, "c": None}
