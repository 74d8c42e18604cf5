"""Cursors against files: may reading go on where it stopped, or was the file replaced?"""

from __future__ import annotations

import os
import zlib
from pathlib import Path

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
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if os.fstat(file).st_size < cursor.offset:
            return False
        return _signatures(file, cursor.offset) == (cursor.head_sig, cursor.tail_sig)
    finally:
        os.close(file)


def sealed(cursor: Cursor, path: Path) -> Cursor:
    """`cursor` with the size and signatures that let `still_valid` judge it later.

    Raises:
        OSError: The file cannot be read.
    """
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        size = os.fstat(file).st_size
        head, tail = _signatures(file, cursor.offset)
    finally:
        os.close(file)
    return Cursor(cursor.offset, size, head, tail, cursor.state)


def _signatures(file: int, offset: int) -> tuple[str, str]:
    head = zlib.crc32(os.pread(file, min(HEAD_SPAN, offset), 0))
    start = max(0, offset - TAIL_SPAN)
    tail = zlib.crc32(os.pread(file, offset - start, start))
    return f"{head:08x}", f"{tail:08x}"
