"""Writes `.wandb` files for tests, in the forms of versions 0.15 and 0.31."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Mapping

from tests.readers.make_tfevents import part, varint

HEADER = b":W&B\xe1\xbe\x00"
_BLOCK = 32768


def log(records: Iterable[bytes]) -> bytes:
    """A whole file: header, then the records in blocks of 32 KiB."""
    out = bytearray(HEADER)
    for payload in records:
        at, first = 0, True
        while True:
            room = _BLOCK - len(out) % _BLOCK
            if room < 7:
                out += bytes(room)
                continue
            piece = payload[at : at + room - 7]
            at += len(piece)
            last = at == len(payload)
            kind = (1 if last else 2) if first else (4 if last else 3)
            out += struct.pack("<IHB", zlib.crc32(bytes([kind]) + piece), len(piece), kind) + piece
            first = False
            if last:
                break
    return bytes(out)


def item(key: str | tuple[str, ...], value: str, nested: bool = True) -> bytes:
    """An item; `nested` is how 0.31 writes every key, otherwise 0.15."""
    keys = (key,) if isinstance(key, str) else key
    names = b"".join(part(2, name.encode()) for name in keys) if nested else part(1, ".".join(keys).encode())
    return part(1, names + part(16, value.encode()))


def history(number: int, step: int | None, items: Mapping[str, str], nested: bool = True, tail: bytes = b"") -> bytes:
    """A history record of JSON texts."""
    body = b"".join(item(key, value, nested) for key, value in items.items())
    if step is not None:
        body += part(2, b"\x08" + varint(step) if step else b"")
    return b"\x08" + varint(number) + part(2, body) + tail


def summary(number: int, items: Mapping[str, str]) -> bytes:
    """A summary record."""
    return b"\x08" + varint(number) + part(3, b"".join(item(key, value) for key, value in items.items()))


def run(number: int, run_id: str, project: str = "toy", start: int = 1_700_000_000, entity: str = "") -> bytes:
    """A run record."""
    body = part(1, run_id.encode()) + (part(2, entity.encode()) if entity else b"") + part(3, project.encode())
    return b"\x08" + varint(number) + part(17, body + part(17, b"\x08" + varint(start)))


def config(number: int, update: Mapping[str, str], remove: Iterable[str] = ()) -> bytes:
    """A config record."""
    body = b"".join(item(key, value, nested=False) for key, value in update.items())
    body += b"".join(part(2, part(1, key.encode())) for key in remove)
    return b"\x08" + varint(number) + part(5, body)


def finish(number: int, code: int, runtime: int = 0) -> bytes:
    """An exit record."""
    body = (b"\x08" + varint(code) if code else b"") + (b"\x10" + varint(runtime) if runtime else b"")
    return b"\x08" + varint(number) + part(18, body)


def used(number: int, kind: str, name: str) -> bytes:
    """A record of an artifact that the run took in."""
    body = part(1, b"QXJ0aWZhY3Q6MQ==") + part(2, kind.encode()) + part(3, name.encode())
    return b"\x08" + varint(number) + part(25, body)


def logged(number: int, kind: str, name: str, digest: str, *, is_input: bool = False) -> bytes:
    """A record of an artifact that the run logged, perhaps to use it."""
    body = part(4, kind.encode()) + part(5, name.encode()) + part(6, digest.encode())
    body += b"\x48\x01" + (b"\x50\x01" if is_input else b"") + part(11, b"latest")
    return b"\x08" + varint(number) + part(8, body)
