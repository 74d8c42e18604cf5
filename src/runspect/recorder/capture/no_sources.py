"""Directories whose untracked files are no sources: records of other runs, environments, what tools log and keep.

Without this the copies of one run would lie in the next one's, and those of a `venv` would leave no room for `train.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from runspect.recorder.layout import FORMAT, HEAD

BY_NAME = frozenset(
    (
        "wandb", "mlruns", "mlartifacts", "lightning_logs", "tb_logs", "tensorboard_logs", "ray_results", "catboost_info",
        "swanlog", ".neptune", ".aim", ".guild", ".hydra", ".dvc", ".comet-offline", ".trackio", ".ipynb_checkpoints",
        ".cache", ".mypy_cache", ".pytest_cache", ".ruff_cache", "__pycache__", "node_modules", "site-packages", ".venv",
        ".tox", ".nox", ".eggs",
    )
)  # fmt: skip
_ENVIRONMENT = "pyvenv.cfg"
_HEAD_BYTES = 256


class NoSources:
    """Which directories of a repository these are, by their names and by what marks them."""

    def __init__(self, root: Path, paths: Iterable[str]) -> None:
        """`paths`: the untracked files, relative to `root`."""
        self._marked: dict[str, str] = {}
        for path in paths:
            directory, _, name = path.rpartition("/")
            if name == _ENVIRONMENT and directory:
                self._marked[directory] = "a virtual environment"
            elif name == HEAD and directory and _is_record(root / path):
                self._marked[directory] = "the record of another run"

    def holding(self, path: str) -> tuple[str, str] | None:
        """The outermost such directory that a file lies in, and what it is; None where it lies in none."""
        parts = path.split("/")[:-1]
        for depth, name in enumerate(parts, 1):
            directory = "/".join(parts[:depth])
            if why := self._marked.get(directory):
                return directory, why
            if name in BY_NAME:
                return directory, "no sources, by its name"
        return None


def _is_record(head: Path) -> bool:
    try:
        with head.open("rb") as file:
            return f'"{FORMAT}"'.encode() in file.read(_HEAD_BYTES)
    except OSError:
        return False
