"""RocksDB's files read as they lie, without its library and without its lock: tables (`.sst`) and write-ahead logs.

Table: data blocks, an index block of their places, a footer of 53 bytes with the index's place; each block is followed
by a byte that says how it is packed and a checksum. Log: LevelDB's framing; a record is a batch of writes.
https://github.com/facebook/rocksdb/wiki/Rocksdb-BlockBasedTable-Format, …/Write-Ahead-Log-File-Format
"""

from __future__ import annotations

import errno
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from runspect.errors import ReaderFault
from runspect.readers.protobuf import varint
from runspect.readers.records import log_records

LARGEST_FILE = 256 << 20
LARGEST_BLOCK = 64 << 20
MOST_BYTES = 1 << 30
"""Of all keys and values of a database."""
_FOOTER = 53
_MAGIC = 0x88E241B785F4CFF7
_TRAILER = 5
_CODECS = {1: "snappy", 4: "lz4_raw", 5: "lz4_raw", 7: "zstd"}
_DELETED = frozenset((0, 7))
_VALUE = 1
_DELTA_ENCODED = 4
"""Version of the format since which places in the index follow from those before."""


class Write(NamedTuple):
    """One write to a key; `value` is None where it was deleted."""

    key: bytes
    sequence: int
    value: bytes | None


def contents(directory: Path) -> dict[bytes, bytes]:
    """What the database in `directory` holds now.

    Raises:
        OSError: A file cannot be read, or was taken away meanwhile.
        ReaderFault: A file is damaged, or all is larger than `MOST_BYTES`.
    """
    newest: dict[bytes, Write] = {}
    size = 0
    for path in sorted(directory.iterdir()):
        if path.suffix not in (".sst", ".log") or not path.stem.isdigit():
            continue
        for write in _table(path) if path.suffix == ".sst" else _log(path):
            held = newest.get(write.key)
            # Compaction sets the sequence of what can have no older version to 0; files come in their order.
            if held is None or write.sequence >= held.sequence:
                newest[write.key] = write
                size += len(write.key) + len(write.value or b"")
                if size > MOST_BYTES:
                    raise ReaderFault(f"a database of more than {MOST_BYTES >> 20} MB")
    return {key: write.value for key, write in newest.items() if write.value is not None}


def _table(path: Path) -> Iterator[Write]:
    data = _bytes(path)
    if len(data) < _FOOTER or int.from_bytes(data[-8:], "little") != _MAGIC:
        raise ReaderFault(f"{path.name} is no whole RocksDB table")
    footer = data[-_FOOTER:]
    version = int.from_bytes(footer[41:45], "little")
    try:
        at = 1
        for _ in range(2):  # the place of the index of metadata comes first
            offset, at = varint(footer, at)
            length, at = varint(footer, at)
        for place in _places(_block(data, offset, length, version), version):
            yield from _entries(_block(data, *place, version))
    except (IndexError, struct.error) as error:
        raise ReaderFault(f"{path.name} is damaged") from error


def _block(data: bytes, offset: int, length: int, version: int) -> bytes:
    """A block unpacked."""
    end = offset + length
    if end + _TRAILER > len(data):
        raise ReaderFault("a block outside of its RocksDB table")
    kind, packed = data[end], data[offset:end]
    if kind == 0:
        return packed
    # snappy begins with the size by itself, the others since version 2 of the format by RocksDB's hand
    size, at = varint(packed, 0)
    if size > LARGEST_BLOCK:
        raise ReaderFault("a block that swells beyond all measure")
    return _unpacked(kind, packed if kind == 1 else packed[at:], size)


def _unpacked(kind: int, packed: bytes, size: int) -> bytes:
    import pyarrow as pa

    try:
        if kind == 2:
            return zlib.decompressobj(-15).decompress(packed, size)
        if kind in _CODECS:
            found: bytes = pa.decompress(packed, decompressed_size=size, codec=_CODECS[kind], asbytes=True)
            return found
    except (pa.ArrowException, OSError, ValueError, zlib.error) as error:
        raise ReaderFault("a block that cannot be unpacked") from error
    raise ReaderFault(f"a block packed in a way that is not known ({kind})")


def _restarts(block: bytes) -> tuple[int, frozenset[int]]:
    """Where the entries end, and the entries that repeat nothing of the key before."""
    count = int.from_bytes(block[-4:], "little")
    end = len(block) - 4 - 4 * count
    if end < 0:
        raise ReaderFault("a block of a kind that is not known")
    return end, frozenset(struct.unpack_from(f"<{count}I", block, end))


def _places(block: bytes, version: int) -> Iterator[tuple[int, int]]:
    """(offset, length) of each data block."""
    end, restarts = _restarts(block)
    at, offset, length = 0, 0, 0
    while at < end:
        begin = at
        _, at = varint(block, at)
        rest, at = varint(block, at)
        if version < _DELTA_ENCODED:
            _, at = varint(block, at)
        at += rest
        if version < _DELTA_ENCODED or begin in restarts:
            offset, at = varint(block, at)
            length, at = varint(block, at)
        else:
            change, at = varint(block, at)
            offset += length + _TRAILER
            length += (change >> 1) ^ -(change & 1)
        yield offset, length


def _entries(block: bytes) -> Iterator[Write]:
    end, _ = _restarts(block)
    at, key = 0, b""
    while at < end:
        shared, at = varint(block, at)
        rest, at = varint(block, at)
        length, at = varint(block, at)
        key = key[:shared] + block[at : at + rest]
        at += rest + length
        if at > end or len(key) < 8:
            raise ReaderFault("a damaged block of a RocksDB table")
        mark = int.from_bytes(key[-8:], "little")
        kind = mark & 0xFF
        if kind == _VALUE or kind in _DELETED:
            yield Write(key[:-8], mark >> 8, block[at - length : at] if kind == _VALUE else None)


def _log(path: Path) -> Iterator[Write]:
    """The writes of a log; it may end in the middle, or in zeros that were reserved."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            if size > LARGEST_FILE:
                raise ReaderFault(f"{path.name} is larger than {LARGEST_FILE >> 20} MB")
            for record in log_records(file, 0, size, checked=False):
                if record.damage is None:
                    yield from _writes(record.payload)
    except FileNotFoundError as error:
        raise _taken_away(path) from error


def _writes(batch: bytes) -> Iterator[Write]:
    """The writes of one batch, as far as they can be read."""
    if len(batch) < 12:
        return
    sequence, at = int.from_bytes(batch[:8], "little"), 12
    try:
        while at < len(batch):
            kind, at = batch[at], at + 1
            if kind in (4, 5):  # of a column family other than the first: its number
                _, at = varint(batch, at)
            if kind not in (0, 1, 4, 5, 7):
                return
            key, at = _text(batch, at)
            value: bytes | None = None
            if kind in (1, 5):
                value, at = _text(batch, at)
            yield Write(key, sequence, value)
            sequence += 1
    except ReaderFault:
        return


def _text(data: bytes, at: int) -> tuple[bytes, int]:
    length, at = varint(data, at)
    if at + length > len(data):
        raise ReaderFault("a write that is longer than its batch")
    return data[at : at + length], at + length


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except FileNotFoundError as error:
        raise _taken_away(path) from error
    if len(data) > LARGEST_FILE:
        raise ReaderFault(f"{path.name} is larger than {LARGEST_FILE >> 20} MB")
    return data


def _taken_away(path: Path) -> OSError:
    """The database was compacted while we looked: to be tried again."""
    return OSError(errno.EAGAIN, "changed while it was read", str(path))
