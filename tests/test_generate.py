"""The corpora of the benchmarks hold what their recipes say, in each format, also where they were appended to."""

from __future__ import annotations

import json

import pytest

from tests.benchmarks import generate
from tests.benchmarks.formats.recipe import Recipe
from tests.benchmarks.program import program

STEPS = 260


def test_every_format_is_read_as_it_was_meant() -> None:
    with program() as our:
        for form in generate.FORMATS:
            root = our.place / form
            recipes = generate.corpus(root, form, 2, metrics=9, steps=STEPS)
            generate.FORMATS[form].append(root, recipes[1], STEPS, 3)  # over the bound of two-byte steps, and live
            runs = json.loads(our.command("ls", "-C", root, "--json"))
            told = sorted((_metric(run)["n"], _metric(run)["last"], len(run["params"])) for run in runs)
            params = 0 if form == "hf" else 6
            expected = sorted([(STEPS, recipes[0].last(1), params), (STEPS + 3, _last(recipes[1], 3), params)])
            for found, wanted in zip(told, expected, strict=True):
                assert found == pytest.approx(wanted), form


def test_the_same_words_give_the_same_bytes() -> None:
    with program() as our:
        for place in ("a", "b"):
            generate.corpus(our.place / place, "tb", 2, steps=130)
        files = [sorted(path for path in (our.place / place).rglob("*") if path.is_file()) for place in ("a", "b")]
        assert [path.read_bytes() for path in files[0]] == [path.read_bytes() for path in files[1]]


def _metric(run: dict[str, dict[str, dict[str, float]]]) -> dict[str, float]:
    return next(found for name, found in run["metrics"].items() if name.endswith("acc") and "val" not in name)


def _last(recipe: Recipe, more: int) -> float:
    return float(recipe.micro(recipe.steps + more - 1, 1)[0, 1]) / 1e6
