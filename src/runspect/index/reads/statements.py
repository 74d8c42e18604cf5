"""A person's own SQL: one statement, read-only, without files."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import duckdb

from runspect.dataclass import dataclass
from runspect.errors import UsageError
from runspect.index.reads.plain import moment, number
from runspect.index.reads.scope import Cursor, fetch
from runspect.masking import MASK, mask, mask_text
from runspect.model import Json

SHORTEST = 3
"""Characters of a secret that is looked for inside other texts."""
_COARSE = "(?i)key|token|secret|passw|pwd|credential|bearer"
"""Every secret key holds one of these; `mask` decides."""


@dataclass(frozen=True, slots=True)
class SqlAnswer:
    """Rows of plain values; `truncated` when there were more than the limit."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Json, ...], ...]
    truncated: bool


def sql(cursor: Cursor, text: str, limit: int = 10_000, show_secrets: bool = False) -> SqlAnswer:
    """Run one SELECT, WITH, FROM, VALUES, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN inside a read-only transaction.

    Secret params are masked wherever their text stands in the answer, unless `show_secrets`.

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
            secrets = () if show_secrets else _secrets(cursor)
        finally:
            cursor.execute("ROLLBACK")
    except duckdb.Error as error:
        raise UsageError(_message(error)) from error
    shown = tuple(tuple(map(_plain, row)) for row in rows[:limit])
    if not show_secrets:
        shown = tuple(tuple(_masked(value, secrets) for value in row) for row in shown)
    return SqlAnswer(columns, shown, len(rows) > limit)


def _secrets(cursor: Cursor) -> tuple[str, ...]:
    """Texts that are secret by the name of their param, longest first."""
    found: set[str] = set()
    rows = fetch(
        cursor, "SELECT DISTINCT key, val FROM cfg_now WHERE num IS NULL AND regexp_matches(key || val, ?)", (_COARSE,)
    )
    for key, val in rows:
        _collect(key, json.loads(val), found)
    return tuple(sorted(found, key=len, reverse=True))


def _collect(key: str, value: Json, found: set[str]) -> None:
    if isinstance(value, dict):
        for name, inner in value.items():
            _collect(name, inner, found)
    elif isinstance(value, list):
        for inner in value:
            _collect(key, inner, found)
    elif isinstance(value, str) and len(value) >= SHORTEST and mask(key, value) == MASK:
        found.add(value)


def _masked(value: Json, secrets: tuple[str, ...]) -> Json:
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, MASK)
        return mask_text(value)
    if isinstance(value, list):
        return [_masked(item, secrets) for item in value]
    if isinstance(value, dict):
        return {key: _masked(item, secrets) for key, item in value.items()}
    return value


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
    text = str(error).strip()
    if "pytz" in text:
        return "times with a zone cannot be shown: cast them, as in now()::TIMESTAMP"
    return text.partition("\n\n")[0].partition("Traceback")[0].strip()[:500]
