"""`python -m tests.benchmarks.generate --format tb --runs 100 --metrics 10 --steps 1000 DIR`: a corpus of any size.

The same words give the same bytes each time. `--live 10` lets the newest runs (`--growing 50`) grow by so many steps a
second, until ctrl+c.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.benchmarks.formats import Format
from tests.benchmarks.formats.event_files import EventFiles
from tests.benchmarks.formats.hydra import Hydra
from tests.benchmarks.formats.mlflow_store import MlflowDatabase, MlflowFiles
from tests.benchmarks.formats.recipe import Recipe
from tests.benchmarks.formats.text import Csv, JsonLines, Lightning, Trainer
from tests.benchmarks.formats.wandb_log import WandbLogs
from tests.readers import make_tfevents as tf

FORMATS: dict[str, Format] = {
    "jsonl": JsonLines(),
    "csv": Csv(),
    "lightning": Lightning(),
    "hf": Trainer(),
    "tb": EventFiles(tf.simple),
    "tb2": EventFiles(tf.tensor),
    "wandb": WandbLogs(),
    "mlflow": MlflowFiles(),
    "mlflow-db": MlflowDatabase(),
    "hydra": Hydra(),
}


@dataclass(slots=True)
class Growth:
    """What was appended to live runs; mutable, of two threads."""

    recipes: tuple[Recipe, ...]
    written: dict[tuple[int, int], float] = field(default_factory=dict)
    """(run number, step) → the moment (`perf_counter`) when it was on the disk."""


def corpus(
    root: Path, form: str, runs: int, *, metrics: int = 5, steps: int = 200, params: int = 6, first: int = 0
) -> tuple[Recipe, ...]:
    """Write ended runs, the last one the newest, their files as old as their last step; returns what is in them."""
    recipes = tuple(Recipe(number, metrics, steps, params) for number in range(first, first + runs))
    for recipe in recipes:
        write(root, form, recipe)
    return recipes


def write(root: Path, form: str, recipe: Recipe) -> None:
    """Write one whole run."""
    writer = FORMATS[form]
    writer.begin(root, recipe)
    writer.append(root, recipe, 0, recipe.steps)
    writer.end(root, recipe)
    written = recipe.start + recipe.steps
    place = writer.place(root, recipe)
    for folder, _, names in os.walk(place):
        for file in names:
            os.utime(os.path.join(folder, file), (written, written))  # noqa: PTH118 - ten thousand times


def name(number: int) -> str:
    """What a run is called."""
    return Recipe(number).name


@contextmanager
def growing(root: Path, form: str, recipes: Sequence[Recipe], hertz: float) -> Iterator[Growth]:
    """Runs that were begun already grow by a step each, `hertz` times a second, evenly spread, from a thread."""
    growth = Growth(tuple(recipes))
    stop = threading.Event()
    writer = threading.Thread(target=_grow, args=(root, FORMATS[form], growth, 1 / hertz / len(recipes), stop))
    writer.start()
    try:
        yield growth
    finally:
        stop.set()
        writer.join()


def live(root: Path, form: str, runs: int, *, metrics: int = 5, steps: int = 200, first: int = 0) -> tuple[Recipe, ...]:
    """Write runs that are under way, their newest step of just now; their first metric counts the steps."""
    begun = int(time.time()) - steps
    recipes = tuple(Recipe(number, metrics, steps, begun=begun, counting=True) for number in range(first, first + runs))
    for recipe in recipes:
        FORMATS[form].begin(root, recipe)
        FORMATS[form].append(root, recipe, 0, steps)
    return recipes


def _grow(root: Path, form: Format, growth: Growth, every_s: float, stop: threading.Event) -> None:
    due, step = time.perf_counter(), 0
    while True:
        for recipe in growth.recipes:
            due += every_s
            if stop.wait(max(0.0, due - time.perf_counter())):
                return
            grown = replace(recipe, steps=recipe.steps + step + 1)
            form.append(root, grown, recipe.steps + step, 1)
            growth.written[recipe.number, recipe.steps + step] = time.perf_counter()
        step += 1


def main(words: Sequence[str]) -> int:
    """Write the corpus that the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.generate", description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--format", choices=tuple(FORMATS), default="jsonl")
    for option, usual in (("runs", 100), ("metrics", 5), ("steps", 200), ("params", 6), ("growing", 50)):
        parser.add_argument(f"--{option}", type=int, default=usual)
    parser.add_argument("--live", type=float, default=0.0, metavar="HZ")
    given = parser.parse_args(words)
    ended = given.runs - (given.growing if given.live else 0)
    corpus(given.directory, given.format, ended, metrics=given.metrics, steps=given.steps, params=given.params)
    if given.live:
        sizes = {"metrics": given.metrics, "steps": given.steps}
        recipes = live(given.directory, given.format, given.growing, first=ended, **sizes)
        with suppress(KeyboardInterrupt), growing(given.directory, given.format, recipes, given.live):
            threading.Event().wait()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
