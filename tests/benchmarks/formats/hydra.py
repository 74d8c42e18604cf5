"""A sweep of Hydra's: settings, overrides and a console log around the metrics of each job."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.formats.recipe import Recipe
from tests.benchmarks.formats.text import append_json

_CONSOLE = "[2026-01-01 10:00:00,000][__main__][INFO] - start\n" * 5


class Hydra:
    """`multirun/DATE/TIME/N` with `.hydra/`, `train.log` and `metrics.jsonl`."""

    def place(self, root: Path, recipe: Recipe) -> Path:
        return root / "multirun" / f"2026-01-{1 + recipe.number % 28:02}" / "10-00-00" / str(recipe.number)

    def begin(self, root: Path, recipe: Recipe) -> None:
        place = self.place(root, recipe)
        (place / ".hydra").mkdir(parents=True)
        config = "".join(f"{key}: {value}\n" for key, value in recipe.config().items())
        (place / ".hydra/config.yaml").write_text(config)
        (place / ".hydra/overrides.yaml").write_text(f"- lr={recipe.number}\n- seed={recipe.number}\n")
        (place / ".hydra/hydra.yaml").write_text(
            f"hydra:\n  job:\n    name: train\n    num: {recipe.number}\n  runtime:\n    version: 1.3.2\n"
        )
        (place / "train.log").write_text(_CONSOLE)

    def append(self, root: Path, recipe: Recipe, first: int, count: int) -> None:
        append_json(self.place(root, recipe) / "metrics.jsonl", recipe, first, count)

    def end(self, root: Path, recipe: Recipe) -> None:
        """Nothing tells the end."""
