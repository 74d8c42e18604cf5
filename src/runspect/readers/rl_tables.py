"""The tables that Baselines and Stable-Baselines print into log.txt; rounded for people, so the least precise source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from runspect.model import Claim
from runspect.readers import lines
from runspect.readers.claims import weak
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.jsonl import fold_objects
from runspect.readers.stable_baselines import RULE, SB3, tool_of
from runspect.readers.state import TextState

NAME = "log.txt"
_RULER = re.compile(r"-{8,}")
_ROW = re.compile(r"\|(.*?)\|(.*)\|")
_TABLE = re.compile(rb"^-{8,}\r?\n\|[^|\n]+\|[^|\n]*\|\r?$", re.MULTILINE)
MOST_LINES = 2000
"""Rows of one table; more is none."""


class RlTablesReader:
    """Reads on from table to table."""

    name = "rl-tables"
    mode: Mode = "append"
    precision = 1
    names = (NAME,)

    def claim(self, entry: Entry) -> Claim | None:
        """A log.txt with such a table in its head."""
        if entry.name != NAME or not (match := _TABLE.search(entry.head())):
            return None
        rows = _rows(lines.text_of(entry.head()[match.start() :]).splitlines())
        tool = tool_of(tuple(rows[0])) if rows else SB3
        return weak(entry, self.name, tool or "baselines", strength=2)

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch a block of whole tables; a table that is not closed yet is left for later."""
        state = TextState.of(cursor)
        held, end = b"", cursor.offset
        for block in lines.read_blocks(path, cursor.offset, state.skipping):
            if block.open:
                state, told = state.told_of(block)
                if told:
                    problems = tuple(flaw.problem(path, self.name) for flaw in told)
                    yield Batch(state.cursor(cursor, end), problems=problems)
                break
            data = held + block.data
            whole, held = (data, b"") if block.skipping or block.width != 1 else _closed(data)
            end = block.end - len(held)
            points, carry, *_ = fold_objects(_rows(lines.text_of(whole).splitlines()), state.carry, RULE)
            state = replace(state, carry=carry, skipping=block.skipping)
            problems = tuple(flaw.problem(path, self.name) for flaw in block.flaws)
            yield Batch(state.cursor(cursor, end), points=points, problems=problems)


def _closed(data: bytes) -> tuple[bytes, bytes]:
    """The text up to the last table that is not closed, and the rest."""
    text = data.split(b"\n")
    rows = 0
    for at in range(len(text) - 2, -1, -1):
        line = text[at].strip()
        if line.startswith(b"|") and rows < MOST_LINES:
            rows += 1
            continue
        if not _RULER.fullmatch(line.decode("latin-1")):
            return data, b""
        opens = rows > 0 or not _closes(text, at)
        if opens:
            held = b"\n".join(text[at:])
            return data[: len(data) - len(held)], held
        return data, b""
    return (b"", data) if rows and rows < MOST_LINES else (data, b"")


def _closes(text: Sequence[bytes], at: int) -> bool:
    """Whether a ruler stands below a row."""
    return at > 0 and text[at - 1].strip().startswith(b"|")


def _rows(text: Sequence[str]) -> list[dict[str, object]]:
    """The closed tables as one object each: section and key joined, values as they are printed."""
    found: list[dict[str, object]] = []
    table: dict[str, object] | None = None
    section = ""
    for line in text:
        stripped = line.strip()
        if _RULER.fullmatch(stripped):
            if table:
                found.append(table)
                table = None
            else:
                table, section = {}, ""
            continue
        match = _ROW.fullmatch(stripped) if table is not None else None
        if match is None or table is None:
            table = None
            continue
        key, value = match[1].strip(), match[2].strip()
        if key.endswith("/") and not value:
            section = key
        elif key and value:
            inner = match[1].startswith("   ")
            table[section + key if inner else key] = value
    return found


READER = RlTablesReader()
