"""Writes event files for tests, in the forms of the real writers."""

from __future__ import annotations

import struct
from functools import lru_cache

from runspect.readers.records import masked_crc32c


def varint(value: int) -> bytes:
    """A protobuf varint; negative values take ten bytes."""
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def part(number: int, content: bytes) -> bytes:
    """A length-delimited field."""
    return varint(number << 3 | 2) + varint(len(content)) + content


@lru_cache(maxsize=4096)
def _head(length: int) -> bytes:
    packed = struct.pack("<Q", length)
    return packed + struct.pack("<I", masked_crc32c(packed))


def record(data: bytes) -> bytes:
    """A TFRecord frame."""
    return _head(len(data)) + data + struct.pack("<I", masked_crc32c(data))


def event(wall: float, step: int, body: bytes = b"") -> bytes:
    """An Event; step 0 is left out, as every writer does."""
    return b"\x09" + struct.pack("<d", wall) + (b"\x10" + varint(step) if step else b"") + body


def version(wall: float) -> bytes:
    """The first record of a file."""
    return event(wall, 0, part(3, b"brain.Event:2"))


def summary(*values: bytes) -> bytes:
    """A Summary of values."""
    return part(5, b"".join(part(1, value) for value in values))


def simple(tag: str, value: float) -> bytes:
    """A value as torch, tensorboardX and TF1 write it."""
    return part(1, tag.encode()) + b"\x15" + struct.pack("<f", value)


def metadata(plugin: str, content: bytes = b"") -> bytes:
    """The metadata field of a value."""
    return part(9, part(1, part(1, plugin.encode()) + (part(2, content) if content else b"")))


def tensor(tag: str, value: float, plugin: str | None = "scalars", double: bool = False) -> bytes:
    """A scalar as TF2 writes it (`tensor_content`)."""
    packed = struct.pack("<d" if double else "<f", value)
    inner = b"\x08" + varint(2 if double else 1) + b"\x12\x00" + part(4, packed)
    return part(1, tag.encode()) + part(8, inner) + (metadata(plugin) if plugin is not None else b"")


def packed_tensor(tag: str, value: float) -> bytes:
    """A scalar as torch writes it with `new_style=True` (`float_val`)."""
    inner = b"\x08\x01" + part(5, struct.pack("<f", value))
    return part(1, tag.encode()) + part(8, inner) + metadata("scalars")


def typed_tensor(tag: str, dtype: int, field: int, raw: int) -> bytes:
    """A scalar of an integer or half type (`int_val`, `int64_val`, `half_val`)."""
    inner = b"\x08" + varint(dtype) + part(field, varint(raw))
    return part(1, tag.encode()) + part(8, inner) + metadata("scalars")


def text(tag: str, body: str, plugin: str | None = "text") -> bytes:
    """A text."""
    return part(1, tag.encode()) + part(8, b"\x08\x07" + part(8, body.encode())) + (metadata(plugin) if plugin else b"")


def histogram(tag: str, body: bytes) -> bytes:
    """A histogram of which nothing but the length matters."""
    return part(1, tag.encode()) + part(5, body)


def session_start() -> bytes:
    """SessionLog START: the body of an event that voids later steps of earlier files."""
    return part(7, b"\x08\x01")
