"""Quoting for a shell, what is taken from a run, and what counts as the same: pure functions."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runspect.masking import MASK, printable
from runspect.practice.repro.origin import origin
from runspect.practice.repro.quoting import NEWLINE, comment, placed, quoted
from runspect.practice.repro.same import compare

words = st.lists(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12), min_size=1, max_size=8
)


def shell(text: str) -> list[bytes]:
    """The words that a shell makes of a line."""
    done = subprocess.run(["sh", "-c", f"{NEWLINE}code=/new\nprintf '%s\\0' {text}"], capture_output=True, check=True)
    return done.stdout.split(b"\0")[:-1]


@settings(max_examples=60, deadline=None)
@given(words)
def test_a_quoted_word_is_that_word_and_shows_all_of_it(listed: list[str]) -> None:
    line = " ".join(map(quoted, listed))
    assert shell(line) == [word.encode() for word in listed]
    assert printable(line) == line


@pytest.mark.parametrize(
    "word", ["", "-n", "~", "a=b", "x\n", "\n\n", "\udcff/\udc80", "$(id)", "*", "#x", "'", "\\", "!", "{a,b}"]
)
def test_odd_words(word: str) -> None:
    assert shell(quoted(word)) == [word.encode("utf-8", "surrogateescape")]
    assert "\n" not in comment(word)


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("/old/train.py", "/new/train.py"),
        ("--out=/old/x:/old", "--out=/new/x:/new"),
        ("/older/x", "/older/x"),
        ("a/old/x", "a/old/x"),
        ("/old", "/new"),
        ("/old/it's", "/new/it's"),
    ],
)
def test_paths_into_the_old_repository_become_the_new_ones(word: str, wanted: str) -> None:
    assert shell(placed(word, "/old")) == [wanted.encode()]


def run(**facts: Any) -> dict[str, Any]:
    return {
        "uid": "u", "name": "n", "root": "/logs", "path": "a", "tools": ["wandb"], "host": None, "started": None,
        "facts": {name: {"value": value, "source": "a/files/meta.json"} for name, value in facts.items()},
        "provenance": {"parts": []},
    }  # fmt: skip


def test_what_is_taken_from_a_run() -> None:
    told = origin(
        run(command="train.py --lr '1 2'", git_commit="3843B2B0", cwd="/p/./q/", packages="files/requirements.txt")
    )
    assert told.argv == ("python", "train.py", "--lr", "1 2")
    assert (told.commit, told.root, told.root_is_guessed) == ("3843B2B0", "/p/q", True)
    assert "/logs/a/files/requirements.txt" in told.packages
    assert origin(run(command="echo 'unclosed")).argv == ()
    assert origin(run(git_commit="--help")).commit == ""


def test_variables_of_the_place_and_secrets_are_not_set_again() -> None:
    told = origin(
        run(environment={"OMP_X": "1", "SLURM_JOB_ID": "7", "WANDB_RUN_ID": "abc", "HF_HOME": f"x{MASK}", "a b": "1"})
    )
    assert dict(told.environment) == {"OMP_X": "1"}
    assert (told.left_out, told.masked) == (("SLURM_JOB_ID", "WANDB_RUN_ID"), ("HF_HOME",))


def measured(**last: Any) -> dict[str, Any]:
    return {"state": "finished", "metrics": {name: {"n": 3, "last": value} for name, value in last.items()}}


def test_what_is_the_same() -> None:
    one = measured(loss=0.5, nan="NaN", epoch_time=1.0, gpuMemory=2)
    assert compare(one, measured(loss=0.5, nan="NaN", epoch_time=9.0, gpuMemory=3)).same
    assert not compare(one, measured(loss=0.5000001, nan="NaN")).same
    assert compare(measured(loss=0.5), measured(loss=0.5000001), tolerance=1e-6).same
    assert compare(measured(loss=1, x=1), measured(loss=1), ignore=["x"]).same
    assert [each.metric for each in compare(measured(loss=1), measured(acc=1)).differences] == ["acc", "loss"]
    assert not compare(measured(loss=1), {**measured(loss=1), "state": "failed"}).same
