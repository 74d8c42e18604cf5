"""MLflow's SQLite store, `mlflow.db` under any name, of any version: one run for each row of `runs`.

Metrics and params are only ever added, so they are read on behind the last rowid. Runs, tags, inputs and model versions
may change anywhere: a checksum for each few rows tells of which runs they are to be told again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from runspect.dataclass import dataclass, field
from runspect.errors import ReaderFault
from runspect.model import Claim, Json, Problem
from runspect.readers import mlflow_run
from runspect.readers.contract import Batch, Cursor, Entry, Mode, Points
from runspect.readers.mlflow_run import MlflowRun
from runspect.readers.sqlite_store import MAGIC, Row, Store, opened, tables_in

_TABLES = frozenset({"experiments", "runs", "metrics", "params", "tags"})
_METRICS = ("key", "value", "timestamp", "run_uuid", "step", "is_nan")
_PARAMS = ("key", "value", "run_uuid")
_RUNS = (
    "run_uuid", "name", "experiment_id", "status", "start_time", "end_time", "user_id", "source_name", "source_version",
    "lifecycle_stage",
)  # fmt: skip
_WATCHED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "runs": ("run_uuid", _RUNS),
    "tags": ("run_uuid", ("key", "value", "run_uuid")),
    "inputs": ("destination_id", ("source_id", "destination_id", "source_type", "destination_type")),
    "model_versions": ("run_id", ("name", "version", "run_id", "current_stage")),
    "experiments": ("experiment_id", ("experiment_id", "name")),
    "registered_model_aliases": ("name", ("name", "alias", "version")),
}
"""Table → the column that tells whom a row is about, and the columns that matter."""
MOST_BLOCKS = 512
"""Checksums that are kept of one table."""
FEWEST_ROWS = 16
"""Rows for which there is one checksum."""
FIRST_OF_ALL = 2_000_000
"""With more metrics to come than so many, all runs are told before them; else each with its first metrics, which costs less."""
LARGEST = 1.797e308
"""MLflow writes infinity as the largest double."""


class MlflowReader:
    """Reads on from what it kept in `Cursor.state`."""

    name = "mlflow"
    mode: Mode = "store"
    begins = MAGIC
    precision = 3
    marks_end = True

    def claim(self, entry: Entry) -> Claim | None:
        """By the tables that the database has."""
        tables = tables_in(entry)
        if not tables.keys() >= _TABLES or not {"run_uuid", "status"} <= tables["runs"]:
            return None
        return Claim(self.name, entry.path, entry.path, "tool", "store", 2, "mlflow")

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """What is new of all runs: first what they are, then their metrics, a page at a time."""
        try:
            with opened(path) as store:
                for batch in _read(store, cursor):
                    cursor = batch.cursor
                    yield batch
        except ReaderFault as fault:
            told = Problem(str(path), fault.offset, self.name, fault.what, "the rest of the database is not shown")
            yield Batch(cursor, problems=(told,))


@dataclass(slots=True)
class _State:
    """How far a store was read; kept as JSON in the cursor."""

    metric: int = 0
    metric_sum: int = 0
    param: int = 0
    param_sum: int = 0
    runs: tuple[int, int] = (0, 0)
    """How many runs there were, and the highest rowid of them."""
    sizes: dict[str, int] = field(default_factory=dict)
    sums: dict[str, dict[str, int]] = field(default_factory=dict)
    """Table → rows for which there is one checksum; and the checksums by block."""

    @classmethod
    def of(cls, cursor: Cursor) -> _State:
        try:
            metric, metric_sum, param, param_sum, (count, newest), sizes, sums = json.loads(cursor.state)
            return cls(metric, metric_sum, param, param_sum, (count, newest), sizes, sums)
        except (ValueError, TypeError, KeyError):
            return cls()

    def cursor(self) -> Cursor:
        told = [self.metric, self.metric_sum, self.param, self.param_sum, self.runs, self.sizes, self.sums]
        return Cursor(state=json.dumps(told, separators=(",", ":")))


def _read(store: Store, cursor: Cursor) -> Iterator[Batch]:
    state = _State.of(cursor)
    anew = not cursor.state or not _continues(store, state)
    if anew:
        state = _State()
    told, after = _changed(store, state)
    texts: dict[str, list[tuple[str, str]]] = {}
    last = None
    for page in store.pages("params", _PARAMS, state.param):
        for _, key, value, run in page:
            if isinstance(run, str):
                texts.setdefault(run, []).append((str(key), str(value)))
        last = page[-1]
    if last is not None:
        after.param, after.param_sum = last[0], _sum(last)
    infos = _runs(store, told)
    waiting = {
        run: _information(run, infos.get(run), texts.get(run, ()), anew) for run in dict.fromkeys((*infos, *texts))
    }
    yield Batch(state.cursor(), restart=anew, more=True)
    if store.newest("metrics") - state.metric > FIRST_OF_ALL:
        yield from _rest(waiting, after)
        state, waiting = after, {}
    yield from _metrics(store, state, waiting)
    after.metric, after.metric_sum = state.metric, state.metric_sum
    yield from _rest(waiting, after)


def _information(run: str, info: MlflowRun | None, texts: Iterable[tuple[str, str]], anew: bool) -> Batch:
    facts = mlflow_run.facts(info, anew=anew) if info is not None else {}
    return Batch(Cursor(), run, params=mlflow_run.params(texts), facts=facts, ids=(mlflow_run.uid(run),), more=True)


def _rest(waiting: Mapping[str, Batch], state: _State) -> Iterator[Batch]:
    """What runs are of which there are no metrics to come; the cursor moves when all is told."""
    yield from waiting.values()
    yield Batch(state.cursor())


def _continues(store: Store, state: _State) -> bool:
    """Whether the store still holds what was read: no run was purged, no row got another number."""
    rows = [rowid for page in store.pages("runs", (), 0) for (rowid,) in page if rowid <= state.runs[1]]
    return (
        len(rows) == state.runs[0]
        and _row_sum(store, "metrics", _METRICS, state.metric) == state.metric_sum
        and _row_sum(store, "params", _PARAMS, state.param) == state.param_sum
    )


def _row_sum(store: Store, table: str, columns: Sequence[str], rowid: int) -> int:
    page = next(store.pages(table, columns, rowid - 1, 1), []) if rowid else []
    return _sum(page[0]) if page and page[0][0] == rowid else 0


def _sum(row: Row) -> int:
    return crc32(repr(row).encode("utf-8", "replace"))


# -------------------------------------------------------------------- what changed


def _changed(store: Store, before: _State) -> tuple[set[str] | None, _State]:
    """The runs of which something changed, None for all of them; and the state after it was told."""
    after = _State(before.metric, before.metric_sum, before.param, before.param_sum)
    subjects: dict[str, set[str]] = {}
    for table, (subject, columns) in _WATCHED.items():
        size = before.sizes.get(table) or _block_size(store.newest(table))
        sums = {str(block): digest for block, digest in store.digests(table, columns, size).items()}
        held = before.sums.get(table, {})
        blocks = {int(block) for block in sums.keys() | held.keys() if sums.get(block) != held.get(block)}
        subjects[table] = set() if table not in before.sums else _subjects(store, table, subject, blocks, size)
        if len(sums) > MOST_BLOCKS:
            size = _block_size(store.newest(table))
            sums = {str(block): digest for block, digest in store.digests(table, columns, size).items()}
        after.sizes[table], after.sums[table] = size, sums
    rows = [rowid for page in store.pages("runs", ()) for (rowid,) in page]
    after.runs = (len(rows), rows[-1] if rows else 0)
    if not before.sums:
        return None, after
    runs = subjects["runs"] | subjects["tags"] | subjects["inputs"] | subjects["model_versions"]
    if subjects["experiments"]:
        runs |= {
            run for _, run, place in store.rows("runs", ("run_uuid", "experiment_id"))
            if str(place) in subjects["experiments"]
        }  # fmt: skip
    if subjects["registered_model_aliases"]:
        runs |= {
            run for _, run, name in store.rows("model_versions", ("run_id", "name"))
            if name in subjects["registered_model_aliases"]
        }  # fmt: skip
    return runs, after


def _block_size(newest: int) -> int:
    size = FEWEST_ROWS
    while newest // size > MOST_BLOCKS // 2:
        size *= 2
    return size


def _subjects(store: Store, table: str, column: str, blocks: Iterable[int], size: int) -> set[str]:
    """Whom the rows of some blocks are about."""
    found: set[str] = set()
    for block in blocks:
        page = next(store.pages(table, (column,), block * size - 1, size), [])
        found |= {str(subject) for rowid, subject in page if rowid < (block + 1) * size and subject is not None}
    return found


# -------------------------------------------------------------------- what the runs are


def _runs(store: Store, wanted: set[str] | None) -> dict[str, MlflowRun]:
    """These runs, or all, in the order of their rows."""
    if wanted is not None and not wanted:
        return {}
    tags: dict[str, dict[str, str]] = {}
    for _, key, value, run in store.rows("tags", ("key", "value", "run_uuid")):
        if wanted is None or run in wanted:
            tags.setdefault(run, {})[str(key)] = str(value or "")
    experiments = {place: str(name or "") for _, place, name in store.rows("experiments", ("experiment_id", "name"))}
    data, models = _inputs(store), _models(store)
    found: dict[str, MlflowRun] = {}
    for _, run, name, place, status, start, end, user, source, commit, stage in store.rows("runs", _RUNS):
        if isinstance(run, str) and (wanted is None or run in wanted):
            found[run] = MlflowRun(
                run, _text(name), experiments.get(place, ""), mlflow_run.status_word(status), start, end, _text(user),
                _text(source), _text(commit), stage == "deleted", tags.get(run, {}), tuple(data.get(run, ())),
                tuple(models.get(run, ())),
            )  # fmt: skip
    return found


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _inputs(store: Store) -> dict[str, list[tuple[str, str]]]:
    """Run → (name, digest) of the data sets that it was given."""
    sets = {uuid: (_text(name), _text(digest)) for _, uuid, name, digest in store.rows("datasets", _DATASETS)}
    found: dict[str, list[tuple[str, str]]] = {}
    for _, source, run, kind in store.rows("inputs", ("source_id", "destination_id", "destination_type")):
        if source in sets and kind == "RUN":
            found.setdefault(run, []).append(sets[source])
    return found


_DATASETS = ("dataset_uuid", "name", "digest")


def _models(store: Store) -> dict[str, list[str]]:
    """Run → versions of registered models that it made, with their aliases and stage."""
    aliases: dict[tuple[Any, str], list[str]] = {}
    for _, name, alias, version in store.rows("registered_model_aliases", ("name", "alias", "version")):
        aliases.setdefault((name, str(version)), []).append(str(alias))
    found: dict[str, list[str]] = {}
    columns = ("name", "version", "run_id", "current_stage")
    for _, name, version, run, stage in store.rows("model_versions", columns):
        if run:
            marks = aliases.get((name, str(version)), ())
            found.setdefault(run, []).append(mlflow_run.version_text(name, version, marks, str(stage or "")))
    return found


# -------------------------------------------------------------------- their metrics


def _metrics(store: Store, state: _State, waiting: dict[str, Batch]) -> Iterator[Batch]:
    """A batch for each run and page, with what the run is; the cursor moves on with the last one of a page."""
    for page in store.pages("metrics", _METRICS, state.metric):
        runs = _by_run(page)
        state.metric, state.metric_sum = page[-1][0], _sum(page[-1])
        cursor = state.cursor()
        for number, (run, points) in enumerate(runs.items(), 1):
            told = waiting.pop(run, None) or Batch(cursor, run, ids=(mlflow_run.uid(run),))
            yield replace(told, cursor=cursor, points=points, more=number < len(runs))


def _by_run(page: Sequence[Row]) -> dict[str, dict[str, Points]]:
    _, keys, values, times, runs, steps, nans = zip(*page, strict=True)
    codes: dict[tuple[Any, Any], int] = {}
    code = np.array([codes.setdefault(pair, len(codes)) for pair in zip(runs, keys, strict=True)])
    order = np.argsort(code, kind="stable")
    bounds = np.searchsorted(code[order], np.arange(len(codes) + 1))
    value, moment = _floats(values), _floats(times)
    moment = np.where(moment >= mlflow_run.EARLIEST_MS, moment / 1000, moment)
    value[np.array([bool(nan) for nan in nans])] = np.nan
    value[value >= LARGEST] = np.inf
    value[value <= -LARGEST] = -np.inf
    step = None if steps[0] is None else np.array([each if isinstance(each, int) else 0 for each in steps], np.int64)
    found: dict[str, dict[str, Points]] = {}
    for (run, key), begin, end in zip(codes, bounds[:-1], bounds[1:], strict=True):
        if isinstance(run, str) and run:
            own = order[begin:end]
            of_key = np.arange(len(own), dtype=np.int64) if step is None else step[own]
            found.setdefault(run, {})[str(key)] = Points(of_key, moment[own], value[own])
    return found


def _floats(cells: Sequence[Json]) -> Any:
    try:
        return np.array(cells, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        return np.array([float(cell) if isinstance(cell, int | float) else np.nan for cell in cells])


READER = MlflowReader()
