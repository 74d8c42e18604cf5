"""TensorBoard event files of torch, tensorboardX, TF1, TF2 and all that write through them."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterator, Sequence
from math import isfinite
from pathlib import Path
from typing import BinaryIO

from runspect.dataclass import dataclass, field
from runspect.model import Claim, Json, Problem
from runspect.readers.claims import saved_hint
from runspect.readers.contract import Batch, Cursor, Entry, Mode, with_offset
from runspect.readers.first_values import values_hint
from runspect.readers.protobuf import WireFault
from runspect.readers.records import FRAME_HEAD, FRAME_TAIL, frame_size, tf_frames
from runspect.readers.tfevents_chunk import Chunk, Fault, Span, decode_chunk
from runspect.readers.tfevents_event import HPARAMS, decode_event, scalar_of
from runspect.readers.tfevents_name import writer_in
from runspect.readers.tfevents_plugins import has_session_start
from runspect.readers.tfevents_walk import walk

CHUNK = 8 << 20
"""Bytes read at once; a longer record is no scalar and is stepped over unread."""
MOST_RECORDS = 150_000
"""Records in a batch."""
_TRAINER = (b"args/text_summary", b'"output_dir"')
"""Hugging Face's callback writes the Trainer's arguments before all else."""
_HINT_TAGS = 8
_HINT_VALUES = 12
_HINT_RECORDS = 24
"""Records of the head looked at for hints, once a scalar was found."""
_NO_LOG = (".gz", ".xz", ".bz2", ".zip", ".zst", ".tar", ".tgz", ".profile-empty")


@dataclass(slots=True)
class _State:
    """What a later read must know; kept as JSON in the cursor."""

    start: float | None = None
    """When the writer began."""
    earliest: float | None = None
    """The earliest time so far, the writer's start included: points may bear times from before they were written."""
    plugins: dict[str, str] = field(default_factory=dict)
    """Tags of tensors that are no scalars, with their plug-in."""
    told: int = -1
    """Offset of the damage that was reported."""

    @classmethod
    def of(cls, cursor: Cursor) -> _State:
        try:
            seen = json.loads(cursor.state) if cursor.state else {}
            plugins = {str(tag): str(plugin) for tag, plugin in dict(seen.get("plugins", {})).items()}
            return cls(seen.get("start"), seen.get("earliest"), plugins, int(seen.get("told", -1)))
        except (ValueError, TypeError, AttributeError):
            return cls()

    def text(self) -> str:
        told = {"start": self.start, "earliest": self.earliest, "plugins": self.plugins, "told": self.told}
        return json.dumps(told, separators=(",", ":"))


class TfEventsReader:
    """Reads event files; float32 values, so any text log of the same metric is more precise."""

    name = "tfevents"
    mode: Mode = "append"
    precision = 1
    names = ("*tfevents*",)

    def claim(self, entry: Entry) -> Claim | None:
        """Claim what TensorBoard itself would read: files with `tfevents` in their name."""
        if "tfevents" not in entry.name or entry.name.endswith(_NO_LOG):
            return None
        writer = writer_in(entry.name)
        head = entry.head()
        if writer is None and (len(head) < FRAME_HEAD or frame_size(head[:FRAME_HEAD]) is None):
            return None
        hints = [] if writer is None or writer.start is None else [("start", str(writer.start))]
        if writer is not None and writer.pid is not None:
            hints.append(("writer", f"{writer.host}:{writer.pid}"))
        hints += [*_hints(head, entry.size), *saved_hint(entry)]
        return Claim(self.name, entry.path, entry.directory, "weak", "series", 2, "tensorboard", tuple(hints))

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """Yield the events behind the cursor, a chunk of the file at a time."""
        with path.open("rb") as file:
            yield from _read(self.name, file, path, cursor)


READER = TfEventsReader()


def _read(reader: str, file: BinaryIO, path: Path, cursor: Cursor) -> Iterator[Batch]:
    size = os.fstat(file.fileno()).st_size
    state, offset = _State.of(cursor), cursor.offset
    if size == 0:
        yield Batch(cursor, problems=(Problem(str(path), 0, reader, "an empty file", "nothing was read from it"),))
    while offset < size:
        file.seek(offset)
        buffer = file.read(min(CHUNK, size - offset))
        records = walk(buffer, MOST_RECORDS)
        if records.count:
            chunk = decode_chunk(buffer, records, state.plugins)
            if offset == 0:
                _note_writer(chunk, path.name, state)
            buffer = b""  # its memory is taken for the next chunk
            yield from _batches(reader, path, offset, cursor, state, chunk, records.end)
            offset += records.end
        elif records.damaged:
            if state.told != offset:
                state.told = offset
                problem = Problem(str(path), offset, reader, _damage(buffer), "what follows in this file is not read")
                yield Batch(with_offset(cursor, offset, state.text()), problems=(problem,))
            return
        elif len(buffer) >= CHUNK and offset + records.wanted <= size:
            offset += records.wanted
            yield Batch(with_offset(cursor, offset, state.text()), writer_start=state.start)
        else:
            return


def _note_writer(chunk: Chunk, name: str, state: _State) -> None:
    """Add the facts that the file's name and first record tell of its writer."""
    writer = writer_in(name)
    facts: dict[str, Json] = {}
    if writer is not None and writer.host:
        facts["host"] = writer.host
    if writer is not None and writer.pid is not None:
        facts["pid"] = writer.pid
    told = None if writer is None or writer.start is None else float(writer.start)
    # the first record's time is finer than the name's, unless the clock that stamped it was another one
    exact = chunk.first_wall if chunk.first_wall and (told is None or abs(chunk.first_wall - told) < 60) else told
    if exact is not None:
        facts["started"] = exact
    state.start = state.earliest = exact
    chunk.facts = {**facts, **chunk.facts}


def _batches(
    reader: str, path: Path, offset: int, cursor: Cursor, state: _State, chunk: Chunk, end: int
) -> Iterator[Batch]:
    """One batch for the chunk, or one for each writer that began in it."""
    problems = tuple(
        Problem(str(path), offset + fault.at, reader, fault.what, _left_out(fault)) for fault in chunk.faults
    )
    spans = chunk.spans()
    _note_earliest(chunk, spans, state)
    for number, span in enumerate(spans):
        first, last = number == 0, number == len(spans) - 1
        yield Batch(
            with_offset(cursor, offset + (end if last else span.end), state.text()),
            points=span.points,
            params=chunk.params if first else {},
            facts=chunk.facts if first else {},
            texts=tuple(chunk.texts) if first else (),
            problems=problems if first else (),
            writer_start=state.start,
            purge_from=span.purge_from,
        )


def _note_earliest(chunk: Chunk, spans: Sequence[Span], state: _State) -> None:
    """The start is that of the earliest point where some bear times from before the writer's: they were written later."""
    begun = [float(points.times.min()) for span in spans for points in span.points.values() if len(points)]
    earliest = min((time for time in begun if isfinite(time) and time > 0), default=None)
    if earliest is not None and state.earliest is not None and earliest < state.earliest:
        state.earliest = earliest
        chunk.facts = {**chunk.facts, "started": earliest}


def _left_out(fault: Fault) -> str:
    return "it is left out" if fault.count == 1 else "they are left out"


def _damage(buffer: bytes) -> str:
    if not buffer[: FRAME_HEAD + FRAME_TAIL].strip(b"\0"):
        return "NUL bytes instead of a record"
    return "a record length whose checksum is wrong"


def _wall(head: bytes, start: int) -> str:
    """The time of the record that begins at `start`, as text; "" where it has none in its usual place."""
    data = head[start + FRAME_HEAD : start + FRAME_HEAD + 9]
    wall = struct.unpack("<d", data[1:])[0] if len(data) == 9 and data[0] == 0x09 else 0.0
    return f"{wall:.3f}" if 0 < wall < 1e11 else ""


def _hints(head: bytes, size: int) -> list[tuple[str, str]]:
    """What the first records tell: tags of scalars, whether there are hyperparameters, and whose callback it was."""
    tags: dict[str, None] = {}
    first: list[tuple[str, int, float]] = []
    sessions = experiments = False
    frames = tf_frames(head, len(head))
    plugins: dict[str, str] = {}
    for number, start in enumerate(frames.starts):
        if len(tags) >= _HINT_TAGS or (tags and number >= _HINT_RECORDS):
            break
        end = frames.starts[number + 1] if number + 1 < len(frames.starts) else frames.end
        try:
            event = decode_event(head, start + FRAME_HEAD, end - FRAME_TAIL)
            for value in event.values:
                plugin = plugins.setdefault(value.tag, value.plugin or "")
                if plugin == HPARAMS:
                    session = has_session_start(value.content)
                    sessions, experiments = sessions or session, experiments or not session
                elif (scalar := scalar_of(value, plugin)) is not None:
                    tags[value.tag] = None
                    first.append((value.tag, event.step, scalar))
        except WireFault:
            continue
    last = _wall(head, frames.starts[-1]) if frames.starts else ""
    hints = [("last", last)] if last and tags else []
    hints += [("tags", "\n".join(list(tags)[:_HINT_TAGS])), *values_hint(first[:_HINT_VALUES])] if tags else []
    if sessions or (experiments and not tags):
        hints.append(("hparams", "session" if sessions else "experiment"))
    if tags or frames.end >= size:
        hints.append(("scalars", "yes" if tags else "no"))
    if all(sign in head for sign in _TRAINER):
        hints.append(("callback", "hf-trainer"))
    return hints
