"""Digests of files and directories, as the tools of the system give them."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from runspect.errors import NotFound, UsageError
from runspect.workspace.digests import digest, size_of


def test_a_file(tmp_path: Path) -> None:
    file = tmp_path / "best model.pt"
    file.write_bytes(b"x" * 3_000_000)
    assert digest(file) == {
        "path": str(file), "size": 3_000_000, "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
    }  # fmt: skip
    assert size_of(file) == 3_000_000 and size_of(tmp_path / "none") == 0


def test_a_directory_is_what_sha256sum_says_of_its_files(tmp_path: Path) -> None:
    root = tmp_path / "checkpoint-3"
    for name in ("b/model.bin", "a.json", "b/a.bin"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    (root / "link").symlink_to(tmp_path)
    command = "find . -type f -printf '%P\\n' | LC_ALL=C sort | xargs sha256sum | sha256sum"
    listed = subprocess.run(command, shell=True, cwd=root, capture_output=True, text=True, check=True).stdout
    found = digest(root)
    assert (found["sha256"], found["size"], found["directory"]) == (listed.split()[0], 24, True)
    (root / "a.json").write_text("other")
    assert digest(root)["sha256"] != found["sha256"]


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="there is no file"):
        digest(tmp_path / "none")
    with pytest.raises(UsageError, match="cannot be read"):
        digest(Path("/proc/self/mem"))
