"""The journal: what people said about runs, durable before it is acknowledged."""

from __future__ import annotations

import errno
import os
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from runspect.errors import JournalFault, UsageError
from runspect.journal.files import OpFile, read_new
from runspect.journal.history import SNAPSHOT, History, Inverse, describe
from runspect.journal.lines import Line, encode
from runspect.masking import mask
from runspect.model import Json, Op

TARGETS = ("run:", "hyp:", "dataset:", "project:")
LINE_BYTES = 1 << 20
"""An op larger than this is refused: it is no annotation."""
_ELSEWHERE = (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR)


class Journal:
    """Reads every op file of some directories and writes one of its own; thread-safe."""

    def __init__(
        self, directories: Sequence[Path], host: str, who: str, clock: Callable[[], int] = time.time_ns
    ) -> None:
        """`directories`: all are read; the first that can be written is written. `who` signs what the engine writes."""
        self._directories = tuple(directories)
        self._host = host
        self._who = who
        self._clock = clock
        self._history = History()
        self._offsets: dict[Path, int] = {}
        self._file: OpFile | None = None
        self._lock = threading.Lock()
        self._closed = False
        self.note = ""
        """What people should know about where annotations go; "" when they go where they always do."""

    def refresh(self) -> list[Line]:
        """Read what is new in all files, those of other engines included; returns the new ops, oldest first."""
        with self._lock:
            own = self._file.path if self._file else None
            lines = read_new(self._directories, self._offsets, own)
            return self._history.add(sorted(lines, key=lambda line: line.order))

    def annotate(self, group: str, client: str, who: str, ops: Sequence[Op]) -> list[Line]:
        """Write the ops that change something; returns them once they are durable.

        `group` is the id that the client gave to this request: a repeat of a known one writes nothing and returns
        what was written then.

        Raises:
            UsageError: An op is malformed.
            JournalFault: Nothing was acknowledged; what is in force has not changed.
        """
        for op in ops:
            _check(op)
        with self._lock:
            # One by one and not by the group: an engine may have died after half of its lines.
            changing = [
                (f"{group}.{number}", op)
                for number, op in enumerate(ops)
                if f"{group}.{number}" not in self._history and not self._holds(op)
            ]
            self._write([self._line(op_id, who, op, client, group) for op_id, op in changing])
            return self._history.group(group)

    def undo(self, group: str, client: str, who: str, redo: bool = False) -> tuple[str, list[Line]]:
        """Take back (or redo) the client's last annotation; returns it in words ("" for nothing), and the ops.

        Raises:
            JournalFault: Nothing was acknowledged.
        """
        with self._lock:
            if known := self._history.group(group):
                return self._repeat(known), known
            inverse = self._history.to_redo(client) if redo else self._history.to_undo(client)
            if inverse is None:
                return "", []
            self._write(self._inverse_lines(group, client, who, inverse, redo))
            return inverse.text, self._history.group(group)

    def snapshot(self, uid: str, value: Json) -> list[Line]:
        """Keep what is known of a run, secrets masked, for the day its files are gone; a repeat writes nothing.

        Raises:
            JournalFault: It could not be written.
        """
        op = Op(f"run:{uid}", SNAPSHOT, mask("", value))
        _check(op)
        with self._lock:
            if self._holds(op):
                return []
            line = self._line(secrets.token_hex(12), self._who, op, "", "")
            self._write([line])
            return [line]

    def value(self, target: str, key: str) -> Json:
        """The value in force, or None."""
        with self._lock:
            return self._history.value((target, key))

    def close(self) -> None:
        """Close the journal's own file; nothing is written any more."""
        with self._lock:
            self._closed = True
            self._leave_file()

    def _holds(self, op: Op) -> bool:
        held = self._history.value((op.target, op.key))
        return type(held) is type(op.value) and bool(held == op.value)

    def _line(self, op_id: str, who: str, op: Op, client: str, group: str, undoes: str = "", redoes: str = "") -> Line:
        return Line(op_id, self._next_time(), who, op.target, op.key, op.value, client, group, undoes, redoes)

    def _next_time(self) -> int:
        # Later than all that was seen: an annotation made in sight of another one wins over it on any host.
        self._history.newest = max(self._clock(), self._history.newest + 1)
        return self._history.newest

    def _inverse_lines(self, group: str, client: str, who: str, inverse: Inverse, redo: bool) -> list[Line]:
        links = {"redoes": inverse.group} if redo else {"undoes": inverse.group}
        return [
            self._line(f"{group}.{number}", who, op, client, group, **links) for number, op in enumerate(inverse.ops)
        ]

    def _repeat(self, known: list[Line]) -> str:
        undone = known[0].undoes or known[0].redoes
        return f"{'undid' if known[0].undoes else 'redid'} {describe(self._history.group(undone) or known)}"

    def _write(self, lines: Sequence[Line]) -> None:
        if not lines:
            return
        if self._closed:
            raise JournalFault("the journal is closed: the engine is leaving")
        data = b"".join(encode(line) for line in lines)
        try:
            self._append(data)
        except OSError as error:
            why = os.strerror(error.errno) if error.errno else str(error)
            raise JournalFault(f"{self._directories[0]}: the annotation was not saved: {why}") from error
        self._history.add(lines)

    def _append(self, data: bytes) -> None:
        fresh = self._file is None
        try:
            self._open_file().append(data)
        except OSError:
            # The file may end in half a line: it is never written again.
            self._leave_file()
            if fresh:
                raise
            self._append(data)

    def _open_file(self) -> OpFile:
        if self._file is None:
            self._file = self._first_writable()
        return self._file

    def _first_writable(self) -> OpFile:
        first: OSError | None = None
        for directory in self._directories:
            try:
                file = OpFile.create(directory, self._host)
            except OSError as error:
                first = first or error
                if error.errno not in _ELSEWHERE:
                    break
                continue
            if first is not None:
                self.note = f"{self._directories[0]} cannot be written; annotations go to {directory}"
            return file
        raise first or OSError(errno.ENOENT, os.strerror(errno.ENOENT))

    def _leave_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _check(op: Op) -> None:
    if not op.target.startswith(TARGETS) or not op.key:
        raise UsageError(f"an annotation needs a target such as run:UID and a key, not {op.target!r} and {op.key!r}")
    if len(encode(Line("", 0, "", op.target, op.key, op.value))) > LINE_BYTES:
        raise UsageError(f"{op.key} is too long for an annotation: more than {LINE_BYTES >> 10} KiB")
