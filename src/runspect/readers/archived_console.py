"""The console of a record that lies in an archive, a stretch of it at a time; nothing is unpacked to the disk."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from runspect.dataclass import dataclass
from runspect.errors import ReaderFault
from runspect.readers.claims import run_key
from runspect.readers.lines import Readable
from runspect.readers.runspect_archive import CONSOLE, members, place_of

BLOCK = 4 << 20
"""Bytes; a stretch is the block that is asked for and those before and behind it."""
HEAD = 1024
"""Bytes of the beginning that come with each stretch: they tell the encoding."""
LARGEST = 1 << 30
"""Bytes that are unpacked to come to a stretch."""


class NoConsole(ReaderFault):
    """The record has none."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a file."""

    head: bytes
    start: int
    """Where `data` begins."""
    data: bytes
    size: int
    """Bytes of the whole file."""


@lru_cache(maxsize=2)
def stretch(path: Path, signature: tuple[int, int], key: str, block: int | None) -> Stretch:
    """The stretch around a block of the console of the record `key`, the last one without a block.

    Args:
        signature: Size and modification time of the archive: what was read of another one is read anew.

    Raises:
        OSError: The archive cannot be opened or read.
        NoConsole: It holds none of that record.
        ReaderFault: It is damaged, or more than `LARGEST` lies before the stretch.
    """
    with members(path) as found:
        for name, source in found:
            place = place_of(name)
            if place is not None and place[1] == CONSOLE and run_key(place[0]) == key:
                return _stretch(source, block)
    raise NoConsole("no console log in it")


def copy(path: Path, key: str, target: Path) -> int:
    """Write the console of the record `key` to a new file; its bytes, 0 where there is none.

    Raises:
        OSError: The archive cannot be read, or the file not written.
        ReaderFault: The archive is damaged.
    """
    with members(path) as found:
        for name, source in found:
            place = place_of(name)
            if place is not None and place[1] == CONSOLE and run_key(place[0]) == key:
                with target.open("xb") as file:
                    while data := source.read(1 << 20):
                        file.write(data)
                    return file.tell()
    return 0


def _stretch(source: Readable, block: int | None) -> Stretch:
    """Kept are three blocks at most, however much goes by."""
    low = 0 if block is None else max(0, block - 1) * BLOCK
    high = None if block is None else (block + 2) * BLOCK
    kept, size, head = bytearray(), 0, b""
    while data := source.read(1 << 20):
        size += len(data)
        if size > LARGEST:
            raise ReaderFault(f"a console log of more than {LARGEST >> 30} GB in an archive")
        head += data[: HEAD - len(head)]
        before = size - len(data)
        if high is None:
            kept += data
            if len(kept) > 3 * BLOCK:
                del kept[: len(kept) - 2 * BLOCK]
            low = size - len(kept)
        elif before < high and size > low:
            kept += data[max(0, low - before) : high - before]
    return Stretch(head, min(low, size), bytes(kept), size)
