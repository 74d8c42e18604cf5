"""What commands print: bytes as they come, JSON, and tables that fit the terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from runspect.model import Json


def write_bytes(data: bytes) -> None:
    """Copy bytes of the engine to stdout, with a newline at the end."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    if not data.endswith(b"\n"):
        sys.stdout.buffer.write(b"\n")
    sys.stdout.buffer.flush()


def write_json(value: Json) -> None:
    """Print a value as one JSON document; non-finite numbers must already be strings."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n")


def write_line(text: str = "") -> None:
    """Print one line to stdout."""
    sys.stdout.write(text + "\n")


def write_markdown(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a Markdown table to stdout."""
    for line in (titles, ["---"] * len(titles), *rows):
        write_line("| " + " | ".join(text.replace("|", "\\|") for text in line) + " |")


def narrate(text: str) -> None:
    """Print one line to stderr."""
    sys.stderr.write(text + "\n")


def terminal_width() -> int:
    """Cells of a line; effectively unlimited when stdout is no terminal, so that pipes get whole values."""
    import shutil  # loads every kind of archive; most output goes to a pipe

    return shutil.get_terminal_size((80, 24)).columns if sys.stdout.isatty() else 100_000


def csv_line(values: Sequence[str]) -> str:
    """One line of CSV (RFC 4180 quoting)."""
    quoted = (
        '"' + value.replace('"', '""') + '"' if any(char in value for char in ',"\n\r') else value for value in values
    )
    return ",".join(quoted)
