"""Protocol buffers on the wire: walk the fields of a message without its schema.

Encoding: https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from runspect.errors import ReaderFault

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5

_F64 = struct.Struct("<d")
_F32 = struct.Struct("<f")
_MASK64 = (1 << 64) - 1

Field = tuple[int, int, int, int]
"""Number, wire type, then the value of a varint and 0, or the first byte and the end of the content."""


class WireFault(ReaderFault):
    """The bytes are no message."""


def varint(data: bytes, at: int) -> tuple[int, int]:
    """The unsigned value at `at` and the position behind it.

    Raises:
        WireFault: It has no end, or more than 64 bits.
    """
    value = shift = 0
    try:
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value & _MASK64, at
            shift += 7
            if shift > 63:
                raise WireFault("a number of more than 64 bits")
    except IndexError:
        raise WireFault("a number without an end") from None


def fields(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Field]:
    """The fields of the message in `data[start:end]`, in the order in which they stand there.

    Raises:
        WireFault: The bytes are no message; fields before the fault have been yielded.
    """
    at, stop = start, len(data) if end is None else end
    while at < stop:
        key, at = varint(data, at)
        wire = key & 7
        if wire == VARINT:
            value, at = varint(data, at)
            if at > stop:
                raise WireFault("a field that is longer than its message")
            yield key >> 3, wire, value, 0
            continue
        if wire == BYTES:
            length, at = varint(data, at)
        elif wire == FIXED64:
            length = 8
        elif wire == FIXED32:
            length = 4
        else:
            raise WireFault(f"wire type {wire}")
        if at + length > stop:
            raise WireFault("a field that is longer than its message")
        yield key >> 3, wire, at, at + length
        at += length


def signed(value: int) -> int:
    """A varint as int64."""
    return value - (1 << 64) if value >> 63 else value


def text(data: bytes, start: int, end: int) -> str:
    """A string field; bytes that are no UTF-8 become replacement characters."""
    return str(data[start:end], "utf-8", "replace")


def float64(data: bytes, at: int) -> float:
    """The little-endian double at `at`."""
    value: float = _F64.unpack_from(data, at)[0]
    return value


def float32(data: bytes, at: int) -> float:
    """The little-endian float at `at`."""
    value: float = _F32.unpack_from(data, at)[0]
    return value
