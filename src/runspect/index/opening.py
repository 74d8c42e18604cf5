"""Opening the one DuckDB file: its settings, its tables, and what becomes of a file that cannot be used."""

from __future__ import annotations

import hashlib
import time
from contextlib import suppress
from importlib import resources
from pathlib import Path

import duckdb

MEMORY_LIMIT = "256MB"
THREADS = 2
STORAGE = "v1.5.0"
"""Files of this storage version are read and written by DuckDB 1.5 and 2.x alike."""


def connect(path: Path, memory_limit: str, threads: int) -> duckdb.DuckDBPyConnection:
    """A connection to the file, which is made with its tables where there is none.

    Raises:
        duckdb.Error: The file cannot be opened; see `faults`.
    """
    connection = duckdb.connect(
        str(path),
        config={
            "storage_compatibility_version": STORAGE,
            "threads": threads,
            "memory_limit": memory_limit,
            "temp_directory": f"{path}.tmp",
            "preserve_insertion_order": "true",  # points are read back in file order
            "python_enable_replacements": "false",
            "autoload_known_extensions": "false",
            "autoinstall_known_extensions": "false",
        },
    )
    try:
        if schema_of(connection) is None:
            connection.execute("BEGIN")
            connection.execute(schema_text())
            connection.execute("INSERT INTO meta VALUES ('schema', ?)", [schema_hash()])
            connection.execute("COMMIT")
            connection.execute("CHECKPOINT")
        _avoid_faults(connection)
        # DuckDB finds its write-ahead log by name: closing a file that was removed would delete the log of the file that
        # another engine made in its place. `Store.close` folds it in, where the file is still its own.
        connection.execute("PRAGMA disable_checkpoint_on_shutdown")
        # from here on no statement, whoever wrote it, reaches another file or changes a setting
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
    except duckdb.Error:
        connection.close()
        raise
    return connection


def schema_of(connection: duckdb.DuckDBPyConnection) -> str | None:
    """The schema hash that the file carries; None for a file without tables."""
    known = connection.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'meta'").fetchall()
    if not known[0][0]:
        return None
    rows = connection.execute("SELECT val FROM meta WHERE key = 'schema'").fetchall()
    return str(rows[0][0]) if rows else ""


def schema_text() -> str:
    """The DDL of all tables and views."""
    return resources.files("runspect.index").joinpath("schema.sql").read_text(encoding="utf-8")


def schema_hash() -> str:
    """Tells an index of this schema from others."""
    return hashlib.sha256(schema_text().encode()).hexdigest()[:16]


def move_aside(path: Path, why: str) -> str:
    """Put a file away under another name, with its log; a line that says so."""
    aside = path.with_name(f"{path.name}.{time.strftime('%Y%m%d-%H%M%S')}.aside")
    for suffix in ("", ".wal"):
        with suppress(FileNotFoundError):
            Path(f"{path}{suffix}").replace(f"{aside}{suffix}")
    return f"{why}; it was moved to {aside.name} and is being built anew"


def _avoid_faults(connection: duckdb.DuckDBPyConnection) -> None:
    """Switch off what gives wrong answers: DuckDB 2.0.0's projection_pullup loses a LIMIT above our views' left joins."""
    known = connection.execute("SELECT name FROM duckdb_optimizers()").fetchall()
    if ("projection_pullup",) in known:
        connection.execute("SET disabled_optimizers = 'projection_pullup'")
