"""Real git repositories, made by git."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_WHO = {
    "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
}  # fmt: skip


def git(root: Path, *words: str) -> str:
    """Run git; its stdout without the last newline."""
    done = subprocess.run(
        ["git", *words], cwd=root, env={**os.environ, **_WHO}, capture_output=True, text=True, check=True
    )
    return done.stdout.rstrip("\n")


def repository(root: Path, **files: str) -> Path:
    """A repository on branch `main` with one commit of these files; `train_py="x"` is a file train.py."""
    root.mkdir(parents=True, exist_ok=True)
    git(root, "init", "-q", "-b", "main")
    for name, text in files.items():
        (root / name.replace("_", ".")).write_text(text)
    if files:
        git(root, "add", "-A")
        git(root, "commit", "-q", "-m", "first")
    return root
