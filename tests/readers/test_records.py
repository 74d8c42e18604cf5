"""Framing: complete records come out, torn ends wait, damage is told with its place."""

from __future__ import annotations

import io
import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from runspect.readers.crc32c import checksums
from runspect.readers.records import (
    BLOCK,
    FRAME_HEAD,
    FRAME_TAIL,
    LogRecord,
    intact,
    log_records,
    masked_crc32c,
    tf_frames,
)
from tests.readers import make_tfevents as tf
from tests.readers import make_wandb as wb

PAYLOADS = st.lists(st.binary(max_size=200), max_size=20)


def read_log(content: bytes, offset: int = len(wb.HEADER)) -> list[LogRecord]:
    return list(log_records(io.BytesIO(content), offset, len(content)))


def test_checksum_is_the_one_of_tensorflow() -> None:
    # RFC 3720 B.4: 32 bytes of zeros have the CRC-32C 8a9136aa; TensorFlow rotates it and adds a constant
    crc = 0x8A9136AA
    assert masked_crc32c(bytes(32)) == ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


@given(st.lists(st.integers(4, 1500), max_size=80), st.integers(0, 1 << 30))
def test_checksums_together_are_those_of_each(sizes: list[int], seed: int) -> None:
    rng = random.Random(seed)
    buffer = rng.randbytes(2000)
    starts = [rng.randint(0, len(buffer) - size) for size in sizes]
    found = checksums(buffer, np.array(starts, np.int64), np.array(sizes, np.int64)).tolist()
    masked = [((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF for crc in found]
    assert masked == [masked_crc32c(buffer[at : at + size]) for at, size in zip(starts, sizes, strict=True)]


def test_checksums_of_long_pieces() -> None:
    buffer = random.Random(1).randbytes(200_000)
    for size in (4096, 65_537, 200_000):
        (crc,) = checksums(buffer, np.array([200_000 - size]), np.array([size])).tolist()
        assert ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF == masked_crc32c(buffer[-size:])


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=60), st.data())
def test_records_that_were_changed_are_not_intact(payloads: list[bytes], data: st.DataObject) -> None:
    changed = data.draw(st.sets(st.integers(0, len(payloads) - 1)))
    frames = [bytearray(tf.record(payload)) for payload in payloads]
    for number in changed:
        at = data.draw(st.integers(FRAME_HEAD, len(frames[number]) - 1))
        frames[number][at] ^= 1 << data.draw(st.integers(0, 7))
    ends = np.cumsum([len(frame) for frame in frames])
    sizes = np.array([len(payload) for payload in payloads], np.int64)
    found = intact(b"".join(frames), ends - FRAME_TAIL - sizes, sizes)
    assert np.flatnonzero(~found).tolist() == sorted(changed)


@given(PAYLOADS, st.integers(0, 400))
def test_frames_end_before_what_is_torn(payloads: list[bytes], missing: int) -> None:
    whole = [tf.record(payload) for payload in payloads]
    buffer = b"".join(whole)[: max(0, sum(map(len, whole)) - missing)]
    frames = tf_frames(buffer, 1000)
    ends = [sum(map(len, whole[:count])) for count in range(len(whole) + 1)]
    complete = max(count for count, end in enumerate(ends) if end <= len(buffer))
    assert frames.starts == ends[:complete]
    assert (frames.end, frames.damaged) == (ends[complete], False)


def test_frames_stop_at_the_limit() -> None:
    frames = tf_frames(tf.record(b"a") * 5, 3)
    assert (len(frames.starts), frames.end, frames.damaged) == (3, 3 * 17, False)


def test_nul_bytes_are_damage_not_empty_records() -> None:
    frames = tf_frames(tf.record(b"abc") + bytes(40), 1000)
    assert (len(frames.starts), frames.end, frames.damaged) == (1, 19, True)


@given(st.lists(st.integers(0, 3 * BLOCK), max_size=8), st.integers(0, 1 << 30))
def test_log_records_of_any_size_come_back(sizes: list[int], seed: int) -> None:
    payloads = [random.Random(seed + size).randbytes(size) for size in sizes]
    content = wb.log(payloads)
    records = read_log(content)
    assert [record.payload for record in records] == payloads
    assert not records or records[-1].end == len(content)


@given(st.lists(st.integers(0, BLOCK), min_size=1, max_size=6), st.data())
def test_log_resumes_at_the_end_of_any_record(sizes: list[int], data: st.DataObject) -> None:
    content = wb.log(bytes([number]) * size for number, size in enumerate(sizes))
    records = read_log(content)
    at = data.draw(st.integers(0, len(records) - 1))
    assert read_log(content, records[at].end) == records[at + 1 :]
    cut = data.draw(st.integers(len(wb.HEADER), len(content)))
    assert read_log(content[:cut]) == [record for record in records if record.end <= cut]


def test_a_damaged_block_costs_that_block_only() -> None:
    payloads = [bytes([number % 251]) * 1000 for number in range(200)]
    content = bytearray(wb.log(payloads))
    content[2 * BLOCK + 500] ^= 0xFF
    records = read_log(bytes(content))
    damage = [record.damage for record in records if record.damage]
    kept = [record.payload for record in records if not record.damage]
    assert [fault.offset for fault in damage] == [2 * BLOCK] and damage[0].what == "a record whose checksum is wrong"
    assert kept[-1] == payloads[-1] and len(kept) >= 200 - BLOCK // 1000 - 2
    assert set(kept) <= set(payloads)


def test_damage_in_the_last_block_may_be_a_write_under_way() -> None:
    content = wb.log([b"one", b"two"]) + bytes(50)
    records = read_log(content)
    assert [record.payload for record in records[:2]] == [b"one", b"two"]
    assert records[2].damage is not None and records[2].damage.what == "NUL bytes instead of a record"
    assert records[2].end == records[2].damage.offset == len(content) - 50
