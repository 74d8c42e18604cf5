"""Writers of the main log formats, for corpora of any size: each can begin a run, append steps to it and end it."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from tests.benchmarks.formats.recipe import Recipe


class Format(Protocol):
    """One format; `root` is the directory of the whole corpus. Steps are appended in order, each once."""

    def place(self, root: Path, recipe: Recipe) -> Path:
        """The directory, or the file of many runs, that holds the run."""

    def begin(self, root: Path, recipe: Recipe) -> None:
        """Write what is there before the first step: directories and the config."""

    def append(self, root: Path, recipe: Recipe, first: int, count: int) -> None:
        """Write the steps from `first` on; other processes see them when this returns."""

    def end(self, root: Path, recipe: Recipe) -> None:
        """Write what tells that the run ended, where the format has such a thing."""


def directory(root: Path, recipe: Recipe) -> Path:
    """Where a run of its own directory lies: fifty a sweep."""
    return root / f"sweep-{recipe.number // 50:03}" / recipe.name
