"""neptune-scale's queue and the files of neptune-exporter."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from runspect.readers import claim_file, reader_named
from runspect.resolve import resolve
from tests.conftest import FIXTURES
from tests.readers.entries import entries, entry_of, found_in
from tests.readers.kept import Kept

SCALE, EXPORT = reader_named("neptune-scale"), reader_named("neptune-export")


@pytest.fixture
def queue(tmp_path: Path) -> Path:
    """A copy of a queue of 23 operations."""
    return Path(shutil.copy(next((FIXTURES / "neptune_scale").rglob("*.sqlite3")), tmp_path))


def _push(path: Path, *operations: bytes) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        for operation in operations:
            db.execute(
                "INSERT INTO run_operations (timestamp, operation_type, operation, operation_size_bytes) VALUES (0, 0, ?, 0)",
                (operation,),
            )


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2, len(content)]) + content


def _tag(name: str, operation: int) -> bytes:
    change = _field(1, _field(1, _field(1, name.encode()) + bytes([0x10, operation])))
    return _field(5, _field(1, b"sys/tags") + _field(2, change))


def test_operations_that_come_are_added(queue: Path) -> None:
    kept = Kept()
    assert kept.add(SCALE.read(queue, kept.cursor)) == ["toy-1"]
    assert kept.facts["toy-1"]["tags"] == ["x"]
    step = _field(1, b"\x08\x14\x10\xa0\xc2\x1e")  # 20.5
    value = _field(8, _field(1, b"loss") + _field(2, b"\x09" + bytes(8)))
    _push(queue, step + value, _tag("y", 1), _tag("x", 2), b"\xff\xff")
    assert kept.add(SCALE.read(queue, kept.cursor)) == ["toy-1"]
    assert (kept.steps["toy-1"]["loss"][-1], kept.values["toy-1"]["loss"][-1]) == (20, 0.0)
    assert kept.facts["toy-1"]["tags"] == ["y"]
    assert kept.add(SCALE.read(queue, kept.cursor)) == []


def test_an_operation_that_cannot_be_read_is_told(queue: Path) -> None:
    _push(queue, b"\xff\xff")
    problems = [problem for batch in SCALE.read(queue, Kept().cursor) for problem in batch.problems]
    assert [problem.what for problem in problems] == ["1 operations that cannot be read"]


def test_a_queue_of_another_run_in_its_place_is_read_from_its_beginning(queue: Path) -> None:
    kept = Kept()
    kept.add(SCALE.read(queue, kept.cursor))
    with closing(sqlite3.connect(queue)) as db, db:
        db.execute("UPDATE metadata SET run_id = 'other'")
    assert kept.add(SCALE.read(queue, kept.cursor)) == ["other"]
    assert kept.restarts == 2 and len(kept.values["other"]["loss"]) == 20


# ---------------------------------------------------------------- Parquet


def _part(path: Path, *rows: dict[str, Any]) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema(
        [
            ("project_id", pa.string()), ("run_id", pa.string()), ("attribute_path", pa.string()),
            ("attribute_type", pa.string()), ("step", pa.decimal128(18, 6)), ("timestamp", pa.timestamp("ms", "UTC")),
            ("float_value", pa.float64()), ("string_value", pa.string()), ("bool_value", pa.bool_()),
        ]
    )  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    told = [{"project_id": "me/toy", "run_id": "RUN-1", **row} for row in rows]
    pq.write_table(pa.Table.from_pylist(told, schema), path)
    return path


def _point(name: str, step: str, value: float | None) -> dict[str, Any]:
    return {"attribute_path": name, "attribute_type": "float_series", "step": Decimal(step), "float_value": value}


def test_the_parts_of_a_run_are_one_run(tmp_path: Path) -> None:
    for part in (0, 1, 2, 10):
        _part(tmp_path / f"p/RUN-1_part_{part}.parquet", _point("loss", str(part), 1.0))
    _part(tmp_path / "p/RUN-10_part_0.parquet", _point("loss", "0", 1.0))
    runs = resolve([claim for entry in entries(tmp_path) if (claim := claim_file(entry))]).runs
    assert [(run.root, len(run.parts)) for run in runs] == [
        ("p/RUN-10_part_0.parquet", 1),
        ("p/RUN-1_part_0.parquet", 4),
    ]


def test_values_stand_in_the_column_of_their_type(tmp_path: Path) -> None:
    path = _part(
        tmp_path / "RUN-1_part_0.parquet",
        {"attribute_path": "parameters/opt", "attribute_type": "string", "string_value": "sgd"},
        {"attribute_path": "sys/name", "attribute_type": "string", "string_value": "toy"},
        {"attribute_path": "sys/failed", "attribute_type": "bool", "bool_value": True},
        {"attribute_path": "source_code/git", "attribute_type": "string", "string_value": "noise"},
        _point("loss", "0", 1.0), _point("loss", "0.5", float("nan")), _point("loss", "1", None), _point("acc", "3", 0.5),
        _point("monitoring/cpu", "3", 0.5),
    )  # fmt: skip
    found = found_in(EXPORT, path)
    assert found.params == {"parameters/opt": "sgd"}
    assert found.facts == {"name": "toy", "run_id": "RUN-1", "project": "me/toy", "end_state": "failed"}
    assert found.steps == {"loss": [0, 0], "acc": [3]} and repr(found.values["loss"]) == "[1.0, nan]"


def test_another_parquet_file_is_left_alone(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "x_part_0.parquet"
    pq.write_table(pa.table({"a": [1]}), path)
    assert claim_file(entry_of(tmp_path, path)) is None
    assert "columns are missing" in found_in(EXPORT, path).problems[0].what
    path.write_bytes(path.read_bytes()[:60])
    assert "damaged" in found_in(EXPORT, path).problems[0].what
    path.write_bytes(b"text")
    assert claim_file(entry_of(tmp_path, path)) is None
