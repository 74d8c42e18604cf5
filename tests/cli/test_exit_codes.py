"""One rule for exit codes: lists may be empty and are 0, other answers about no run are 1, what is wrong is 2."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.program import runspect

LISTS = (["ls", "name:nobody"], ["health"], ["tags"], ["view"], ["sql", "SELECT 1 WHERE 1 = 2"])
ANSWERS = (
    ["groups", "name:nobody"],
    ["groups", "name:nobody", "--by", "lr"],
    ["pivot", "lr", "opt", "loss:min", "name:nobody"],
    ["importance", "name:nobody"],
    ["importance", "name:nobody", "--metric", "loss"],
    ["scatter", "lr", "loss", "name:nobody"],
)
CHANGES = (
    ["diff", "-q", "name:nobody"],
    ["plot", "-q", "name:nobody"],
    ["tag", "-q", "name:nobody", "x"],
    ["star", "-q", "name:nobody"],
    ["note", "-q", "name:nobody", "x"],
    ["name", "-q", "name:nobody", "x"],
    ["project", "-q", "name:nobody", "x"],
    ["archive", "-q", "name:nobody"],
    ["purge", "name:nobody"],
)
WRONG = (
    ["ls", "lr >"],
    ["ls", "@nobody"],
    ["ls", "--jsonn"],
    ["best", "-n", "0"],
    ["cycle", "--weeks", "0"],
    ["graveyard", "--weeks", "000"],
    ["show", "nobody"],
    ["diff", "nobody", "nothing"],
    ["series", "nobody", "loss"],
    ["plot", "nobody"],
    ["tag", "nobody", "x"],
    ["view", "show", "nobody"],
)


@pytest.fixture(params=["runs", "nothing"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A directory with a run, and one without."""
    root = tmp_path / "exp"
    root.mkdir()
    if request.param == "runs":
        (root / "config.json").write_text(json.dumps({"lr": 0.1, "opt": "adam"}))
        (root / "metrics.jsonl").write_text(json.dumps({"step": 1, "loss": 1.0}) + "\n")
    return root


def test_every_command_follows_the_rule(place: Path) -> None:
    def told(*words: str) -> int:
        return runspect(*words, "-C", place).code

    assert {(words[0], told(*words)) for words in LISTS} == {(words[0], 0) for words in LISTS}
    assert {(words[0], told(*words)) for words in ANSWERS} == {(words[0], 1) for words in ANSWERS}
    assert {(words[0], told(*words)) for words in CHANGES} == {(words[0], 1) for words in CHANGES}
    assert {(words[0], told(*words)) for words in WRONG} == {(words[0], 2) for words in WRONG}


def test_an_empty_answer_is_json_all_the_same(place: Path) -> None:
    empty = [runspect(*words, "-C", place, "--json").json() for words in (*LISTS[:4], *ANSWERS)]
    assert empty[:6] == [[]] * 6
    assert empty[6]["cells"] == empty[7]["effects"] == empty[8]["effects"] == empty[9] == []


def test_no_name_is_wrong_where_there_is_no_run(tmp_path: Path) -> None:
    for query in ("lr < 1", "val/loss:min < 3 | name:a", "a - b < 3", "test/acc@min(val/loss) > 1", "has:x -y in [1]"):
        assert runspect("ls", "-C", tmp_path, query, "--json").json() == []
    assert runspect("ls", "-C", tmp_path, "--sort", "lr", "--cols", "lr,val/loss:min", "--csv").code == 0
    assert runspect("groups", "-C", tmp_path, "lr < 1", "--by", "opt", "--json").json() == []
    assert runspect("scatter", "-C", tmp_path, "lr", "loss", "--json").json() == []
    slip = runspect("ls", "-C", tmp_path, "lr <")
    assert slip.code == 2 and "expected a value" in slip.err
