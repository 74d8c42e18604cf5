"""Small MLflow stores, written as MLflow's own stores write them (see `mlflow/store/tracking/`)."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

_NUMBERS = {"RUNNING": 1, "SCHEDULED": 2, "FINISHED": 3, "FAILED": 4, "KILLED": 5}
_TABLES = (
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)",
    "CREATE TABLE experiments (experiment_id INTEGER PRIMARY KEY, name TEXT, lifecycle_stage TEXT)",
    "CREATE TABLE runs (run_uuid VARCHAR(32) PRIMARY KEY, name TEXT, status TEXT, start_time BIGINT, end_time BIGINT,"
    " user_id TEXT, source_name TEXT, source_version TEXT, lifecycle_stage TEXT, experiment_id INTEGER)",
    "CREATE TABLE metrics (key TEXT, value FLOAT, timestamp BIGINT, run_uuid TEXT, step BIGINT DEFAULT 0, is_nan BOOLEAN,"
    " PRIMARY KEY (key, timestamp, step, run_uuid, value, is_nan))",
    "CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT, PRIMARY KEY (key, run_uuid))",
    "CREATE TABLE tags (key TEXT, value TEXT, run_uuid TEXT, PRIMARY KEY (key, run_uuid))",
)
BEGUN_MS = 1_700_000_000_000


class Database:
    """An `mlflow.db` that can be written to; every call is a transaction of its own."""

    def __init__(self, path: Path, journal: str = "delete") -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute(f"PRAGMA journal_mode = {journal}")
        for table in _TABLES:
            self._db.execute(table)
        self._db.execute("INSERT INTO experiments VALUES (1, 'exp', 'active')")

    @classmethod
    def again(cls, path: Path) -> Database:
        """One that is there already."""
        made = cls.__new__(cls)
        made.path = path
        made._db = sqlite3.connect(path, isolation_level=None)
        return made

    def run(self, run_id: str, status: str = "RUNNING", **params: object) -> None:
        """Begin a run."""
        self._db.execute(
            "INSERT INTO runs VALUES (?, ?, ?, ?, NULL, 'me', '', '', 'active', 1)",
            (run_id, f"name-{run_id[:4]}", status, BEGUN_MS),
        )
        self._db.executemany(
            "INSERT INTO params VALUES (?, ?, ?)", [(key, str(value), run_id) for key, value in params.items()]
        )

    def log(self, run_id: str, steps: range, key: str = "loss") -> None:
        """Metrics of these steps."""
        rows = [(key, 1 / (1 + step), BEGUN_MS + 1000 * step, run_id, step, 0) for step in steps]
        self._db.execute("BEGIN")
        self._db.executemany("INSERT INTO metrics VALUES (?, ?, ?, ?, ?, ?)", rows)
        self._db.execute("COMMIT")

    def sql(self, text: str, *values: object) -> None:
        """Anything else."""
        self._db.execute(text, values)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()


def database(path: Path, runs: int, *, metrics: int = 5, steps: int = 20, params: int = 5) -> Path:
    """A database of many ended runs."""
    with closing(Database(path)) as made:
        made.sql("BEGIN")
        for number in range(runs):
            run_id = f"{number:032x}"
            made.run(run_id, "FINISHED", **{f"p{at}": number % (at + 7) for at in range(params)})
            made.sql("INSERT INTO tags VALUES ('mlflow.runName', ?, ?)", f"run-{number}", run_id)
            made.sql("INSERT INTO tags VALUES ('mlflow.user', 'me', ?)", run_id)
            for at in range(metrics):
                for step in range(steps):
                    made.sql(
                        "INSERT INTO metrics VALUES (?, ?, ?, ?, ?, 0)",
                        f"m{at}", 1 / (1 + step), BEGUN_MS + 1000 * number + step, run_id, step,
                    )  # fmt: skip
        made.sql("COMMIT")
    return path


def directory(place: Path, run_id: str, status: str = "FINISHED", *, ended: bool = True, name: str = "a-name") -> Path:
    """The directory of a run in a file store, without members; `place` is the experiment's."""
    made = place / run_id
    made.mkdir(parents=True, exist_ok=True)
    meta = {
        "artifact_uri": f"file:///x/{run_id}/artifacts", "end_time": BEGUN_MS + 60_000 if ended else "null",
        "entry_point_name": "''", "experiment_id": "'1'", "lifecycle_stage": "active", "run_id": run_id, "run_name": name,
        "source_name": "''", "source_type": 4, "source_version": "''", "start_time": BEGUN_MS, "status": _NUMBERS[status],
        "tags": "[]", "user_id": "me",
    }  # fmt: skip
    text = "".join(f"{key}: {value}\n" for key, value in meta.items())
    # as MLflow does: written beside it, then moved over it
    (made / "meta.yaml.tmp").write_text(text)
    (made / "meta.yaml.tmp").replace(made / "meta.yaml")
    return made


def member(run: Path, kind: str, name: str, text: str) -> None:
    """Append to a metric, or write a param or tag."""
    path = run / kind / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a" if kind == "metrics" else "w") as file:
        file.write(text)


def model(store: Path, name: str, version: int, run_id: str, stage: str = "None") -> Path:
    """A version of a registered model in a file store; the directory of the model."""
    place = store / "models" / name
    (place / f"version-{version}").mkdir(parents=True, exist_ok=True)
    (place / "meta.yaml").write_text(f"creation_timestamp: {BEGUN_MS}\ndescription: null\nname: {name}\nv: {version}\n")
    (place / f"version-{version}/meta.yaml").write_text(
        f"aliases: []\ncreation_timestamp: {BEGUN_MS}\ncurrent_stage: {stage}\nname: {name}\nrun_id: {run_id}\n"
        f"source: file:///x/{run_id}/artifacts/model\nstatus: READY\nversion: {version}\n"
    )
    return place


def lines(steps: range) -> str:
    """Lines of a metric's file."""
    return "".join(f"{BEGUN_MS + 1000 * step} {1 / (1 + step)} {step}\n" for step in steps)
