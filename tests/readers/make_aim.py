"""Write-ahead logs of RocksDB and Aim's keys and values, made by hand."""

from __future__ import annotations

import struct
from pathlib import Path


def varint(value: int) -> bytes:
    """A variable-length number."""
    out = b""
    while value > 0x7F:
        out, value = out + bytes([value & 0x7F | 0x80]), value >> 7
    return out + bytes([value])


def log_of(path: Path, *batches: tuple[int, dict[bytes, bytes | None]]) -> None:
    """A write-ahead log; checksums are not looked at."""
    data = b""
    for sequence, writes in batches:
        batch = struct.pack("<QI", sequence, len(writes))
        for key, value in writes.items():
            batch += bytes([value is not None]) + varint(len(key)) + key
            batch += b"" if value is None else varint(len(value)) + value
        data += struct.pack("<IHB", 0, len(batch), 1) + batch
    path.write_bytes(data)


def key(*parts: str | int) -> bytes:
    """The key of a path."""
    return b"".join(
        b"\xfe" + part.to_bytes(8, "big") + b"\xfe" if isinstance(part, int) else part.encode() + b"\xfe"
        for part in parts
    )


def double(value: float) -> bytes:
    """A value of a double."""
    return b"\x03" + struct.pack("<d", value)


def integer(value: int) -> bytes:
    """A value of an integer."""
    return b"\x02" + struct.pack("<q", value)
