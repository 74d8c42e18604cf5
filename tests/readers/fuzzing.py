"""Damage for binary readers: mutations of real files, what each reader must endure, and a long run in a process of its own.

`python -m tests.readers.fuzzing TARGET SECONDS SEED` runs until the time is over. Its memory is limited, an example that
takes too long kills it, and what it prints last is the number of the example that it was at: the same seed repeats it.
"""

from __future__ import annotations

import io
import random
import resource
import signal
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Literal

from runspect.errors import ReaderFault
from runspect.readers import claim_file, inert_pickle, reader_named, readers, tfevents_chunk
from runspect.readers.contract import Reader
from runspect.readers.protobuf import BYTES, VARINT, fields, signed, text
from runspect.readers.records import FRAME_HEAD, FRAME_TAIL, log_records, tf_frames
from runspect.readers.tfevents_walk import step_by_step, walk
from tests.conftest import FIXTURES
from tests.readers import make_tfevents as tf
from tests.readers import make_wandb as wb
from tests.readers.entries import entries, found_in

MOST_BYTES = 512 << 20
"""Memory that a reader may take beyond what its imports took."""
MOST_SECONDS = 20
"""CPU time of one example; the file is smaller than 200 kB."""
LARGEST_SEED = 100_000
EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, (1 << 63) - 1, (1 << 64) - 1)
Kind = Literal["flip", "cut", "splice", "number", "varint", "insert", "repeat", "zero"]
KINDS: tuple[Kind, ...] = ("flip", "cut", "splice", "number", "varint", "insert", "repeat", "zero")


@dataclass(frozen=True)
class Seed:
    """A real file, by its path below the fixtures."""

    path: str
    content: bytes


@dataclass(frozen=True)
class Mutation:
    """One change at a place, in thousandths of the content."""

    kind: Kind
    place: int
    size: int
    value: int


@dataclass(frozen=True)
class Target:
    """Something that must endure any bytes, and real files to damage."""

    endure: Callable[[Path], None]
    """Raises OSError or ReaderFault, or nothing."""
    seeds: tuple[Seed, ...]
    parts: Callable[[bytes], list[bytes]] | None = None
    """Takes a file apart, so that its parts can be damaged below checksums and archives."""
    joined: Callable[[Sequence[bytes]], bytes] | None = None


def mutated(content: bytes, mutations: Sequence[Mutation], other: bytes) -> bytes:
    """The content with all changes made to it; `other` is what pieces are spliced from."""
    changed = bytearray(content)
    for each in mutations:
        at, value = len(changed) * each.place // 1000, EXTREMES[each.value % len(EXTREMES)]
        if each.kind == "flip" and at < len(changed):
            changed[at] ^= 1 << each.value % 8
        elif each.kind == "cut":
            del changed[at : at + each.size * each.size]
        elif each.kind == "splice":
            begin = len(other) * (each.value % 1000) // 1000
            changed[at : at + each.size] = other[begin : begin + 4 * each.size]
        elif each.kind == "number":
            width = (1, 2, 4, 8)[each.size % 4]
            changed[at : at + width] = (value & (1 << 8 * width) - 1).to_bytes(width, "little")
        elif each.kind == "varint":
            changed[at : at + 1] = tf.varint(value)
        elif each.kind == "insert":
            changed[at:at] = random.Random(each.value).randbytes(each.size)
        elif each.kind == "repeat":
            changed[at:at] = changed[at : at + 8 * each.size] * (1 + each.value % 40)
        elif each.kind == "zero":
            changed[at : at + each.size] = bytes(len(changed[at : at + each.size]))
    return bytes(changed)


def damaged(target: Target, seed: Seed, mutations: Sequence[Mutation], below: bool, other: Seed) -> bytes:
    """A damaged file: its bytes, or with `below` what is inside of its records."""
    if not below or target.parts is None or target.joined is None:
        return mutated(seed.content, mutations, other.content)
    parts = target.parts(seed.content)
    for each in mutations if parts else ():
        number = each.place * len(parts) // 1001
        parts[number] = mutated(
            parts[number], [Mutation(each.kind, each.value % 1000, each.size, each.place)], other.content
        )
    return target.joined(parts)


@lru_cache(maxsize=1)
def targets() -> dict[str, Target]:
    """Every binary reader by its name, and the parts that they are made of."""
    seeds: dict[str, list[Seed]] = {}
    for entry in entries(FIXTURES):
        claim = claim_file(entry)
        if claim is not None and entry.size and (content := entry.absolute.read_bytes()) and _is_binary(content):
            seeds.setdefault(claim.reader, []).append(Seed(entry.path, content[:LARGEST_SEED]))
    found: dict[str, Target] = {}
    for reader in readers():
        if reader.name in seeds:
            apart, together = FRAMES.get(reader.name, (None, None))
            found[reader.name] = Target(partial(_read, reader), tuple(seeds[reader.name]), apart, together)
    found["runspect-archive"] = Target(partial(_read, reader_named("runspect-archive")), tuple(_archives()))
    events, arguments = found["tfevents"], found["hf-args"]
    found["tfevents, both ways"] = Target(_both_ways, events.seeds, events.parts, events.joined)
    inside = tuple(Seed(seed.path, _members(seed.content)[0]) for seed in arguments.seeds)
    found["pickle"] = Target(lambda path: inert_pickle.loads(path.read_bytes()) and None, inside)
    messages = tuple(Seed(seed.path, b"".join(_tf_parts(seed.content)[:20])) for seed in events.seeds)
    found["protobuf"] = Target(lambda path: _walk_message(path.read_bytes()), messages)
    return found


def _archives() -> Iterator[Seed]:
    """Records of the fixtures, packed in each way."""
    for record in sorted(path.parent for path in (FIXTURES / "runspect").glob("*/run.json")):
        for ending, mode in ((".tar", "w:"), (".tar.gz", "w:gz")):
            packed = io.BytesIO()
            with tarfile.open(fileobj=packed, mode=mode) as tar:  # type: ignore[call-overload]  # a mode out of a list
                tar.add(record, record.name)
            yield Seed(f"runs{ending}", packed.getvalue())
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(path for path in record.rglob("*") if path.is_file()):
                archive.write(file, f"{record.name}/{file.relative_to(record)}")
        yield Seed("runs.zip", packed.getvalue())


def _is_binary(content: bytes) -> bool:
    try:
        return b"\0" in content.decode().encode()
    except UnicodeDecodeError:
        return True


def _read(reader: Reader, path: Path) -> None:
    found = found_in(reader, path)
    list(reader.read(path, found.cursor))
    assert all(problem.reader == reader.name for problem in found.problems)
    assert found.cursor.offset <= max(path.stat().st_size, 1 << 15)


def _both_ways(path: Path) -> None:
    """The quick decoder of event files finds what the exact one finds."""
    buffer = path.read_bytes()
    frames = tf_frames(buffer, 1 << 20)
    if not frames.starts:
        return
    small, told = tfevents_chunk.SMALL, []
    for limit, records in ((0, walk(buffer, 1 << 20)), (1 << 30, step_by_step(frames))):
        tfevents_chunk.SMALL = limit
        try:
            chunk = tfevents_chunk.decode_chunk(buffer, records, {})
        finally:
            tfevents_chunk.SMALL = small
        series = [
            (
                span.purge_from,
                {tag: [a.tobytes() for a in (p.steps, p.times, p.values)] for tag, p in span.points.items()},
            )
            for span in chunk.spans()
        ]
        told.append((series, repr((chunk.params, chunk.facts, chunk.texts, chunk.faults, chunk.first_wall))))
    assert told[0] == told[1]


def _walk_message(data: bytes, start: int = 0, end: int | None = None, depth: int = 0) -> None:
    for _, wire, first, stop in fields(data, start, end):
        if wire == VARINT:
            assert -(1 << 63) <= signed(first) < 1 << 63
        elif wire == BYTES:
            text(data, first, stop)
            if depth < 6:
                try:
                    _walk_message(data, first, stop, depth + 1)
                except ReaderFault:
                    continue


def _tf_parts(content: bytes) -> list[bytes]:
    frames = tf_frames(content, 10_000)
    ends = [*frames.starts[1:], frames.end]
    return [content[at + FRAME_HEAD : end - FRAME_TAIL] for at, end in zip(frames.starts, ends, strict=False)]


def _wandb_parts(content: bytes) -> list[bytes]:
    records = log_records(io.BytesIO(content), len(wb.HEADER), len(content))
    return [record.payload for record in records if record.damage is None]


def _members(content: bytes) -> list[bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [archive.read(name) for name in archive.namelist() if name.endswith("data.pkl")]


def _zipped(parts: Sequence[bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", parts[0])
    return file.getvalue()


FRAMES: dict[str, tuple[Callable[[bytes], list[bytes]], Callable[[Sequence[bytes]], bytes]]] = {
    "tfevents": (_tf_parts, lambda parts: b"".join(map(tf.record, parts))),
    "wandb": (_wandb_parts, wb.log),
    "hf-args": (_members, _zipped),
}
"""By reader: how its files are taken apart and put together again. A reader without an entry is damaged from outside."""


def examples(target: Target, chance: random.Random) -> Iterator[tuple[Seed, bytes]]:
    """Damaged files without end."""
    while True:
        seed, other = chance.choice(target.seeds), chance.choice(target.seeds)
        if chance.random() < 0.02:
            yield seed, chance.randbytes(chance.randint(0, 2000))
            continue
        mutations = [
            Mutation(chance.choice(KINDS), chance.randint(0, 1000), chance.randint(0, 40), chance.randint(0, 1 << 16))
            for _ in range(chance.choice((1, 1, 2, 3, 8, 30)))
        ]
        yield seed, damaged(target, seed, mutations, chance.random() < 0.6, other)


def soak(name: str, seconds: float, number: int) -> None:
    """Endure examples for so long. A hang or an exhausted memory kills the process."""
    target = targets()[name]
    target.endure(_written(Path(tempfile.mkdtemp()), target.seeds[0].path, target.seeds[0].content))  # imports all
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + MOST_BYTES, taken + MOST_BYTES))
    chance, count, over = random.Random(number), 0, time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        for seed, content in examples(target, chance):
            if time.monotonic() > over:
                break
            count += 1
            sys.stdout.write(f"{count}\n" if count % 100 == 0 else "")
            path = _written(Path(folder), seed.path, content)
            signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
            try:
                target.endure(path)
            except (OSError, ReaderFault):
                pass
            except BaseException:
                kept = Path(tempfile.gettempdir()) / f"fuzz-{number}-{count}-{path.name}"
                kept.write_bytes(content)
                sys.stdout.write(f"example {count} of seed {number}: {kept}\n")
                raise
    sys.stdout.write(f"{name}: {count:,} examples endured\n")


def _written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


if __name__ == "__main__":
    soak(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]))
