"""`runspect patterns`: the list, and a trial on a log."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.program import runspect

OWN = """
name = "own"
[[line]]
signature = ["chunk"]
match = '^chunk (?P<step>[0-9]+): (?P<pairs>.*)$'
pairs = '(?P<name>[a-z]+)=(?P<value><number>)'
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "train.log"
    path.write_text(
        "api_key: sk-aaaaaaaaaaaaaaaaaaaaaaaaaaaa\n[0]\ttrain-auc:0.5\n[3]\ttrain-auc:nan\nchunk 7: loss=1,000"
    )
    return path


def test_lists_what_is_known_and_what_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNSPECT_HOME", str(tmp_path))
    (tmp_path / "patterns").mkdir()
    (tmp_path / "patterns" / "own.toml").write_text(OWN)
    (tmp_path / "patterns" / "bad.toml").write_text("name = 3")
    listed = {row["name"]: row for row in runspect("patterns", "--json").json()}
    assert listed["own"]["user"] and not listed["megatron"]["user"]
    assert listed["bad"]["error"] == "it has no [[line]]"
    shown = runspect("patterns")
    assert "own" in shown.out and "bad.toml" in shown.err


def test_shows_what_is_made_of_a_log(log: Path) -> None:
    told = runspect("patterns", "test", log, "--json").json()
    assert told["patterns"] == {"xgboost": 2}
    assert told["metrics"] == {"train/auc": {"step": [0, 3], "value": [0.5, "NaN"]}}
    assert [line["line"] for line in told["unmatched_lines"]] == [4]
    shown = runspect("patterns", "test", log)
    assert shown.code == 0
    assert "2 of 4 lines matched: xgboost 2" in shown.err and "sk-aaa" not in shown.out


def test_tries_a_pattern_of_the_users(log: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(OWN)
    told = runspect("patterns", "test", log, "--pattern", own, "--json").json()
    assert told["metrics"] == {"loss": {"step": [7], "value": [1000.0]}}
    own.write_text(OWN.replace("[0-9]+", "([0-9]+)*"))
    refused = runspect("patterns", "test", log, "--pattern", own)
    assert refused.code == 2 and "repeat inside a repeat" in refused.err


def test_says_no_where_nothing_is_understood(tmp_path: Path) -> None:
    (tmp_path / "x.log").write_text("hello\n")
    assert runspect("patterns", "test", tmp_path / "x.log").code == 1
    assert runspect("patterns", "test", tmp_path / "none.log").code == 2
    assert runspect("patterns", "test").code == 2
