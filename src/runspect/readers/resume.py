"""Cursors against files: may reading go on where it stopped, or was the file replaced?"""

from __future__ import annotations

import zlib
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from runspect.readers.contract import Cursor

HEAD_SPAN = 1024
TAIL_SPAN = 64


def still_valid(cursor: Cursor, path: Path) -> bool:
    """Whether `path` still begins with what `cursor` says was read.

    A file that shrank, or whose first bytes or last-read bytes changed, must be read again from the start.

    Raises:
        OSError: The file cannot be read.
    """
    if cursor.offset == 0:
        return True
    with path.open("rb") as file:
        if file.seek(0, 2) < cursor.offset:
            return False
        return _signatures(file, cursor.offset) == (cursor.head_sig, cursor.tail_sig)


def sealed(cursor: Cursor, path: Path) -> Cursor:
    """`cursor` with the size and signatures that let `still_valid` judge it later.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        head, tail = _signatures(file, cursor.offset)
    return replace(cursor, size=size, head_sig=head, tail_sig=tail)


def _signatures(file: BinaryIO, offset: int) -> tuple[str, str]:
    file.seek(0)
    head = zlib.crc32(file.read(min(HEAD_SPAN, offset)))
    start = max(0, offset - TAIL_SPAN)
    file.seek(start)
    tail = zlib.crc32(file.read(offset - start))
    return f"{head:08x}", f"{tail:08x}"
