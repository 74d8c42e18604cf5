"""A person's own SQL: one statement, read-only, without files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import duckdb

from runspect.errors import UsageError
from runspect.index.reads.plain import moment, number
from runspect.index.reads.scope import Cursor
from runspect.model import Json


@dataclass(frozen=True, slots=True)
class SqlAnswer:
    """Rows of plain values; `truncated` when there were more than the limit."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Json, ...], ...]
    truncated: bool


def sql(cursor: Cursor, text: str, limit: int = 10_000) -> SqlAnswer:
    """Run one SELECT, WITH, FROM, VALUES, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN inside a read-only transaction.

    Raises:
        UsageError: Anything else, several statements, or an error in the statement.
    """
    try:
        statements = cursor.extract_statements(text)
    except duckdb.Error as error:
        raise UsageError(_message(error)) from error
    if len(statements) != 1:
        raise UsageError(f"one statement is wanted, not {len(statements)}")
    if statements[0].type not in (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN):
        raise UsageError("only reading is allowed here: SELECT, WITH, FROM, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN")
    try:
        cursor.execute("BEGIN TRANSACTION READ ONLY")
        try:
            cursor.execute(statements[0])
            columns = tuple(column[0] for column in cursor.description or ())
            rows = cursor.fetchmany(limit + 1)
        finally:
            cursor.execute("ROLLBACK")
    except duckdb.Error as error:
        raise UsageError(_message(error)) from error
    return SqlAnswer(columns, tuple(tuple(map(_plain, row)) for row in rows[:limit]), len(rows) > limit)


def _plain(value: Any) -> Json:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return number(value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal):
        return number(float(value))
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value)


def _message(error: duckdb.Error) -> str:
    return str(error).strip().partition("\n\n")[0][:500]
