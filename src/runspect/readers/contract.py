"""What a reader is: it claims files by name and head, and reads them in pieces that can be resumed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from runspect.dataclass import dataclass, field
from runspect.model import Claim, Json, Problem

HEAD_BYTES = 4096
SAMPLE_BYTES, SAMPLE_TAIL = 64 << 10, 16 << 10
"""What `Entry.sample` shows of a long file: its beginning and its end."""
Mode = Literal["append", "replace", "store"]

Steps = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Entry:
    """One file as discovery shows it to the readers; its head is read only when a reader asks for it."""

    __slots__ = (
        "_head",
        "_place",
        "directory",
        "fault",
        "head_failed",
        "mtime",
        "name",
        "parent_names",
        "path",
        "siblings",
        "size",
    )

    def __init__(
        self,
        path: str,
        absolute: str | Path,
        size: int,
        mtime: float,
        siblings: frozenset[str],
        parent_names: frozenset[str],
    ) -> None:
        self.path = path
        """Relative to the walked root, posix."""
        directory, _, self.name = path.rpartition("/")
        """The file's own name."""
        self.directory = directory or "."
        """Its directory relative to the walked root; "." for the root itself."""
        self._place = absolute
        self.size = size
        self.mtime = mtime
        self.siblings = siblings
        """Names of the files and directories beside it."""
        self.parent_names = parent_names
        """Names in the directory above."""
        self.head_failed = False
        """A reader asked for the head and the file could not be read."""
        self.fault = ""
        """What a reader found wrong with a file that would be its own: told when nobody claims it."""
        self._head: bytes | None = None

    @property
    def folder(self) -> str:
        """The own name of its directory; "." for the root itself."""
        return self.directory.rpartition("/")[2]

    @property
    def absolute(self) -> Path:
        """Where the file lies."""
        return Path(self._place)

    @property
    def above(self) -> str:
        """The directory above its directory; "." for the root itself and for what lies outside."""
        return parent(self.directory)

    @property
    def walked(self) -> str:
        """The walked root, absolute; "" where the file's path on the disk does not end as `path` does."""
        whole, own = os.fspath(self._place), f"/{self.path}"
        return whole.removesuffix(own) if whole.endswith(own) else ""

    def head(self) -> bytes:
        """The first `HEAD_BYTES`; empty when the file cannot be read."""
        if self._head is None:
            try:
                self._head = beginning(self._place, HEAD_BYTES)
            except OSError:
                self._head = b""
                self.head_failed = True
        return self._head

    def sample(self) -> tuple[bytes, bytes]:
        """The first `SAMPLE_BYTES` and, of a longer file, the last `SAMPLE_TAIL`; empty when it cannot be read.

        Reads anew at each call where the head is not all: only for files whose names say that their lines are worth it.
        """
        if self.size < HEAD_BYTES and self._head is not None and len(self._head) < HEAD_BYTES:
            return self._head, b""
        try:
            with self.absolute.open("rb") as file:
                head = file.read(SAMPLE_BYTES)
                size = file.seek(0, 2)
                file.seek(max(len(head), size - SAMPLE_TAIL))
                return head, file.read(SAMPLE_TAIL)
        except OSError:
            self.head_failed = True
            return b"", b""


def beginning(path: str | Path, size: int) -> bytes:
    """The first `size` bytes of a file, as far as it has them. For very many files: few calls of the system each.

    Raises:
        OSError: It cannot be opened or read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        data = os.read(descriptor, min(size, max(HEAD_BYTES, os.fstat(descriptor).st_size)))
        while HEAD_BYTES <= len(data) < size and (more := os.read(descriptor, min(size - len(data), SAMPLE_BYTES))):
            data += more  # it grows meanwhile, or there is more than a call gives
        return data
    finally:
        os.close(descriptor)


def parent(directory: str) -> str:
    """The directory above `directory` (both relative to the walked root, "." at the top)."""
    return directory.rpartition("/")[0] or "."


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a file has been read; stored in the transaction that stores its points."""

    offset: int = 0
    """Bytes: everything before has been read; always at a record boundary."""
    size: int = 0
    """Size of the file at that time."""
    head_sig: str = ""
    """Signature of the first `min(1024, offset)` bytes."""
    tail_sig: str = ""
    """Signature of the last `min(64, offset)` bytes before `offset`."""
    state: str = ""
    """The reader's own small JSON: header columns, next ordinal, last step."""


@dataclass(frozen=True, slots=True)
class Points:
    """A piece of one metric's series, in file order. The three arrays have equal length."""

    steps: Steps
    times: Floats
    """Seconds since 1970, UTC; NaN where the format has none."""
    values: Floats

    def __len__(self) -> int:
        return len(self.steps)


@dataclass(frozen=True, slots=True)
class Text:
    """A text that a run logged at a step."""

    key: str
    step: int
    time: float | None
    value: str


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said of the run, or of a hypothesis that it tests, as an export carries it along."""

    about: str
    """"run" or "hyp:ID"."""
    key: str
    value: Json
    who: str
    time: float
    """Seconds since 1970, UTC."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A piece of a file: never ends past a torn line or record."""

    cursor: Cursor
    run: str = ""
    """Key of the run within a store; "" for files of one run, and for what a store says of itself.

    A key that begins with a slash is a directory relative to the claim's root: the file speaks of the run that is there.
    """
    points: Mapping[str, Points] = field(default_factory=dict)
    params: Mapping[str, Json] = field(default_factory=dict)
    """Flattened with dots; lists stay lists."""
    facts: Mapping[str, Json] = field(default_factory=dict)
    """Names from `model.FACTS`."""
    ids: tuple[str, ...] = ()
    """Ids that the tool gives in its own scope, for example "wandb:entity/project:id"."""
    texts: tuple[Text, ...] = ()
    problems: tuple[Problem, ...] = ()
    """Their `path` is the reader's absolute path; the engine makes it relative."""
    writer_start: float | None = None
    """When the writer of this file began, if known: orders the segments of a resumed run."""
    purge_from: int | None = None
    """This writer declared all earlier points at or after this step void (TensorBoard's SessionLog START)."""
    whole: bool = False
    """Stores: all that the file tells of this run, in place of what it told before."""
    restart: bool = False
    """Stores: the first piece of a file that is read from its beginning; runs that are not told again are gone."""
    more: bool = False
    """Stores: others follow that belong to the same cursor; nothing is stored before the last of them."""
    said: tuple[Said, ...] = ()
    """Of an export: what people had said of the run."""


class Reader(Protocol):
    """One log format. Readers hold no state between calls; arbitrary bytes never make them raise."""

    name: str
    """Stable, lower case; stored in the index."""
    mode: Mode
    """How a file grows.

    `append`: read on from the cursor. `replace`: the file is written anew each time; read it whole. `store`: a database;
    the reader judges by itself, from what it kept in `Cursor.state`, where to go on.

    Files of many runs (claims of kind `store`) may have any mode; with `replace` each run is one `whole` batch.
    """
    precision: int
    """3: full float64 text, 2: W&B, 1: float32 event files, 0: rounded for people. Where files of one run tell the same
    metric, the highest wins.

    A reader of databases may also have `beside(path)`: files whose growth means news in it. Its write-ahead log is looked
    at anyway.

    A reader may also have `marks_end = True`: its writer always records the end of a run that is not stopped from
    outside, so that a silent run without an end record was killed. And `beat_s`, where its `status` files are written
    every so many seconds whatever the training does: missed beats are death, however slowly it logs.

    A reader may also have `names`: globs of the names of its files, such as "metrics.json" or "*.log", "*." for names
    without an extension. It is not asked about files that none of them fits; case does not count. Without `names` it is
    asked about every file. And `begins`: bytes with which each of its files begins (512 bytes at least); it is not asked
    about others.
    """

    def claim(self, entry: Entry) -> Claim | None:
        """Say whose the file is, from its name and head alone."""

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """Yield what is behind `cursor`. At the end of the file it stops; a later call goes on there.

        Only the fact `heartbeat` may depend on when it is called: where the format keeps no times, that news came is a
        sign of life.

        Raises:
            OSError: The file cannot be opened or read.
        """


def read_all(reader: Reader, path: Path) -> list[Batch]:
    """Read a whole file from its beginning."""
    return list(reader.read(path, Cursor()))


def with_offset(cursor: Cursor, offset: int, state: str | None = None) -> Cursor:
    """The cursor moved to `offset`, with the reader's own state if given."""
    return Cursor(offset, cursor.size, cursor.head_sig, cursor.tail_sig, cursor.state if state is None else state)
