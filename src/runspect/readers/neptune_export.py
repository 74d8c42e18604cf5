"""Parquet files of neptune-exporter: `<data>/<project>/<run>_part_<n>.parquet`, an attribute's value or a step a row.

Columns: project_id, run_id, attribute_path, attribute_type, step (decimal), timestamp, and a value column a type. The
parts of a run are one run, which stands at its first part.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from runspect.errors import ReaderFault
from runspect.model import Claim, Json, Problem
from runspect.readers.contract import Batch, Cursor, Entry, Mode, Points, with_offset
from runspect.readers.flatten import plain

MOST_ROWS = 20_000_000
MOST_BYTES = 4 << 30
"""Of a part, unpacked: beyond, it is a trap or no export of one run."""
PIECE = 200_000
"""Rows looked at together."""
LARGEST_SCHEMA = 64 << 10
"""Bytes of the footer in which the names of the columns are looked for; they come first."""
_MAGIC = b"PAR1"
_PART = re.compile(r"(.+)_part_(\d+)\.parquet")
_NEEDED = ("run_id", "attribute_path", "attribute_type")
_SERIES = "float_series"
_VALUES = {
    "float": "float_value", "int": "int_value", "string": "string_value", "bool": "bool_value",
    "datetime": "datetime_value", "string_set": "string_set_value",
}  # fmt: skip
"""Column of the value of each type of attribute that is no series."""
_SYSTEM = {
    "sys/name": "name", "sys/custom_run_id": "name", "sys/description": "notes", "sys/owner": "user",
    "sys/hostname": "host", "sys/experiment/name": "group", "sys/tags": "tags",
}  # fmt: skip
_TIMES = {"sys/creation_time": "started"}
_HIDDEN = ("sys/", "monitoring/", "source_code/", "runtime/")


class NeptuneExportReader:
    """Reads a part whole: it is written under another name and then moved here."""

    name = "neptune-export"
    mode: Mode = "replace"
    precision = 3
    names = ("*.parquet",)

    def claim(self, entry: Entry) -> Claim | None:
        """By name and the names of its columns, which stand at the file's end: data sets have parts, too."""
        part = _PART.fullmatch(entry.name)
        if part is None or not entry.head().startswith(_MAGIC):
            return None
        try:
            if not _names_its_columns(entry.absolute):
                return None
        except OSError:
            entry.head_failed = True
            return None
        hints = (("id", f"neptune-export:{part[1]}"),)
        return Claim(self.name, entry.path, entry.path, "tool", "series", 2, "neptune", hints)

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch of params and facts, and one for each piece of the series."""
        end = with_offset(cursor, path.stat().st_size)
        try:
            yield from _read(path, end)
        except ReaderFault as fault:
            problem = Problem(str(path), fault.offset, self.name, fault.what, "the rest of it is not shown")
            yield Batch(end, problems=(problem,))


READER = NeptuneExportReader()


def _names_its_columns(path: Path) -> bool:
    """Whether the footer (its length and `PAR1` are the file's last bytes) names the columns of an export."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 8))
        tail = file.read(8)
        length = int.from_bytes(tail[:4], "little")
        if tail[4:] != _MAGIC or length > size:
            return False
        file.seek(max(0, size - 8 - length))
        schema = file.read(min(length, LARGEST_SCHEMA))
    return all(name.encode() in schema for name in _NEEDED)


def _read(path: Path, end: Cursor) -> Iterator[Batch]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with path.open("rb") as file:
        try:
            table = pq.ParquetFile(file)
            _check(table)
            wanted = [name for name in table.schema_arrow.names if name != "histogram_value"]
            for piece in table.iter_batches(PIECE, columns=wanted, use_threads=False):
                yield _batch(piece, end)
        except pa.ArrowException as error:
            raise ReaderFault(f"a damaged Parquet file: {_first_line(error)}") from error
        except (ValueError, KeyError, TypeError, OverflowError, NotImplementedError) as error:
            raise ReaderFault(f"no export of Neptune: {_first_line(error)}") from error
        except OSError as error:
            if error.errno is not None:
                raise
            raise ReaderFault(f"a damaged Parquet file: {_first_line(error)}") from error


def _check(table: Any) -> None:
    if not set(_NEEDED) <= set(table.schema_arrow.names):
        raise ReaderFault("no export of Neptune: its columns are missing")
    groups = range(table.metadata.num_row_groups)
    size = sum(table.metadata.row_group(at).total_byte_size for at in groups)
    if table.metadata.num_rows > MOST_ROWS or size > MOST_BYTES:
        raise ReaderFault(f"{table.metadata.num_rows:,} rows, {size >> 20:,} MB: more than is read of one part")


def _batch(piece: Any, end: Cursor) -> Batch:
    kinds = np.array(piece.column("attribute_type").to_pylist(), dtype=object)
    paths = np.array(piece.column("attribute_path").to_pylist(), dtype=object)
    params: dict[str, Json] = {}
    facts: dict[str, Json] = {}
    for row in np.flatnonzero(np.isin(kinds, list(_VALUES))).tolist():
        if (column := _VALUES[kinds[row]]) in piece.schema.names:
            _tell(str(paths[row]), piece.column(column)[row].as_py(), params, facts)
    run_id = next((each for each in piece.column("run_id").to_pylist()[:1] if each), None)
    if run_id:
        facts = {"name": str(run_id), **facts, "run_id": str(run_id)}
    projects = piece.column("project_id").to_pylist()[:1] if "project_id" in piece.schema.names else []
    if projects and projects[0]:
        facts["project"] = str(projects[0])
    ids = (f"neptune:{facts.get('project', '')}/{run_id}",) if run_id else ()
    return Batch(end, points=_points(piece, kinds, paths), params=params, facts=facts, ids=ids)


def _points(piece: Any, kinds: Any, paths: Any) -> dict[str, Points]:
    chosen = np.flatnonzero(kinds == _SERIES)
    if not len(chosen) or "float_value" not in piece.schema.names:
        return {}
    steps, times, values = _numbers(piece, "step"), _numbers(piece, "timestamp"), _numbers(piece, "float_value")
    chosen = chosen[np.isfinite(steps[chosen]) & (np.abs(steps[chosen]) < 2**62)]
    valid = piece.column("float_value").is_valid().to_numpy(zero_copy_only=False)
    chosen = chosen[valid[chosen]]
    names, groups = np.unique(paths[chosen].astype(str), return_inverse=True)
    found = {}
    for at, name in enumerate(names.tolist()):
        if not name.startswith(_HIDDEN):
            rows = chosen[groups == at]
            # a step between two whole ones counts for the first of them
            found[name] = Points(np.floor(steps[rows]).astype(np.int64), times[rows], values[rows])
    return found


def _numbers(piece: Any, name: str) -> Any:
    """A column as float64, times as seconds; NaN where nothing stands."""
    import pyarrow as pa

    if name not in piece.schema.names:
        return np.full(piece.num_rows, np.nan)
    column = piece.column(name)
    if pa.types.is_timestamp(column.type):
        whole = column.cast(pa.timestamp("us", column.type.tz)).cast(pa.int64())
        return whole.cast(pa.float64()).to_numpy(zero_copy_only=False) / 1e6
    return column.cast(pa.float64()).to_numpy(zero_copy_only=False)


def _tell(path: str, value: object, params: dict[str, Json], facts: dict[str, Json]) -> None:
    """An attribute as a param, or as a fact where it is one of Neptune's own."""
    if path in _SYSTEM:
        if value not in (None, "", []):
            facts[_SYSTEM[path]] = plain(value)
    elif path in _TIMES:
        if isinstance(value, datetime):
            facts[_TIMES[path]] = value.timestamp()
    elif path == "sys/failed":
        if value is True:
            facts["end_state"] = "failed"
    elif not path.startswith(_HIDDEN):
        params[path] = plain(value)


def _first_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:100]
