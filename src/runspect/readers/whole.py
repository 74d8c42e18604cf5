"""Files that are read whole each time: the common frame of the config and summary readers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from runspect.errors import ReaderFault
from runspect.model import Problem
from runspect.readers.conflicts import one_side
from runspect.readers.contract import Batch, Cursor, with_offset
from runspect.readers.lines import LONGEST, Block, Flaw, read_text


def read_whole(
    path: Path, cursor: Cursor, reader: str, parse: Callable[[Path, str], Batch], limit: int = LONGEST
) -> Iterator[Batch]:
    """One batch of the whole text by `parse`, or one that tells why there is none.

    A file of more than `limit` bytes is not read.

    Raises:
        OSError: The file cannot be opened or read.
    """
    size = path.stat().st_size
    end = with_offset(cursor, size)
    if size > limit:
        yield Batch(end, problems=(Problem(str(path), None, reader, f"larger than {limit >> 20} MB", "not read"),))
        return
    text, flaws = read_text(path, limit)
    told = tuple(flaw.problem(path, reader) for flaw in flaws)
    conflicts: tuple[Flaw, ...] = ()
    try:
        if not text.strip():
            raise ReaderFault(f"{size:,} NUL bytes and nothing else" if size and not text else "an empty file", 0)
        text, conflicts = _without_conflicts(text)
        told += tuple(flaw.problem(path, reader) for flaw in conflicts)
        batch = parse(path, text)
        yield replace(batch, cursor=end, problems=(*told, *batch.problems))
    except ReaderFault as fault:
        cause = conflicts[0] if conflicts else fault
        yield Batch(end, problems=(Problem(str(path), cause.offset, reader, cause.what, "nothing was read from it"),))


def _without_conflicts(text: str) -> tuple[str, tuple[Flaw, ...]]:
    if "<<<<<<< " not in text:
        return text, ()
    block, _ = one_side(Block(0, len(data := text.encode("utf-8", "replace")), data), "")
    return block.data.decode("utf-8", "replace"), block.flaws
