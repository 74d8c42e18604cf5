"""A small history of runs in a real DuckDB, under the real schema, and a way to ask it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import resources

import duckdb

from runspect.columns import Lens, Names
from runspect.model import Json
from runspect.objective import Direction
from runspect.query import compile_query

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC).timestamp()
"""A Friday."""


@dataclass(frozen=True)
class Run:
    """A run to be; times are hours before NOW."""

    name: str
    params: Mapping[str, Json] = field(default_factory=dict)
    metrics: Mapping[str, Sequence[float]] = field(default_factory=dict)
    facts: Mapping[str, Json] = field(default_factory=dict)
    tags: Sequence[str] = ()
    note: str = ""
    star: bool = False
    archived: bool = False
    state: str = "finished"
    began: float | None = 48.0
    lasted: float | None = 1.0
    steps: int | None = 100
    path: str = ""
    project: str | None = None
    tools: str = "tensorboard"
    reason: str = ""


class History:
    """Runs by name, in an index of their own."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self.connection = duckdb.connect()
        self.connection.execute(resources.files("runspect.index").joinpath("schema.sql").read_text(encoding="utf-8"))
        self._metrics: dict[str, int] = {}
        self._marks = 0
        for rid, run in enumerate(runs, start=1):
            self._add(rid, run)
        self.names = Names(
            params=tuple(sorted({key for run in runs for key in run.params})),
            metrics=tuple(sorted(self._metrics)),
            facts=tuple(sorted({key for run in runs for key in run.facts})),
            tags=tuple(sorted({tag for run in runs for tag in run.tags})),
        )

    def mark_baseline(self, name: str, place: str) -> None:
        """As `runspect baseline` does."""
        (rid,) = self.connection.execute("SELECT rid FROM runs_now WHERE name = ?", [name]).fetchall()[0]
        self._marks += 1
        self._insert("ann", (f"b{self._marks}", self._marks, "me", place, "baseline", json.dumps(f"path:{rid}")))

    def say(self, target: str, key: str, value: Json, hours: float) -> None:
        """An annotation that was made so many hours before NOW; a name without a colon is a run's."""
        if ":" not in target:
            ((rid,),) = self.connection.execute("SELECT rid FROM runs_now WHERE name = ?", [target]).fetchall()
            target = f"run:path:{rid}"
        self._marks += 1
        said = int((NOW - hours * 3600) * 1e9)
        self._insert("ann", (f"s{self._marks}", said, "me", target, key, json.dumps(value)))

    def ask(self, query: str, directions: Mapping[str, Direction] | None = None, lens: Lens | None = None) -> set[str]:
        """Names of the runs that match."""
        found = compile_query(query, self.names, now=NOW, zone=UTC, lens=lens or Lens(directions or {}))
        rows = self.connection.execute(
            f"SELECT r.name FROM runs_now r WHERE {found.sql}", list(found.params)
        ).fetchall()
        return {name for (name,) in rows}

    def close(self) -> None:
        self.connection.close()

    def _add(self, rid: int, run: Run) -> None:
        uid = f"path:{rid}"
        started = None if run.began is None else _hours_ago(run.began)
        ended = None if run.began is None or run.lasted is None else _hours_ago(run.began - run.lasted)
        path = run.path or f"runs/{run.name}"
        self._insert("ids", (uid, rid, 1))
        self._insert(
            "runs",
            (rid, uid, "/data/exp", path, "", run.name, run.project, None, run.tools, "{}", run.state, run.reason, started,
             None if run.state == "running" else ended, ended, run.steps, "box1", "ann", None, 0, False, 1),
        )  # fmt: skip
        for key, value in run.params.items():
            self._insert("cfg", (rid, key, _num(value), json.dumps(value), "config.yaml", False, True, 1))
        for key, value in run.facts.items():
            self._insert("facts", (rid, key, _num(value), json.dumps(value), "meta.json", True, 1))
        for name, values in run.metrics.items():
            self._add_series(rid, name, values)
        annotations: dict[str, Json] = {f"tag:{tag}": True for tag in run.tags}
        annotations |= {"note": run.note} if run.note else {}
        annotations |= {"star": True} if run.star else {}
        annotations |= {"archive": True} if run.archived else {}
        for number, (key, value) in enumerate(annotations.items()):
            self._insert("ann", (f"{rid}-{number}", number, "me", f"run:{uid}", key, json.dumps(value)))

    def _add_series(self, rid: int, name: str, values: Sequence[float]) -> None:
        if name not in self._metrics:
            self._metrics[name] = len(self._metrics)
            self._insert("metrics", (self._metrics[name], name))
        mid, segment = self._metrics[name], rid * 100 + self._metrics[name]
        finite = [(value, step) for step, value in enumerate(values) if abs(value) < float("inf")]
        low, high = min(finite, default=(None, None)), max(finite, default=(None, None))
        broken = [step for step, value in enumerate(values) if not abs(value) < float("inf")]
        mean = sum(value for value, _ in finite) / len(finite) if finite else None
        self._insert(
            "series",
            (rid, mid, len(values), len(broken), broken[0] if broken else None, 0, values[0], len(values) - 1, None,
            values[-1],
             low[0], low[1], high[0], high[1], mean, "12345678", True, 1),
        )  # fmt: skip
        self._insert("segments", (segment, rid, "log", 1, "csv", 64, 0.0, None, True, 1))
        for step, value in enumerate(values):
            self._insert("points", (rid, mid, segment, step, None, value))

    def _insert(self, table: str, row: tuple[object, ...]) -> None:
        self.connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", list(row))


def _hours_ago(hours: float) -> datetime:
    return datetime.fromtimestamp(NOW, UTC).replace(tzinfo=None) - timedelta(hours=hours)


def _num(value: Json) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
