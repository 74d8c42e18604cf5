"""`runspect purge` writes a script; these tests really run it, on trees of their own."""

from __future__ import annotations

import json
import os
import subprocess
import time
import zlib
from pathlib import Path

import pytest

from runspect.practice.purge_script import quoted
from tests.cli.program import Done, runspect

OLD = time.time() - 5_000_000
HOSTILE = (
    "it's $(touch pwned) `id`",
    "a\n#b\nrm -rf x",
    "esc\x1b[2Kgone",
    "-rf",
    "bidi\u202etxt",
    "überlauf",
    '"q\\',
    "\udcff\udcfe",
)


def _run(directory: Path, *, age: bool = True) -> Path:
    """A run unlike every other: equal files would be copies of one run."""
    directory.mkdir(parents=True)
    (directory / "config.json").write_text(json.dumps({"lr": 0.1}))
    (directory / "metrics.jsonl").write_text(
        json.dumps({"step": 1, "time": OLD, "loss": 1 + zlib.crc32(os.fsencode(directory)) / 1e9}) + "\n"
    )
    (directory / "model.pt").write_bytes(b"x" * 5000)
    if age:
        for file in directory.iterdir():
            os.utime(file, (OLD, OLD))
    return directory


def _script(root: Path, tmp_path: Path, query: str = "loss > 0") -> tuple[Path, Done]:
    done = runspect("purge", "-C", root, query)
    path = tmp_path / "purge.sh"
    path.write_text(done.out)
    return path, done


def _bash(script: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", script, *words], capture_output=True, text=True, check=False, cwd=script.parent)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "exp"


def test_the_script_deletes_what_it_says_and_only_with_yes(root: Path, tmp_path: Path) -> None:
    keep, go = _run(root / "keep"), _run(root / "go")
    script, done = _script(root, tmp_path, "name:go")
    assert done.code == 0 and "nothing was deleted" in done.err
    assert "1 run: 3 files" in done.out and "model.pt" in done.out and "5.0 kB" in done.out
    asked = _bash(script)
    assert asked.returncode == 2 and "would delete 1 run" in asked.stderr
    assert go.is_dir()
    ran = _bash(script, "--yes")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == "1 runs deleted, 0 skipped, 0 failed\n"
    assert not go.exists() and keep.is_dir()
    again = _bash(script, "--yes")
    assert "its directory is not there" in again.stdout and again.returncode == 0


@pytest.mark.parametrize("change", ["append", "add", "remove"])
def test_a_run_that_changed_since_is_skipped(root: Path, tmp_path: Path, change: str) -> None:
    _run(root / "a"), _run(root / "b")
    script, _ = _script(root, tmp_path)
    if change == "append":
        with (root / "a" / "metrics.jsonl").open("a") as file:
            file.write("{}\n")
    elif change == "add":
        added = root / "a" / "sub" / "x.log"
        added.parent.mkdir()
        added.write_text("x")
        os.utime(added, (OLD - 1, OLD - 1))
    else:
        (root / "a" / "model.pt").unlink()
    ran = _bash(script, "--yes")
    assert ran.stdout.startswith("skipped a: ") and "1 runs deleted, 1 skipped, 0 failed" in ran.stdout
    assert (root / "a").is_dir() and not (root / "b").exists()


def test_hostile_names_are_only_names(root: Path, tmp_path: Path) -> None:
    for name in HOSTILE:
        _run(root / name)
    _run(root / "safe")
    (root / "safe" / "x'\n$(touch pwned)\x07").write_text("x")
    os.utime(root / "safe" / "x'\n$(touch pwned)\x07", (OLD, OLD))
    script, done = _script(root, tmp_path)
    assert all(char == "\n" or char.isprintable() for char in done.out)
    for line in done.out.split("\n"):
        assert line.startswith(("#", "if ", "    ", "else", "       rm -r -- ", "}", "")), line
    ran = _bash(script, "--yes")
    assert ran.returncode == 0, ran.stderr
    assert f"{len(HOSTILE) + 1} runs deleted" in ran.stdout
    assert list(root.iterdir()) == []
    assert not list(tmp_path.rglob("pwned"))


def test_symlinks_and_what_they_lead_to_stay(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "data"
    outside.mkdir()
    (outside / "set.bin").write_text("precious")
    run = _run(root / "a")
    (run / "data").symlink_to(outside)
    (run / "plots").mkdir()
    (run / "plots" / "one.png").write_text("x")
    os.utime(run / "plots" / "one.png", (OLD, OLD))
    script, done = _script(root, tmp_path)
    assert "set.bin" not in done.out
    assert _bash(script, "--yes").returncode == 0
    assert (outside / "set.bin").read_text() == "precious"
    assert sorted(path.name for path in run.iterdir()) == ["data"]


def test_what_may_not_go_is_left_out_and_why(root: Path, tmp_path: Path) -> None:
    live = _run(root / "live", age=False)
    (live / "metrics.jsonl").write_text(
        "".join(json.dumps({"step": n, "time": time.time() - 20 + n, "loss": 1.0}) + "\n" for n in range(20))
    )
    _run(root / "parent")
    _run(root / "parent" / "child")
    shared = root / "shared"
    shared.mkdir()
    for name in ("one", "two"):
        (shared / f"{name}.csv").write_text("step,loss\n1,1.0\n2,0.5\n")
        os.utime(shared / f"{name}.csv", (OLD, OLD))
    (_run(root / "code") / ".git").mkdir()
    (root / "code" / ".git" / "HEAD").write_text("ref: refs/heads/main")
    script, done = _script(root, tmp_path)
    assert "left out: code: its directory holds .git" in done.err
    assert "left out: live: it is running" in done.err
    assert "its directory holds files of " in done.err
    assert "rm -r -- " in done.out
    _bash(script, "--yes")
    assert live.is_dir() and (root / "parent" / "config.json").exists() and not (root / "parent" / "child").exists()


def test_a_watched_directory_is_never_in_it(root: Path, tmp_path: Path) -> None:
    _run(root)
    script, done = _script(root, tmp_path)
    assert done.code == 1 and done.out == ""
    assert "its directory is a watched one" in done.err
    assert runspect("purge", "-C", root).code == 2
    assert script.read_text() == ""


def test_names_are_quoted_for_bash() -> None:
    for name in (*HOSTILE, "/plain/name-1.txt", "", "two words"):
        echoed = subprocess.run(
            ["bash", "-c", f"printf %s {quoted(name) or chr(39) * 2}"], capture_output=True, check=True
        )
        assert echoed.stdout == os.fsencode(name), name
        assert name.isascii() is False or all(0x20 <= ord(char) < 0x7F for char in quoted(name))
