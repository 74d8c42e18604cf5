"""The members of a tar archive, one after the other, plain or gzipped; nothing is unpacked to the disk.

Only what is asked for is kept, and never more than a piece of it: a header that lies, a name of gigabytes or a bomb costs
no more than `MOST_BYTES` of unpacking. Headers: POSIX.1-2001 (ustar and pax), and GNU's long names.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from runspect.errors import ReaderFault
from runspect.readers.lines import Readable

BLOCK = 512
MOST_BYTES = 4 << 30
"""Bytes unpacked of one archive."""
MOST_MEMBERS = 100_000
LONGEST_NAME = 64 << 10
"""Bytes of an extended header."""
GZIP = b"\x1f\x8b"
_CHUNK = 1 << 20
_FILE = frozenset((b"0", b"\0", b"7"))
_WITHOUT_CONTENT = frozenset((b"1", b"2", b"3", b"4", b"5", b"6"))
"""Links, devices, directories."""


class Member:
    """A file of the archive, to be read before the next one is asked for."""

    def __init__(self, name: str, size: int, source: Readable) -> None:
        self.name = name
        """With slashes, as it stands there: it may lead anywhere."""
        self.left = size
        """Bytes that were not read yet."""
        self._source = source

    def read(self, size: int, /) -> bytes:
        """The next bytes, at most `size`; none at its end.

        Raises:
            ReaderFault: The archive ends in the middle of it.
        """
        if self.left <= 0:
            return b""
        data = self._source.read(min(size, self.left))
        if not data:
            raise ReaderFault("an archive that ends in the middle")
        self.left -= len(data)
        return data


@contextmanager
def tar_members(path: Path) -> Iterator[Iterator[Member]]:
    """The files of an archive in their order.

    Raises:
        OSError: The file cannot be opened or read.
        ReaderFault: While they are gone through: it is damaged, cut, or too large.
    """
    with path.open("rb") as file:
        packed = file.read(2) == GZIP
        file.seek(0)
        yield _members(_Bounded(gzip.GzipFile(fileobj=file) if packed else file))


def names_in(begin: bytes) -> list[str]:
    """The names of the first members, as far as the first bytes of an archive tell."""
    if begin.startswith(GZIP):
        unpacker = zlib.decompressobj(wbits=31)
        try:
            begin = unpacker.decompress(begin, 256 * BLOCK)
        except zlib.error:
            return []
    found: list[str] = []
    with suppress(ReaderFault):  # the archive goes on
        found.extend(member.name for member in _members(_Bounded(_Bytes(begin))))
    return found


class _Bytes:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def read(self, size: int, /) -> bytes:
        piece = self._data[self._at : self._at + size]
        self._at += len(piece)
        return piece


class _Bounded:
    """Counts what is unpacked, and says damage in our words."""

    def __init__(self, source: BinaryIO | gzip.GzipFile | _Bytes) -> None:
        self._source = source
        self._read = 0

    def read(self, size: int, /) -> bytes:
        try:
            data = self._source.read(size)
        except (gzip.BadGzipFile, zlib.error) as error:
            raise ReaderFault(f"a damaged archive: {str(error)[:80]}") from error
        except EOFError as error:
            raise ReaderFault("an archive that ends in the middle") from error
        self._read += len(data)
        if self._read > MOST_BYTES:
            raise ReaderFault(f"an archive of more than {MOST_BYTES >> 30} GB")
        return data

    def skip(self, size: int) -> None:
        """Pass over bytes; without reading them where the archive is not packed."""
        if isinstance(self._source, gzip.GzipFile | _Bytes):
            while size > 0 and (data := self.read(min(size, _CHUNK))):
                size -= len(data)
        else:
            self._source.seek(size, 1)


def _members(source: _Bounded) -> Iterator[Member]:
    named: str | None = None
    sized: int | None = None
    for _ in range(MOST_MEMBERS):
        header = _exactly(source, BLOCK)
        if not header.strip(b"\0"):
            return
        if len(header) < BLOCK or not _checks(header):
            raise ReaderFault("an archive that ends in the middle" if len(header) < BLOCK else "a damaged archive")
        size, kind = _number(header[124:136]), header[156:157]
        if kind in (b"x", b"g", b"L", b"K"):
            extra = _extra(source, size)
            if kind == b"L":
                named = _text(extra.partition(b"\0")[0])
            elif kind == b"x":
                named, sized = _pax(extra, named)
            continue
        size = size if sized is None else sized
        member = Member(named if named is not None else _name(header), size, source)
        named = sized = None
        if kind not in _FILE:
            source.skip(0 if kind in _WITHOUT_CONTENT else -(-size // BLOCK) * BLOCK)
            continue
        yield member
        source.skip(member.left + -size % BLOCK)
    raise ReaderFault(f"an archive of more than {MOST_MEMBERS:,} files")


def _exactly(source: Readable, size: int) -> bytes:
    data = b""
    while len(data) < size and (more := source.read(size - len(data))):
        data += more
    return data


def _extra(source: _Bounded, size: int) -> bytes:
    if size > LONGEST_NAME:
        raise ReaderFault("a damaged archive: a name that is too long")
    data = _exactly(source, size)
    source.skip(-size % BLOCK)
    return data


def _pax(extra: bytes, named: str | None) -> tuple[str | None, int | None]:
    """Name and size in records "LENGTH KEY=VALUE\\n"."""
    sized: int | None = None
    while extra:
        digits, space, _ = extra.partition(b" ")
        length = int(digits) if digits.isdigit() and len(digits) < 8 else 0
        if not space or not len(digits) + 1 < length <= len(extra):
            break
        key, _, value = extra[len(digits) + 1 : length - 1].partition(b"=")
        if key == b"path":
            named = _text(value)
        elif key == b"size" and value.isdigit() and len(value) < 20:
            sized = int(value)
        extra = extra[length:]
    return named, sized


def _name(header: bytes) -> str:
    name, prefix = header[:100].partition(b"\0")[0], header[345:500].partition(b"\0")[0]
    return _text(prefix + b"/" + name if prefix and header[257:262] == b"ustar" and header[262:263] != b" " else name)


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace")


def _number(field: bytes) -> int:
    """Octal digits, or 256 as the base (GNU)."""
    if field[0] & 0x80:
        return int.from_bytes(field[1:], "big") if field[0] == 0x80 else 0
    digits = field.strip(b" \0")
    try:
        return max(0, int(digits, 8)) if digits else 0
    except ValueError as error:
        raise ReaderFault("a damaged archive") from error


def _checks(header: bytes) -> bool:
    try:
        wanted = _number(header[148:156])
    except ReaderFault:
        return False
    return sum(header[:148]) + 8 * 32 + sum(header[156:]) == wanted
