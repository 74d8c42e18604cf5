"""When commits were made, by git."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from runspect.engine.commit_times import CommitTimes


def commit(root: Path, when: int) -> str:
    environ = {**os.environ, "GIT_COMMITTER_DATE": f"{when} +0000"}
    words = ["git", "-C", str(root), "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run([*words, "commit", "-q", "--allow-empty", "-m", "x"], check=True, env=environ)
    done = subprocess.run([*words, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_the_repository_around_a_run_tells_when_its_commit_was_made(tmp_path: Path) -> None:
    root = tmp_path / "code"
    root.mkdir()
    subprocess.run(["git", "-C", str(root), "init", "-q"], check=True)
    first, second = commit(root, 1_700_000_000), commit(root, 1_700_100_000)
    place = str(root / "runs" / "a")
    times = CommitTimes()
    asked = {
        first: ("/gone", place), second[:10]: (str(root),), "f" * 40: (place,), "--output=x": (place,), "abc1234": ("/nowhere/at/all",),
    }  # fmt: skip
    found = times(asked)
    assert found == {first: 1_700_000_000.0, second[:10]: 1_700_100_000.0}
    assert not (root / "x").exists()
    # what was asked once is known, even where the repository has gone
    (root / ".git").rename(root / "gone")
    assert times({first: (place,)}) == {first: 1_700_000_000.0}


def test_a_place_without_a_repository(tmp_path: Path) -> None:
    assert CommitTimes()({"a" * 40: (str(tmp_path),), "b" * 40: ("",), "c" * 40: ()}) == {}


def test_a_broken_repository(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: /nowhere")
    assert CommitTimes()({"a" * 40: (str(tmp_path),)}) == {}
