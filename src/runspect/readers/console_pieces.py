"""A growing console log in pieces of whole lines, however long a progress bar makes one of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from runspect.dataclass import dataclass
from runspect.readers.lines import Readable, read_blocks

CHUNK = 2 << 20


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of the file that end behind a newline, or inside of a long line behind a carriage return."""

    start: int
    end: int
    data: bytes
    ended: bool = True
    """The last line is whole."""


def pieces(path: Path, offset: int = 0) -> Iterator[Piece]:
    """Pieces behind `offset`; what has neither newline nor carriage return at the end is left for later.

    A line of more than `CHUNK` without either is skipped.

    Raises:
        OSError: The file cannot be opened or read.
    """
    with path.open("rb") as file:
        if file.read(2) in (b"\xff\xfe", b"\xfe\xff"):
            for block in read_blocks(path, offset):
                if not block.open:
                    yield Piece(block.start, block.end, block.data)
            return
        file.seek(offset)
        yield from pieces_of(file, offset)


def pieces_of(file: Readable, start: int = 0) -> Iterator[Piece]:
    """Pieces of what comes piece by piece, from `start` on."""
    held = b""
    while data := file.read(CHUNK):
        held += data
        cut, ended = held.rfind(b"\n") + 1, True
        if cut == 0:
            cut, ended = _bar(held), False
            if cut == 0 and len(held) > CHUNK:
                start, held = start + len(held), b""
        if cut:
            yield Piece(start, start + cut, held[:cut], ended)
            start, held = start + cut, held[cut:]
    cut = _bar(held)
    if cut:
        yield Piece(start, start + cut, held[:cut], ended=False)


def _bar(data: bytes) -> int:
    """Position behind the last state of a bar that another one has replaced; a return before a newline is none."""
    at = data.rfind(b"\r")
    return at + 1 if 0 <= at < len(data) - 1 else 0
