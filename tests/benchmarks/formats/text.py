"""Formats of text: JSON lines, CSV, Lightning's CSV, the trainer state of Hugging Face."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.benchmarks.formats import directory
from tests.benchmarks.formats.matrix import Bytes, Piece, alike, decimal, digits, joined
from tests.benchmarks.formats.recipe import Recipe, Whole

TRAINER = "trainer_state.json"
Row = Callable[[Recipe, Bytes, Whole, Whole], list[Piece]]
"""From digits of the steps, their numbers and their values in millionths to the pieces of a row."""


class JsonLines:
    """`metrics.jsonl` with `config.json` beside it, as plain scripts write them."""

    def place(self, root: Path, recipe: Recipe) -> Path:
        return directory(root, recipe)

    def begin(self, root: Path, recipe: Recipe) -> None:
        place = directory(root, recipe)
        place.mkdir(parents=True)
        (place / "config.json").write_text(json.dumps(recipe.config()))

    def append(self, root: Path, recipe: Recipe, first: int, count: int) -> None:
        _append(directory(root, recipe) / "metrics.jsonl", recipe, first, count, _json_row)

    def end(self, root: Path, recipe: Recipe) -> None:
        """Nothing tells the end."""


class Csv:
    """`metrics.csv` with a header, and `config.json`."""

    def place(self, root: Path, recipe: Recipe) -> Path:
        return directory(root, recipe)

    def begin(self, root: Path, recipe: Recipe) -> None:
        JsonLines().begin(root, recipe)
        (directory(root, recipe) / "metrics.csv").write_text(",".join(("step", *recipe.names)) + "\n")

    def append(self, root: Path, recipe: Recipe, first: int, count: int) -> None:
        _append(directory(root, recipe) / "metrics.csv", recipe, first, count, _csv_row)

    def end(self, root: Path, recipe: Recipe) -> None:
        """Nothing tells the end."""


class Lightning:
    """`version_N/metrics.csv` of Lightning's CSVLogger, with `hparams.yaml`."""

    def place(self, root: Path, recipe: Recipe) -> Path:
        return directory(root, recipe) / "lightning_logs" / "version_0"

    def begin(self, root: Path, recipe: Recipe) -> None:
        place = self.place(root, recipe)
        place.mkdir(parents=True)
        (place / "hparams.yaml").write_text("".join(f"{key}: {value}\n" for key, value in recipe.config().items()))
        (place / "metrics.csv").write_text(",".join(("epoch", *recipe.names, "step")) + "\n")

    def append(self, root: Path, recipe: Recipe, first: int, count: int) -> None:
        _append(self.place(root, recipe) / "metrics.csv", recipe, first, count, _lightning_row)

    def end(self, root: Path, recipe: Recipe) -> None:
        """Nothing tells the end."""


class Trainer:
    """`trainer_state.json`, written anew as a whole each time."""

    def place(self, root: Path, recipe: Recipe) -> Path:
        return directory(root, recipe)

    def begin(self, root: Path, recipe: Recipe) -> None:
        """Of the config only `training_args.bin` would tell, which takes a pickle."""
        directory(root, recipe).mkdir(parents=True)

    def append(self, root: Path, recipe: Recipe, first: int, count: int) -> None:
        end = first + count
        rows = bytearray()
        for low, many in alike(1, end, 10):  # the first step of a Trainer is 1
            row = _trainer_row(recipe, digits(_numbers(low, many), len(str(low))), recipe.micro(low - 1, many))
            rows += joined(many, row).tobytes()
        head = json.dumps({"epoch": 1.0, "global_step": end, "max_steps": recipe.steps, "num_train_epochs": 1})
        path = directory(root, recipe) / TRAINER
        fresh = path.with_suffix(".tmp")
        fresh.write_bytes(head[:-1].encode() + b', "log_history": [\n' + bytes(rows[:-2]) + b"]}\n")
        fresh.replace(path)

    def end(self, root: Path, recipe: Recipe) -> None:
        """That the last step is reached stands in the file already."""


def append_json(path: Path, recipe: Recipe, first: int, count: int) -> None:
    """Add JSON lines to a file."""
    _append(path, recipe, first, count, _json_row)


def _append(path: Path, recipe: Recipe, first: int, count: int, row: Row) -> None:
    with path.open("ab", buffering=0) as file:
        for low, many in alike(first, count, 10):
            steps = _numbers(low, many)
            pieces = row(recipe, digits(steps, len(str(low))), steps, recipe.micro(low, many))
            file.write(joined(many, pieces).tobytes())


def _numbers(first: int, count: int) -> Whole:
    return np.arange(first, first + count, dtype=np.int64)


def _json_row(recipe: Recipe, text: Bytes, steps: Whole, micro: Whole) -> list[Piece]:
    pieces: list[Piece] = [b'{"step": ', text, b', "time": ', digits(recipe.start + steps, 10), b".0"]
    for at, name in enumerate(recipe.names):
        pieces += [f', "{name}": '.encode(), decimal(micro[:, at])]
    return [*pieces, b"}\n"]


def _csv_row(recipe: Recipe, text: Bytes, steps: Whole, micro: Whole) -> list[Piece]:
    pieces: list[Piece] = [text]
    for at in range(recipe.metrics):
        pieces += [b",", decimal(micro[:, at])]
    return [*pieces, b"\n"]


def _lightning_row(recipe: Recipe, text: Bytes, steps: Whole, micro: Whole) -> list[Piece]:
    pieces: list[Piece] = [b"0"]
    for at in range(recipe.metrics):
        pieces += [b",", decimal(micro[:, at])]
    return [*pieces, b",", text, b"\n"]


def _trainer_row(recipe: Recipe, text: Bytes, micro: Whole) -> list[Piece]:
    pieces: list[Piece] = [b'{"epoch": 1.0, "step": ', text]
    for at, name in enumerate(recipe.names):
        pieces += [f', "{name}": '.encode(), decimal(micro[:, at])]
    return [*pieces, b"},\n"]
