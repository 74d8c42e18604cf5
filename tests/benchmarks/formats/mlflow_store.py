"""Stores of MLflow: the tree of small files, and the SQLite database."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np

from tests.benchmarks.formats.matrix import alike, decimal, digits, joined
from tests.benchmarks.formats.recipe import MILLION, Recipe
from tests.readers import make_mlflow


class MlflowFiles:
    """`mlruns/1/ID/`: one file a metric, a param and a tag."""

    def place(self, root: Path, recipe: Recipe) -> Path:
        return root / "mlruns" / "1" / _id(recipe)

    def begin(self, root: Path, recipe: Recipe) -> None:
        experiment = root / "mlruns" / "1"
        if not (experiment / "meta.yaml").exists():
            experiment.mkdir(parents=True)
            text = "experiment_id: '1'\nlifecycle_stage: active\nname: many\n"
            (experiment / "meta.yaml").write_text(text)
        place = self.place(root, recipe)
        for kind in ("metrics", "params", "tags"):
            (place / kind).mkdir(parents=True)
        for key, value in recipe.config().items():
            (place / "params" / key).write_text(str(value))
        (place / "tags/mlflow.user").write_text("me")
        _meta(place, recipe, "1", "null")

    def append(self, root: Path, recipe: Recipe, first: int, count: int) -> None:
        for at, name in enumerate(recipe.names):
            path = self.place(root, recipe) / "metrics" / name
            path.parent.mkdir(exist_ok=True)
            with path.open("ab", buffering=0) as file:
                for low, many in alike(first, count, 10):
                    steps = np.arange(low, low + many, dtype=np.int64)
                    stamps = digits((recipe.start + steps) * 1000, 13)
                    value = decimal(recipe.micro(low, many)[:, at])
                    file.write(joined(many, [stamps, b" ", value, b" ", digits(steps, len(str(low))), b"\n"]).tobytes())

    def end(self, root: Path, recipe: Recipe) -> None:
        _meta(self.place(root, recipe), recipe, "3", str((recipe.start + recipe.steps) * 1000))


class MlflowDatabase:
    """`mlflow.db` of all runs."""

    def place(self, root: Path, recipe: Recipe) -> Path:
        return root / "mlflow.db"

    def begin(self, root: Path, recipe: Recipe) -> None:
        path = self.place(root, recipe)
        if not path.exists():
            make_mlflow.Database(path).close()
        with closing(_opened(path)) as database:
            begun = recipe.start * 1000
            database.execute(
                "INSERT INTO runs VALUES (?, ?, 'RUNNING', ?, NULL, 'me', '', '', 'active', 1)",
                (_id(recipe), recipe.name, begun),
            )
            params = [(key, str(value), _id(recipe)) for key, value in recipe.config().items()]
            database.executemany("INSERT INTO params VALUES (?, ?, ?)", params)
            database.execute("INSERT INTO tags VALUES ('mlflow.runName', ?, ?)", (recipe.name, _id(recipe)))
            database.commit()

    def append(self, root: Path, recipe: Recipe, first: int, count: int) -> None:
        micro = recipe.micro(first, count)
        with closing(_opened(self.place(root, recipe))) as database:
            for at, name in enumerate(recipe.names):
                values = (micro[:, at] / MILLION).tolist()
                rows = [
                    (name, value, (recipe.start + step) * 1000, _id(recipe), step)
                    for step, value in enumerate(values, first)
                ]
                database.executemany("INSERT INTO metrics VALUES (?, ?, ?, ?, ?, 0)", rows)
            database.commit()

    def end(self, root: Path, recipe: Recipe) -> None:
        with closing(_opened(self.place(root, recipe))) as database:
            ended = (recipe.start + recipe.steps) * 1000
            database.execute(
                "UPDATE runs SET status = 'FINISHED', end_time = ? WHERE run_uuid = ?", (ended, _id(recipe))
            )
            database.commit()


def _opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path)
    database.execute("PRAGMA synchronous = OFF")  # the corpus is made anew after a crash
    return database


def _id(recipe: Recipe) -> str:
    return f"{recipe.number:032x}"


def _meta(place: Path, recipe: Recipe, status: str, ended: str) -> None:
    (place / "meta.yaml").write_text(
        f"artifact_uri: file:///x/{place.name}/artifacts\nend_time: {ended}\nentry_point_name: ''\nexperiment_id: '1'\n"
        f"lifecycle_stage: active\nrun_id: {place.name}\nrun_name: {recipe.name}\nsource_name: ''\nsource_type: 4\n"
        f"source_version: ''\nstart_time: {recipe.start * 1000}\nstatus: {status}\ntags: []\nuser_id: me\n"
    )
