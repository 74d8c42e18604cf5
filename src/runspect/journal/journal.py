"""The journal: what people said about runs, durable before it is acknowledged."""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from runspect.dataclass import dataclass
from runspect.errors import JournalFault, UsageError
from runspect.folder import Folder
from runspect.journal.checking import TARGETS
from runspect.journal.history import COPIED, SNAPSHOT, History, describe
from runspect.journal.lines import Line, encode
from runspect.journal.portable import localised, portable
from runspect.journal.reading import Fault, OpReader
from runspect.journal.writers import FolderWriter, HomeWriter
from runspect.masking import mask
from runspect.model import Json, Op

LINE_BYTES = 1 << 20
"""An op larger than this is refused: it is no annotation."""
HOME = ""
"""Where an op goes that no shared folder is to hold."""


@dataclass(frozen=True, slots=True)
class Addressed:
    """An op and where it is to be written."""

    op: Op
    base: str = HOME
    """The directory whose shared folder is to hold it."""
    names: tuple[str, ...] = ()
    """What else its target is called: what was said under these names is what an undo brings back."""


Address = Callable[[Sequence[Op]], Sequence[Addressed]]


def at_home(ops: Sequence[Op]) -> Sequence[Addressed]:
    """All into the user's own journal."""
    return [Addressed(op) for op in ops]


class Journal:
    """Reads every op file of the user's own directories and of shared folders, writes one of its own in each; thread-safe."""

    def __init__(
        self, directories: Sequence[Path], host: str, who: str, clock: Callable[[], int] = time.time_ns
    ) -> None:
        """`directories`: all are read; the first that can be written is written. `who` signs what the engine writes."""
        self._directories = tuple(directories)
        self._host = host
        self._who = who
        self._clock = clock
        self._history = History()
        self._reader = OpReader(clock)
        self._home = HomeWriter(self._directories, host)
        self._folders: dict[str, Folder] = {}
        self._writers: dict[str, FolderWriter] = {}
        self._notes: dict[str, str] = {}
        self._bases: dict[str, str] = {}
        """By the id of an op, the folder that holds it."""
        self._lock = threading.Lock()
        self._closed = False

    @property
    def note(self) -> str:
        """What people should know about where annotations go; "" when they go where they always do."""
        return "; ".join(filter(None, [self._home.note, *self._notes.values()]))

    @property
    def home(self) -> Path:
        """Where the user's own annotations usually go."""
        return self._directories[0]

    def share(self, folders: Iterable[Folder]) -> None:
        """The shared folders that there are from now on; what others said is still said."""
        with self._lock:
            self._folders = {folder.base: folder for folder in folders}
            for base in self._writers.keys() - self._folders.keys():
                self._writers.pop(base).leave()
                self._notes.pop(base, None)

    def refresh(self) -> list[Line]:
        """Read what is new in all files, those of other engines included; returns the new ops, oldest first."""
        with self._lock:
            lines = self._reader.read_new(self._directories, trusted=True)
            fresh = self._history.add(sorted(lines, key=lambda line: line.order))
            for base, folder in self._folders.items():
                told = [localised(line, base) for line in self._reader.read_new([folder.journal], trusted=False)]
                moved = [line for line in told if self._bases.get(line.id, base) not in (base, *self._folders)]
                fresh += self._history.add(sorted(told, key=lambda line: line.order))
                fresh += self._history.move(line for line in moved if line.key != SNAPSHOT)
                self._bases.update((line.id, base) for line in moved)
                for line in told:
                    self._bases.setdefault(line.id, base)
            return sorted(fresh, key=lambda line: line.order)

    def faults(self, base: str) -> list[Fault]:
        """The lines of a shared folder that do not count."""
        with self._lock:
            folder = self._folders.get(base)
            return self._reader.faults(folder.journal) if folder is not None else []

    def annotate(self, group: str, client: str, who: str, ops: Sequence[Op], address: Address = at_home) -> list[Line]:
        """Write the ops that change something; returns them once they are durable.

        `group` is the id that the client gave to this request: a repeat of a known one writes nothing and returns
        what was written then.

        Raises:
            UsageError: An op is malformed.
            JournalFault: Nothing was acknowledged; what is in force has not changed.
        """
        for op in ops:
            _check(op)
        addressed = address(ops)
        with self._lock:
            self._learn(addressed)
            # One by one and not by the group: an engine may have died after half of its lines.
            changing = [
                (f"{group}.{number}", each)
                for number, each in enumerate(addressed)
                if f"{group}.{number}" not in self._history and not self._holds(each.op)
            ]
            self._write([(self._line(op_id, who, each.op, client, group), each.base) for op_id, each in changing])
            return self._history.group(group)

    def undo(
        self,
        group: str,
        client: str,
        who: str,
        redo: bool = False,
        address: Address = at_home,
        beneath: Callable[[str, str], Json] = lambda target, key: None,
    ) -> tuple[str, list[Line]]:
        """Take back (or redo) the client's last annotation; returns it in words ("" for nothing), and the ops.

        Args:
            beneath: What else than a journal says of a target and key; it holds again where the journal says nothing.

        Raises:
            JournalFault: Nothing was acknowledged.
        """
        with self._lock:
            if known := self._history.group(group):
                return self._repeat(known), known
            find = self._history.to_redo if redo else self._history.to_undo
            inverse = find(client)
            # what is below the ops is only found once all names of their targets are known
            while inverse is not None and self._learn(addressed := address(inverse.ops)):
                inverse = find(client)
            if inverse is None:
                return "", []
            bare = inverse.bare

            def below(op: Op) -> Op:
                return Op(op.target, op.key, beneath(op.target, op.key)) if (op.target, op.key) in bare else op

            links = {"redoes": inverse.group} if redo else {"undoes": inverse.group}
            self._write(
                [
                    (self._line(f"{group}.{number}", who, below(each.op), client, group, **links), each.base)
                    for number, each in enumerate(addressed)
                ]
            )
            return inverse.text, self._history.group(group)

    def snapshot(self, uid: str, value: Json, base: str = HOME) -> list[Line]:
        """Keep what is known of a run, secrets masked, for the day its files are gone; a repeat writes nothing.

        `base`: the directory whose shared folder is to hold it.

        Raises:
            JournalFault: It could not be written.
        """
        op = Op(f"run:{uid}", SNAPSHOT, mask("", value))
        _check(op)
        with self._lock:
            if base:  # two people who watch different directories around it keep the same
                told = localised(portable(Line("", 0, "", op.target, op.key, op.value), base), base)
                op = Op(op.target, op.key, told.value)
            if self._holds(op):
                return []
            line = self._line(secrets.token_hex(12), self._who, op, "", "")
            self._write([(line, base)])
            return [line]

    def take_along(self, base: str, targets: Mapping[str, str], chosen: Callable[[Line], bool]) -> list[Line]:
        """Copy into a shared folder what only the user's own journal says of some targets, signed and dated as it was.

        Args:
            targets: What they are called, and what they are called in the folder.
            chosen: Which ops are copied.

        Raises:
            JournalFault: They could not be written.
        """
        with self._lock:
            copies = self._copies(base, targets, chosen)
            self._write([(line, base) for line in copies], strict=True)
            return copies

    def to_take_along(self, base: str, targets: Mapping[str, str], chosen: Callable[[Line], bool]) -> int:
        """How many ops `take_along` would copy."""
        with self._lock:
            return len(self._copies(base, targets, chosen))

    def value(self, target: str, key: str) -> Json:
        """The value in force, or None."""
        with self._lock:
            return self._history.value((target, key))

    def close(self) -> None:
        """Close the journal's own file; nothing is written any more."""
        with self._lock:
            self._closed = True
            for writer in (self._home, *self._writers.values()):
                writer.leave()

    def _copies(self, base: str, targets: Mapping[str, str], chosen: Callable[[Line], bool]) -> list[Line]:
        folder = self._folders.get(base)
        if folder is None:
            return []
        copies = []
        for line in self._history.lines(targets):
            copy_id = f"{line.id}{COPIED}{folder.ids[0][:8]}"
            if line.id not in self._bases and copy_id not in self._history and chosen(line):
                # of no group: who takes the original back writes a later op, which wins
                copies.append(
                    replace(line, id=copy_id, target=targets[line.target], client="", group="", undoes="", redoes="")
                )
        return copies

    def _holds(self, op: Op) -> bool:
        held = self._history.value((op.target, op.key))
        return type(held) is type(op.value) and bool(held == op.value)

    def _line(self, op_id: str, who: str, op: Op, client: str, group: str, undoes: str = "", redoes: str = "") -> Line:
        return Line(op_id, self._next_time(), who, op.target, op.key, op.value, client, group, undoes, redoes)

    def _next_time(self) -> int:
        # Later than all that was seen: an annotation made in sight of another one wins over it on any host.
        self._history.newest = max(self._clock(), self._history.newest + 1)
        return self._history.newest

    def _learn(self, addressed: Sequence[Addressed]) -> bool:
        """Whether some of the targets have names that were not known."""
        news = [self._history.same((each.op.target, *each.names)) for each in addressed if each.names]
        return any(news)

    def _repeat(self, known: list[Line]) -> str:
        undone = known[0].undoes or known[0].redoes
        return f"{'undid' if known[0].undoes else 'redid'} {describe(self._history.group(undone) or known)}"

    def _write(self, lines: Sequence[tuple[Line, str]], *, strict: bool = False) -> None:
        """Write ops into their folders; with `strict` nothing goes home instead."""
        if lines and self._closed:
            raise JournalFault("the journal is closed: the engine is leaving")
        for base in dict.fromkeys(base for _, base in lines):
            own = [line for line, each in lines if each == base]
            held = self._put(own, base, strict)
            self._history.add(own)
            if held:
                self._bases.update((line.id, held) for line in own)

    def _put(self, lines: Sequence[Line], base: str, strict: bool) -> str:
        """Write ops into one folder, or home where it cannot be written; returns where they are."""
        folder = self._folders.get(base)
        if folder is not None:
            try:
                self._writer(folder).append(b"".join(encode(portable(line, base)) for line in lines))
            except OSError as error:
                why = f"{folder.journal} cannot be written: {_why(error)}"
                if strict:
                    raise JournalFault(f"{why}; nothing was copied") from error
                self._notes[base] = f"kept in your own journal: {why}; `runspect init --take-along` shares it later"
            else:
                self._notes.pop(base, None)
                return base
        try:
            self._home.append(b"".join(map(encode, lines)))
        except OSError as error:
            note = f" ({self._notes[base]})" if base in self._notes else ""
            said = f"{self._directories[0]}: the annotation was not saved: {_why(error)}{note}"
            raise JournalFault(said) from error
        return HOME

    def _writer(self, folder: Folder) -> FolderWriter:
        if folder.base not in self._writers:
            self._writers[folder.base] = FolderWriter(folder, self._host)
        return self._writers[folder.base]


def _why(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else str(error)


def _check(op: Op) -> None:
    if not op.target.startswith(TARGETS) or not op.key:
        raise UsageError(f"an annotation needs a target such as run:UID and a key, not {op.target!r} and {op.key!r}")
    if len(encode(Line("", 0, "", op.target, op.key, op.value))) > LINE_BYTES:
        raise UsageError(f"{op.key} is too long for an annotation: more than {LINE_BYTES >> 10} KiB")
