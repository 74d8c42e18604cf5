"""How records are framed: TFRecord (event files) and the LevelDB log (`.wandb`).

TFRecord: `u64 length | u32 crc of the length | data | u32 crc of the data`, CRC-32C, masked
(tensorflow/core/lib/hash/crc32c.h). It cannot be resynchronised: behind a bad length everything is lost.

LevelDB log: blocks of 32 KiB holding chunks `u32 crc32 over type and payload | u16 length | u8 type | payload`; a
record is one full chunk or a first, middle and last one. Reading goes on at the block behind a bad chunk
(leveldb/doc/log_format.md; W&B uses the plain IEEE CRC and begins block 0 with its own 7-byte header).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from functools import lru_cache, partial
from typing import BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt

from runspect.dataclass import dataclass
from runspect.errors import ReaderFault
from runspect.readers.crc32c import checksums

MAX_RECORD = 1 << 30
"""Bytes; a TFRecord that claims more is damage, as it is for TensorBoard."""
FRAME_HEAD, FRAME_TAIL = 12, 4
FEW_BYTES = 2048
"""Bytes of data up to which checksums byte by byte are quicker than all together."""
BLOCK = 32768
MAX_LOG_RECORD = 256 << 20
"""Bytes; a `.wandb` record that grows beyond is dropped."""

_U64 = struct.Struct("<Q")
_U32 = struct.Struct("<I")
_CHUNK = struct.Struct("<IHB")
_HEAD = _CHUNK.size
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4
_CRC_OF_KIND = tuple(zlib.crc32(bytes([kind])) for kind in range(_LAST + 1))
"""The checksum of a chunk begins with its kind."""


def _crc32c_table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return tuple(table)


_CRC32C = _crc32c_table()


def crc32c(data: bytes) -> int:
    """The CRC-32C of `data`, byte by byte."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _CRC32C[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def masked_crc32c(data: bytes) -> int:
    """The checksum that TFRecord stores for `data`."""
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def masked(crc: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """The checksums that TFRecord stores, from the CRC-32C of records."""
    return (crc >> np.uint32(15) | crc << np.uint32(17)) + np.uint32(0xA282EAD8)


def unmasked(stored: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """The CRC-32C of records from the checksums that TFRecord stores for them."""
    turned = stored - np.uint32(0xA282EAD8)
    return turned >> np.uint32(17) | turned << np.uint32(15)


@lru_cache(maxsize=4096)
def frame_size(head: bytes) -> int | None:
    """Bytes of a whole TFRecord frame from its first 12 bytes, or None when they are no frame's head.

    Few lengths occur in a file, so nearly every call is answered from the cache.
    """
    length: int = _U64.unpack_from(head)[0]
    if length > MAX_RECORD or _U32.unpack_from(head, 8)[0] != masked_crc32c(head[:8]):
        return None
    return FRAME_HEAD + length + FRAME_TAIL


@dataclass(frozen=True, slots=True)
class Frames:
    """The complete TFRecord frames in a buffer."""

    starts: list[int]
    """Where each frame's head begins in the buffer, ascending, without gaps."""
    end: int
    """Where the last one ends: the next frame's head, whole or torn, or damage."""
    wanted: int
    """Bytes of the frame at `end` as its head says; 0 when the head is torn or there is none."""
    damaged: bool
    """What stands at `end` is no frame's head."""


def tf_frames(buffer: bytes, limit: int, at: int = 0) -> Frames:
    """Split a buffer from `at` on into at most `limit` frames, checking each length against its checksum."""
    starts: list[int] = []
    append = starts.append
    sizes: dict[bytes, int] = {}
    size = len(buffer)
    while len(starts) < limit:
        try:
            for _ in range(limit - len(starts)):
                # the slice behind the last whole head is short and so never found: no other test is needed
                frame = sizes[buffer[at : at + FRAME_HEAD]]
                append(at)
                at += frame
        except KeyError as missing:
            head: bytes = missing.args[0]
        else:
            break
        if len(head) < FRAME_HEAD:
            break
        known = frame_size(head)
        if known is None:
            return Frames(starts, at, 0, True)
        sizes[head] = known
    if at <= size:
        return Frames(starts, at, 0, False)
    torn = starts.pop()
    return Frames(starts, torn, at - torn, False)


def intact(buffer: bytes, starts: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which records `buffer[start : start + size]` match the checksum that stands behind them."""
    tails = np.ndarray((len(buffer) - FRAME_TAIL + 1, FRAME_TAIL), np.uint8, buffer, strides=(1, 1))
    stored = tails[starts + sizes].view("<u4").ravel()
    if sizes.sum() <= FEW_BYTES:
        pairs = zip(starts.tolist(), sizes.tolist(), strict=True)
        found = np.array([masked_crc32c(buffer[at : at + size]) for at, size in pairs], np.uint32)
    else:
        found = _masked_crc32c_of_many(buffer, starts, sizes)
    same: npt.NDArray[np.bool_] = found == stored
    return same


def _masked_crc32c_of_many(
    buffer: bytes, starts: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64]
) -> npt.NDArray[np.uint32]:
    found = np.zeros(len(starts), np.uint32)
    short = sizes < 4
    crc = checksums(buffer, starts, sizes) if not short.any() else checksums(buffer, starts[~short], sizes[~short])
    found[~short] = masked(crc)
    for number in np.flatnonzero(short).tolist():
        found[number] = masked_crc32c(buffer[starts[number] : starts[number] + sizes[number]])
    return found


class LogRecord(NamedTuple):
    """One record of a LevelDB log, or the damage that stands in its place."""

    end: int
    """File offset behind it: reading may be resumed here."""
    payload: bytes
    damage: ReaderFault | None = None


_log_record = partial(tuple.__new__, LogRecord)
"""A record from its three fields, twice as fast as by its class."""


def log_records(file: BinaryIO, offset: int, size: int, checked: bool = True) -> Iterator[LogRecord]:
    """The complete records between `offset` (a chunk's beginning) and `size`.

    Not `checked`: the checksums are of another kind, and what stands in the records is judged by the caller.

    Damage with a block behind it is reported and skipped. Damage in the last block may be a write under way, so the
    walk ends there with a report whose `end` is before the damage. A torn end is no damage.
    """
    parts: list[bytes] = []
    begin = gathered = 0
    for end, kind, payload, fault in _chunks(file, offset, size, checked):
        if kind == _FULL and not parts:
            yield _log_record((end, payload, None))
        elif fault is not None:
            parts = []
            yield LogRecord(end, b"", fault)
        elif kind in (_FULL, _FIRST):
            if parts:
                yield LogRecord(end - len(payload) - _CHUNK.size, b"", ReaderFault("a record without its end", begin))
            parts = []
            if kind == _FULL:
                yield LogRecord(end, payload)
            else:
                parts, gathered, begin = [payload], len(payload), end - len(payload) - _CHUNK.size
        elif parts:
            parts.append(payload)
            gathered += len(payload)
            if kind == _LAST:
                yield LogRecord(end, b"".join(parts))
                parts = []
            elif gathered > MAX_LOG_RECORD:
                parts = []
                yield LogRecord(end, b"", ReaderFault("a record of more than 256 MiB", begin))


def _chunks(
    file: BinaryIO, offset: int, size: int, checked: bool
) -> Iterator[tuple[int, int, bytes, ReaderFault | None]]:
    """(end, kind, payload, damage) of each chunk; a block is read at a time."""
    start, unpack = offset, _CHUNK.unpack_from
    while start < size:
        block_end = start - start % BLOCK + BLOCK
        file.seek(start)
        block = file.read(min(block_end, size) - start)
        room, filled, at = block_end - start, len(block), 0
        while room - at >= _HEAD:
            if at + _HEAD > filled:
                return
            crc, length, kind = unpack(block, at)
            end = at + _HEAD + length
            plausible = _FULL <= kind <= _LAST and end <= room
            if plausible and end > filled:
                return
            payload = block[at + _HEAD : end]
            if not plausible or (checked and zlib.crc32(payload, _CRC_OF_KIND[kind]) != crc):
                last = block_end >= size
                yield start + at if last else block_end, 0, b"", ReaderFault(_damage(block, at), start + at)
                if last:
                    return
                break
            yield start + end, kind, payload, None
            at = end
        start = block_end


def _damage(block: bytes, at: int) -> str:
    if not block[at:].strip(b"\0"):
        return "NUL bytes instead of a record"
    return "a record whose checksum is wrong"
