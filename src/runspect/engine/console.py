"""Pieces of console logs, read straight from the file: its end at once, however long it is."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol

from runspect.dataclass import dataclass
from runspect.errors import NotFound
from runspect.masking import mask_text, printable
from runspect.model import LogPage

PAGE_BYTES = 4 << 20
"""Bytes of one page: a progress bar without newlines can be one line of a gigabyte."""
BLOCK_BYTES = 1 << 16
LINE_CHARS = 4_000
SETTLED_S = 3.0
"""An unfinished last line that was not written on for so long counts as a line."""
_LAST_STATE = re.compile(r"[^\r]+$")


class Content(Protocol):
    """What a page is read from."""

    def seek(self, offset: int, /) -> object:
        """Go to a byte."""
        ...

    def read(self, size: int, /) -> bytes:
        """The next bytes."""
        ...


@dataclass(frozen=True, slots=True)
class _Encoding:
    """How bytes become lines: `newline` stands at multiples of its own length, counted from the file's start."""

    newline: bytes
    decode: Callable[[bytes], str]


def read_page(path: Path, offset: int | None, lines: int, clock: Callable[[], float] = time.time) -> LogPage:
    """`lines` lines from `offset` on, the lines before `offset` when `lines` is negative, or the last ones without one.

    `LogPage.path` and `.files` are for the caller to fill in. An unfinished last line stays out of the page, and
    `next_offset` before it, until it ends or has rested for some seconds; `pending` holds it meanwhile.

    Raises:
        NotFound: The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            return page_of(file, status.st_size, offset, lines, settled=clock() - status.st_mtime > SETTLED_S)
    except OSError as error:
        raise NotFound(f"{path}: {os.strerror(error.errno) if error.errno else error}") from error


def page_of(file: Content, size: int, offset: int | None, lines: int, *, settled: bool) -> LogPage:
    """`read_page` of what lies in `file`; `settled` where an unfinished last line will not be written on."""
    file.seek(0)
    encoding = _encoding(file.read(1024))
    if offset is not None and offset > size:  # truncated or replaced: its end is what there is
        offset = None
    backwards = offset is None or lines < 0
    end = size if offset is None or lines >= 0 else offset
    start = _before(file, end, abs(lines), encoding) if offset is None or lines < 0 else offset
    return _page(file, start, end, abs(lines), encoding, size, settled, backwards)


def clean(text: str) -> str:
    """A console line as a person saw it last: bars folded, no escapes, no secrets, not endless."""
    last = _LAST_STATE.search(text.rstrip("\r"))
    line = text.rstrip("\r")[last.start() :] if last else ""
    # Cut before the masking as well: its patterns need not walk a line of megabytes.
    shown = mask_text(printable(line[: 4 * LINE_CHARS]))
    return shown if len(shown) <= LINE_CHARS else shown[: LINE_CHARS - 1] + "…"


def _page(
    file: Content, start: int, end: int, lines: int, encoding: _Encoding, size: int, settled: bool, backwards: bool
) -> LogPage:
    file.seek(start)
    raw = file.read(min(end - start, PAGE_BYTES))
    pieces, rest = _split(raw, start, encoding.newline)
    whole = len(pieces) < lines or (backwards and len(pieces) == lines)
    pieces = pieces[:lines]
    next_offset = start + sum(map(len, pieces))
    texts = [clean(_text(piece, encoding)) for piece in pieces]
    pending = ""
    if whole and rest:
        text = clean(_text(rest, encoding))
        if next_offset + len(rest) < size and len(raw) == PAGE_BYTES:
            # One line larger than a page: its beginning stands for it.
            texts.append(text if text.endswith("…") else f"{text}…")
            next_offset += len(rest)
        elif settled:
            texts.append(text)
            next_offset += len(rest)
        else:
            pending = text
    if len(texts) > lines:
        texts, start = texts[1:], start + len(pieces[0])
    return LogPage("", tuple(texts), start, next_offset, size, pending=pending)


def _before(file: Content, end: int, lines: int, encoding: _Encoding) -> int:
    """Where the last `lines` lines before `end` begin; an unfinished line at `end` comes on top of them."""
    floor = max(0, end - PAGE_BYTES)
    floor -= floor % len(encoding.newline)
    position, newlines = end, 0
    while position > floor:
        block_start = max(floor, (position - 1) // BLOCK_BYTES * BLOCK_BYTES)
        file.seek(block_start)
        block = file.read(position - block_start)
        for at in reversed(_positions(block, block_start, encoding.newline)):
            newlines += 1
            if newlines > lines:
                return block_start + at + len(encoding.newline)
        position = block_start
    return floor


def _positions(block: bytes, start: int, newline: bytes) -> list[int]:
    found, width, at = [], len(newline), block.find(newline)
    while at >= 0:
        if (start + at) % width == 0:
            found.append(at)
            at = block.find(newline, at + width)
        else:
            at = block.find(newline, at + 1)
    return found


def _split(raw: bytes, start: int, newline: bytes) -> tuple[list[bytes], bytes]:
    pieces, begin = [], 0
    for at in _positions(raw, start, newline):
        pieces.append(raw[begin : at + len(newline)])
        begin = at + len(newline)
    return pieces, raw[begin:]


def _text(piece: bytes, encoding: _Encoding) -> str:
    # A bar of megabytes: only its last state is shown.
    line = piece.removesuffix(encoding.newline)
    return encoding.decode(line[-4 * BLOCK_BYTES :] if b"\r" in line else line)


def _encoding(head: bytes) -> _Encoding:
    for mark, name in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark) or _looks_like(head, name):
            return _Encoding("\n".encode(name), partial(_utf16, name=name))
    return _Encoding(b"\n", _utf8_or_latin1)


def _looks_like(head: bytes, name: str) -> bool:
    """UTF-16 without its mark: most second bytes of Western text are zero."""
    zeros = head[1::2] if name == "utf-16-le" else head[0::2]
    others = head[0::2] if name == "utf-16-le" else head[1::2]
    return len(zeros) >= 4 and zeros.count(0) > 0.6 * len(zeros) and others.count(0) < 0.1 * len(others)


def _utf16(raw: bytes, name: str) -> str:
    return raw.decode(name, "replace").lstrip("\ufeff")


def _utf8_or_latin1(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
