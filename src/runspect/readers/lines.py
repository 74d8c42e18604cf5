"""Complete lines of a growing text file, in blocks, from a byte offset.

A block never holds a torn line, except for the very last one, which says so (`open`). Files are read in pieces, never
mapped: a mapped file that is cut while we look kills the process.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from runspect.dataclass import dataclass
from runspect.model import Problem
from runspect.readers.contract import beginning

CHUNK = 2 << 20
"""Bytes read at once; small enough that a block of short rows stays a batch of about 200,000 points."""
LONGEST = 16 << 20
"""Bytes of a line beyond which it is skipped: it is no log record, and it would fill the memory."""


class Readable(Protocol):
    """What can be read from its beginning to its end."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, at most `size`; none at the end."""


_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


@dataclass(frozen=True, slots=True)
class Flaw:
    """Damage at a byte offset of the file: what it is and what it costs."""

    offset: int
    what: str
    effect: str

    def problem(self, path: Path, reader: str) -> Problem:
        """As a line of the health view."""
        return Problem(str(path), self.offset, reader, self.what, self.effect)


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines, each ended by a newline; UTF-16 comes as UTF-8, other bytes as they are, a byte order mark gone."""

    start: int
    """Byte offset of the block in the file."""
    end: int
    """Byte offset behind it."""
    data: bytes
    open: bool = False
    """It is the rest of the file without a newline at its end: a writer may still be at it."""
    skipping: bool = False
    """`end` lies inside a line that is too long to be kept; go on with `skipping=True`."""
    flaws: tuple[Flaw, ...] = ()
    width: int = 1
    """Bytes in the file for one byte of `data` (2 for UTF-16)."""

    def offset(self, position: int) -> int:
        """Byte offset in the file of a position in `data`."""
        return min(self.end, self.start + position * self.width)


NOT_UTF8 = "text that is not UTF-8"
AS_LATIN = "read as Latin-1: names may look wrong"
EMPTY = Flaw(0, "an empty file", "nothing was read from it")


def read_blocks(path: Path, offset: int = 0, skipping: bool = False, chunk: int = CHUNK) -> Iterator[Block]:
    """Blocks of complete lines behind `offset`, then what has no newline yet.

    Raises:
        OSError: The file cannot be opened or read.
    """
    with path.open("rb") as file:
        head = file.read(64)
        if not head:
            yield Block(0, 0, b"", open=True, flaws=(EMPTY,))
            return
        mark, encoding = _encoding(head)
        start = max(offset, len(mark))
        file.seek(start)
        yield from _blocks(file, start, skipping, encoding, chunk)


def blocks_of(source: Readable) -> Iterator[Block]:
    """Blocks of complete lines of UTF-8 that comes piece by piece, then what has no newline."""
    yield from _blocks(source, 0, False, "utf-8", CHUNK)


def text_of(data: bytes) -> str:
    """UTF-8, or Latin-1 for bytes that are not: every byte means something there, so nothing is lost."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def utf8(head: bytes) -> bytes:
    """The first bytes of a text as UTF-8 without byte order mark, if they begin with one; else as they are."""
    mark, encoding = _encoding(head)
    return _utf8(head[len(mark) :], encoding, "ignore")


def read_text(path: Path, limit: int = LONGEST) -> tuple[str, tuple[Flaw, ...]]:
    """A small file whole, decoded, its first `limit` bytes at most, without NUL bytes at its end; and its flaws.

    Raises:
        OSError: The file cannot be opened or read.
    """
    data = beginning(path, limit)
    mark, encoding = _encoding(data)
    if encoding != "utf-8":
        return data[len(mark) :].decode(encoding, "replace").rstrip("\0"), ()
    body = data.rstrip(b"\0")
    flaws: tuple[Flaw, ...] = ()
    if body and len(body) < len(data):
        flaws = (Flaw(len(body), f"{len(data) - len(body):,} NUL bytes at the end", "they are skipped"),)
    if (at := foreign_at(body)) is not None:
        flaws = (Flaw(at, NOT_UTF8, AS_LATIN), *flaws)
    return text_of(body[len(mark) :]), flaws


def foreign_at(data: bytes) -> int | None:
    """Position of the first byte that is not UTF-8, None where all is."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.start
    return None


def _encoding(head: bytes) -> tuple[bytes, str]:
    if head[:1].isascii():
        return b"", "utf-8"  # nearly always
    return next((pair for pair in _BOMS if head.startswith(pair[0])), (b"", "utf-8"))


def _blocks(file: Readable, start: int, skipping: bool, encoding: str, chunk: int) -> Iterator[Block]:
    pending = b""
    newline = "\n".encode(encoding)
    width = len(newline)
    while data := file.read(chunk):
        if skipping:
            cut = _first(data, newline)
            end = start + (cut or len(data))
            skipping = cut == 0
            yield Block(start, end, b"", skipping=skipping)
            start, pending = end, data[cut:] if cut else b""
            data = b""
        if width == 1 and (cut := data.rfind(newline) + 1):
            whole = b"".join((pending, memoryview(data)[:cut]))
            yield Block(start, start + len(whole), whole)
            start, pending = start + len(whole), data[cut:]
            continue
        pending += data
        cut = _last(pending, newline)
        if cut:
            yield Block(start, start + cut, _utf8(pending[:cut], encoding), width=width)
            start, pending = start + cut, pending[cut:]
        elif len(pending) > LONGEST:
            flaw = Flaw(start, f"a line of more than {LONGEST >> 20} MB", "the line is skipped")
            start, pending, skipping = start + len(pending), b"", True
            yield Block(flaw.offset, start, b"", skipping=True, flaws=(flaw,))
    if pending:
        yield _rest(pending, start, encoding, width)


def _rest(pending: bytes, start: int, encoding: str, width: int) -> Block:
    data = _utf8(pending, encoding)
    body = data.rstrip(b"\0")
    flaws: tuple[Flaw, ...] = ()
    if len(body) < len(data):
        at = start + len(body) * width
        flaws = (Flaw(at, f"{len(data) - len(body):,} NUL bytes at the end", "nothing is there to be read"),)
    return Block(start, start + len(pending), data, open=True, flaws=flaws, width=width)


def _utf8(data: bytes, encoding: str, errors: str = "replace") -> bytes:
    return data if encoding == "utf-8" else data.decode(encoding, errors).encode()


def _last(data: bytes, newline: bytes) -> int:
    """Position behind the last newline, 0 if there is none. Those of UTF-16 stand at even positions."""
    width, at = len(newline), len(data)
    while (at := data.rfind(newline, 0, at)) >= 0:
        if at % width == 0:
            return at + width
        at += width - 1
    return 0


def _first(data: bytes, newline: bytes) -> int:
    width, at = len(newline), -1
    while (at := data.find(newline, at + 1)) >= 0:
        if at % width == 0:
            return at + width
    return 0
