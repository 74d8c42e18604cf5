"""Exported runs as two Parquet files, written piece by piece."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from runspect.model import Json
from runspect.practice.export.columns import (
    METRIC_KEYS,
    PARAM,
    POINTS,
    RUNS,
    WHOLE_KEYS,
    Column,
    ParamKinds,
    param_value,
    run_row,
)
from runspect.workspace.exporting import Stretch

ROW_GROUP = 1 << 20
"""Points of a row group."""
RUNS_AT_ONCE = 500
_METRIC = pa.struct(
    [("name", pa.string()), *((key, pa.int64() if key in WHOLE_KEYS else pa.float64()) for key in METRIC_KEYS)]
)
_TYPES: Mapping[str, pa.DataType] = {
    "text": pa.string(),
    "texts": pa.list_(pa.string()),
    "time": pa.timestamp("us", tz="UTC"),
    "whole": pa.int64(),
    "number": pa.float64(),
    "flag": pa.bool_(),
    "metrics": pa.list_(_METRIC),
}


class Tables:
    """The two files while they are written; mutable. Under their own names only when both are complete."""

    def __init__(self, directory: Path) -> None:
        """Files that are there already are left alone: points-2.parquet, points-3.parquet …"""
        number = 1
        while any((directory / _named(kind, number)).exists() for kind in ("points", "runs")):
            number += 1
        self.points, self.runs = directory / _named("points", number), directory / _named("runs", number)
        self._drafts = [path.with_name(f".{path.name}.part") for path in (self.points, self.runs)]
        self._spool_path = directory / f".{self.runs.name}.rows.part"
        self._kinds = ParamKinds()
        self._held: list[pa.RecordBatch] = []
        """Points of whole runs that are still to be written."""
        self._held_points = 0
        self._own: list[pa.RecordBatch] = []
        """Points of the run that is being taken."""
        self._own_points = 0
        self._spill_path = directory / f".{self.points.name}.run.part"
        self._spill: Any = None
        """Where its points go when they become many: they count only when all of them are there."""
        self._schema = _schema(POINTS)
        self._writer = pq.ParquetWriter(self._drafts[0], self._schema, compression="zstd")
        self._spool = self._spool_path.open("wb")

    def __enter__(self) -> Tables:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError, pa.ArrowException):
            self._writer.close()
        self._spool.close()
        self.drop_run()
        for path in (*self._drafts, self._spool_path):
            path.unlink(missing_ok=True)

    def add_run(self, run: Mapping[str, Any], directory: str) -> None:
        """A row for a run."""
        self._kinds.see(run["params"])
        row = {**run_row(run, directory), "typed": run["params"]}
        self._spool.write(json.dumps(row, ensure_ascii=True).encode("ascii") + b"\n")

    def add_points(self, uid: str, directory: str, stretch: Stretch) -> None:
        """Rows for points of a run."""
        arrays = stretch.arrays
        count = len(arrays["step"])
        if not count:
            return
        columns = [
            _same(uid, count),
            _same(directory, count),
            pa.DictionaryArray.from_arrays(pa.array(arrays["code"], pa.int32()), pa.array(_storable(stretch.metrics))),
            pa.array(arrays["segment"]),
            pa.array(arrays["step"]),
            _times(arrays["time"]),
            pa.array(arrays["value"]),
        ]
        columns = [column.cast(field.type) for column, field in zip(columns, self._schema, strict=True)]
        self._own.append(pa.RecordBatch.from_arrays(columns, schema=self._schema))
        self._own_points += count
        if self._own_points >= ROW_GROUP:
            if self._spill is None:
                self._spill = pa.ipc.new_file(str(self._spill_path), self._schema)
            for batch in self._own:
                self._spill.write_batch(batch)
            self._own, self._own_points = [], 0

    def keep_run(self) -> None:
        """The points that were added are all of that run."""
        if self._spill is not None:
            self._spill.close()
            with pa.ipc.open_file(str(self._spill_path)) as spilled:
                for number in range(spilled.num_record_batches):
                    self._hold(spilled.get_batch(number))
        for batch in self._own:
            self._hold(batch)
        self.drop_run()

    def drop_run(self) -> None:
        """Forget the points of the run that is being taken."""
        if self._spill is not None:
            self._spill.close()
            self._spill = None
            self._spill_path.unlink(missing_ok=True)
        self._own, self._own_points = [], 0

    def _hold(self, batch: pa.RecordBatch) -> None:
        self._held.append(batch)
        self._held_points += len(batch)
        if self._held_points >= ROW_GROUP:
            self._flush()

    def finish(self) -> None:
        """Complete both files and give them their names.

        Raises:
            OSError: They cannot be written.
        """
        self._flush()
        self._writer.close()
        self._spool.close()
        columns = (*RUNS, *self._kinds.columns())
        schema = _schema(columns)
        with pq.ParquetWriter(self._drafts[1], schema, compression="zstd") as writer:
            for rows in self._rows():
                arrays = [_column(column, rows) for column in columns]
                writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))
        for draft, path in zip(self._drafts, (self.points, self.runs), strict=True):
            draft.rename(path)

    def _flush(self) -> None:
        if self._held:
            self._writer.write_table(pa.Table.from_batches(self._held), row_group_size=ROW_GROUP)
        self._held, self._held_points = [], 0

    def _rows(self) -> Iterator[list[dict[str, Json]]]:
        rows: list[dict[str, Json]] = []
        with self._spool_path.open("rb") as spool:
            for line in spool:
                rows.append(json.loads(line))
                if len(rows) >= RUNS_AT_ONCE:
                    yield rows
                    rows = []
        if rows:
            yield rows


def _named(kind: str, number: int) -> str:
    return f"{kind}.parquet" if number == 1 else f"{kind}-{number}.parquet"


def _schema(columns: Sequence[Column]) -> pa.Schema:
    return pa.schema(
        [
            pa.field(
                column.name, _TYPES[column.kind], metadata={"description": column.meaning} if column.meaning else None
            )
            for column in columns
        ]
    )


def _column(column: Column, rows: Sequence[Mapping[str, Any]]) -> pa.Array:
    if column.name.startswith(PARAM):
        key = column.name.removeprefix(PARAM)
        values = [param_value(row["typed"].get(key), column.kind) for row in rows]
    else:
        values = [row[column.name] for row in rows]
    if column.kind == "time":
        values = [None if value is None else datetime.fromisoformat(value) for value in values]
    if column.kind in ("text", "texts", "metrics"):
        values = [_clean(value) for value in values]
    return pa.array(values, _TYPES[column.kind])


def _same(text: str, count: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int32)), pa.array(_storable([text])))


def _times(seconds: Any) -> pa.Array:
    known = np.isfinite(seconds)
    micro = np.rint(np.where(known, seconds, 0.0) * 1e6).astype(np.int64)
    return pa.array(micro, pa.int64(), mask=~known).cast(pa.timestamp("us")).cast(_TYPES["time"])


def _storable(texts: Sequence[str]) -> list[str]:
    return [text.encode("utf-8", "replace").decode() for text in texts]


def _clean(value: Json) -> Json:
    """Halves of surrogate pairs, which Parquet cannot hold, as question marks."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_clean(each) for each in value]
    return {key: _clean(each) for key, each in value.items()} if isinstance(value, dict) else value
