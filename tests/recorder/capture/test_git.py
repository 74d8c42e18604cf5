"""What is recorded of a repository is enough to have its working tree again."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from runspect.recorder import capture
from runspect.recorder.capture.bounded import Output
from runspect.recorder.capture.git import clean_url, parse_status, remote_of
from tests.recorder.capture.repository import git, repository


def looked_at(cwd: Path, record: Path, *without: Path, **environ: str) -> dict[str, Any]:
    """The facts of the repository around `cwd`."""
    record.mkdir(exist_ok=True)
    return capture.begin(str(cwd), {**os.environ, **environ}, record, without).facts()


def rebuilt(root: Path, told: dict[str, Any], record: Path, into: Path) -> Path:
    """A fresh clone that was brought to the recorded state by hand."""
    git(root.parent, "clone", "-q", str(root), str(into))
    git(into, "checkout", "-q", told["commit"])
    if "patch" in told:
        git(into, "apply", "--binary", str(record / told["patch"]))
    if "untracked" in told:
        subprocess.run(["cp", "-r", f"{record}/untracked/.", into], check=True)
    return into


def tree(root: Path) -> dict[str, tuple[bytes, int]]:
    """Content and mode of all files outside .git."""
    files = (path for path in root.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {str(path.relative_to(root)): (path.read_bytes(), path.stat().st_mode & 0o111) for path in files}


def test_a_clean_repository(tmp_path: Path) -> None:
    root = repository(tmp_path / "code", train_py="print(1)\n")
    git(root, "remote", "add", "origin", "https://me:hunter2@example.org/team/code.git")
    told = looked_at(root, tmp_path / "record")
    assert told == {
        "root": str(root), "remote": "https://example.org/team/code.git", "commit": git(root, "rev-parse", "HEAD"),
        "branch": "main", "dirty": False, "committed": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(git(root, "log", "-1", "--format=%ct")))),
    }  # fmt: skip
    assert list((tmp_path / "record").iterdir()) == []


def test_a_working_tree_is_rebuilt_in_a_fresh_clone(tmp_path: Path) -> None:
    root = repository(tmp_path / "code", train_py="print(1)\n", old_py="x\n", run_sh="echo\n", data_bin="a\0b")
    (root / "train.py").write_text("print(2)\n")
    (root / "data.bin").write_bytes(bytes(range(256)) * 40)
    (root / "old.py").unlink()
    (root / "run.sh").chmod(0o755)
    (root / "staged.py").write_text("staged\n")
    git(root, "add", "staged.py")
    (root / "new dir").mkdir()
    (root / "new dir" / "größe.py").write_text("new\n")
    (root / "go.sh").write_text("#!/bin/sh\n")
    (root / "go.sh").chmod(0o755)
    # what people set must not make a patch that cannot be applied
    for key, value in (
        ("diff.noprefix", "true"),
        ("color.diff", "always"),
        ("diff.external", "false"),
        ("diff.renames", "copies"),
    ):
        git(root, "config", key, value)
    told = looked_at(root / "new dir", tmp_path / "record")
    assert told["dirty"] is True and told["untracked"] == ["go.sh", "new dir/größe.py"]
    assert told["patch_sha256"] == hashlib.sha256((tmp_path / "record" / "patch.diff").read_bytes()).hexdigest()
    assert tree(rebuilt(root, told, tmp_path / "record", tmp_path / "clone")) == tree(root)


def test_a_detached_head(tmp_path: Path) -> None:
    root = repository(tmp_path / "code", train_py="1\n")
    git(root, "checkout", "-q", "--detach")
    told = looked_at(root, tmp_path / "record")
    assert (told["branch"], told["detached"], told["commit"]) == ("", True, git(root, "rev-parse", "HEAD"))


def test_before_the_first_commit(tmp_path: Path) -> None:
    root = repository(tmp_path / "code")
    (root / "train.py").write_text("1\n")
    (root / "staged.py").write_text("2\n")
    git(root, "add", "staged.py")
    told = looked_at(root, tmp_path / "record")
    assert (told["commit"], told["branch"], told["dirty"], told["untracked"]) == ("", "main", True, ["train.py"])
    assert b"staged.py" in (tmp_path / "record" / "patch.diff").read_bytes()


def test_no_repository_and_no_git(tmp_path: Path) -> None:
    assert looked_at(tmp_path, tmp_path / "record", GIT_CEILING_DIRECTORIES=str(tmp_path.parent)) == {
        "missing": "no git repository"
    }
    (tmp_path / "bin").mkdir()
    before = os.environ["PATH"]
    os.environ["PATH"] = str(tmp_path / "bin")
    try:
        assert looked_at(repository_without_git(tmp_path), tmp_path / "record") == {"missing": "git is not installed"}
    finally:
        os.environ["PATH"] = before


def repository_without_git(tmp_path: Path) -> Path:
    """A directory; no git is there to make it a repository."""
    (tmp_path / "code").mkdir()
    return tmp_path / "code"


def test_a_submodule_with_changes(tmp_path: Path) -> None:
    inner = repository(tmp_path / "inner", lib_py="1\n")
    root = repository(tmp_path / "code", train_py="1\n")
    git(root, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner), "lib")
    git(root, "commit", "-q", "-m", "submodule")
    (root / "lib" / "lib.py").write_text("2\n")
    told = looked_at(root, tmp_path / "record")
    assert told["dirty"] is False and "patch" not in told
    (module,) = told["submodules"]
    assert (module["path"], module["changed"], module["patch"]) == ("lib", ["files"], "patch-submodule-1.diff")
    assert b"+2" in (tmp_path / "record" / module["patch"]).read_bytes()


def test_untracked_files_are_sources_within_limits_and_no_secrets(tmp_path: Path) -> None:
    root = repository(tmp_path / "code", train_py="1\n")
    (root / ".env").write_text("API_KEY=1\n")
    (root / "id_rsa").write_text("x")
    (root / "secrets.py").write_text("import this\n")
    (root / "big.py").write_text("#" * (1 << 20) + "\n")
    (root / "blob.txt").write_bytes(b"a\0b")
    (root / "model.pt").write_bytes(b"12345")
    (root / "link.py").symlink_to("/etc/passwd")
    (root / "runs" / "a").mkdir(parents=True)
    (root / "runs" / "a" / "config.yaml").write_text("a: 1\n")
    told = looked_at(root, tmp_path / "record", root / "runs")
    assert told["untracked"] == ["secrets.py"]
    why = {each["path"]: (each["size"], each["why"]) for each in told["untracked_skipped"]}
    assert why == {
        ".env": (10, "may hold secrets, by its name"),
        "id_rsa": (1, "may hold secrets, by its name"),
        "big.py": ((1 << 20) + 1, "larger than 1 MiB"),
        "blob.txt": (3, "binary"),
        "model.pt": (5, "no source, by its name"),
        "link.py": (11, "no regular file"),
    }
    assert (tmp_path / "record" / ".runspectignore").read_text() == "untracked/\n"


def test_records_of_other_runs_and_environments_are_no_sources(tmp_path: Path) -> None:
    root = repository(tmp_path / "code", train_py="pass\n")
    record = {"format": "runspect-record", "version": 1}
    for path, content in {
        "old/runs/a/run.json": json.dumps(record), "old/runs/a/untracked/x.py": "1", "env/pyvenv.cfg": "home = /usr",
        "env/lib/a.py": "1", "env/lib/b.py": "1", "wandb/run-1/files/config.yaml": "a: 1", "late/z.yaml": "a: 1",
        "zoo/deep/net.py": "1", "run.json": "{}", "other/run.json": "{}", "main.py": "1",
    }.items():  # fmt: skip
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content)
    told = looked_at(root, tmp_path / "record")
    assert told["untracked"] == ["main.py", "zoo/deep/net.py", "run.json", "late/z.yaml", "other/run.json"]
    assert told["untracked_skipped"] == [
        {"path": "env/", "files": 3, "why": "a virtual environment"},
        {"path": "old/runs/a/", "files": 2, "why": "the record of another run"},
        {"path": "wandb/", "files": 1, "why": "no sources, by its name"},
    ]


def test_a_git_that_takes_too_long_is_cut_off_and_told(tmp_path: Path) -> None:
    told = parse_status(Output(None, b"# branch.oid abc\0# branch.head main\0", "", "took longer than 2 s"))
    assert (told.commit, told.branch, told.known) == ("abc", "main", False)
    assert told.cut == "git status: took longer than 2 s; untracked files are not known"


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://me:pw@example.org/a.git", "https://example.org/a.git"),
        ("https://token@example.org/a.git", "https://example.org/a.git"),
        ("git@example.org:team/a.git", "git@example.org:team/a.git"),
        ("ssh://git@example.org/a.git", "ssh://git@example.org/a.git"),
        ("ssh://git:pw@example.org/a.git", "ssh://example.org/a.git"),
        ("/srv/git/a.git", "/srv/git/a.git"),
    ],
)
def test_a_remote_holds_no_password(url: str, clean: str) -> None:
    assert clean_url(url) == clean


def test_the_remote_is_that_of_the_branch() -> None:
    urls = {"remote.origin.url": "a", "remote.fork.url": "b", "branch.topic.remote": "fork"}
    assert (remote_of(urls, "topic"), remote_of(urls, "main"), remote_of({"remote.x.url": "c"}, "")) == ("b", "a", "c")
    assert remote_of({}, "main") == ""


def test_a_large_repository_within_its_time(tmp_path: Path) -> None:
    root = repository(tmp_path / "code", train_py="1\n")
    for number in range(40):
        (root / f"d{number}").mkdir()
        for inner in range(50):
            (root / f"d{number}" / f"f{inner}.py").write_text(f"{number} {inner}\n")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "many")
    (root / "d3" / "f7.py").write_text("changed\n")
    for number in range(600):
        (root / "d4" / f"new{number}.py").write_text("x\n")
    told = looked_at(root, tmp_path / "record")
    assert len(told["untracked"]) == 500 and len(told["untracked_skipped"]) == 100
    assert told["untracked_skipped"][0]["why"] == "after the first 500 files"
    assert "cut" not in told and told["dirty"] is True
