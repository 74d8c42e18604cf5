"""A table of runs as a file: CSV and JSON with raw values, Markdown as it is shown."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence

from runspect.columns.cells import cell
from runspect.columns.records import record
from runspect.columns.spec import Column, header
from runspect.model import Json, RunRow

Writer = Callable[[Sequence[Column], Sequence[RunRow], float], str]
"""From columns, rows with a value for each, and the time (seconds since 1970) to the text of a file."""


def as_csv(columns: Sequence[Column], rows: Sequence[RunRow], now: float) -> str:
    """Raw values: times in ISO 8601 UTC, `age` and `took` in seconds, lists as JSON."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.spec for column in columns])
    for row in rows:
        told = [record(column, value, now) for column, value in zip(columns, row.values, strict=True)]
        writer.writerow(["" if value is None else _plain(value) for value in told])
    return text.getvalue()


def as_json(columns: Sequence[Column], rows: Sequence[RunRow], now: float) -> str:
    """A list of objects with `uid` and the columns."""
    told = [
        {"uid": row.uid}
        | {column.spec: record(column, value, now) for column, value in zip(columns, row.values, strict=True)}
        for row in rows
    ]
    return json.dumps(told, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def as_markdown(columns: Sequence[Column], rows: Sequence[RunRow], now: float) -> str:
    """A table with titles and cells as people see them."""
    lines = [[header(column) for column in columns], ["---"] * len(columns)]
    for row in rows:
        live = row.state == "running"
        lines.append(
            [cell(column, value, now, live=live).text for column, value in zip(columns, row.values, strict=True)]
        )
    return "".join("| " + " | ".join(text.replace("|", "\\|") for text in line) + " |\n" for line in lines)


WRITERS: Mapping[str, Writer] = {".csv": as_csv, ".json": as_json, ".md": as_markdown}
"""By the end of the file's name."""


def _plain(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
