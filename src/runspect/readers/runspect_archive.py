"""Records of runs in an archive, as build artefacts are: `.tar`, `.tar.gz`, `.tgz` or `.zip`, of one record or of several.

Each directory of it with a `run.json` of our format is a run, whose points, texts and console are read where they are:
nothing is unpacked to the disk. It is gone through twice, since a head may come behind its points.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from runspect.dataclass import dataclass, field
from runspect.errors import ReaderFault
from runspect.model import Claim, Json, Problem
from runspect.readers import console, runspect_added, runspect_record
from runspect.readers.bounded_tar import names_in, tar_members
from runspect.readers.bounded_zip import MAGIC, zip_members
from runspect.readers.claims import run_key
from runspect.readers.console_metrics import points_of
from runspect.readers.console_pieces import pieces_of
from runspect.readers.contract import SAMPLE_BYTES, Batch, Cursor, Entry, Mode, Points, with_offset
from runspect.readers.lines import Readable, blocks_of, text_of
from runspect.readers.pattern_set import patterns
from runspect.readers.recognise import recognise
from runspect.readers.runspect_points import HEAD, is_points, read_points
from runspect.readers.runspect_texts import read_texts
from runspect.readers.scrape import Memory, Scraper
from runspect.recorder.layout import ADDED

TARS = (".tar", ".tar.gz", ".tgz")
DEEPEST = 3
"""Directories above a record in its archive: `runs/` and what it was made in."""
MOST_HEADS = 10_000
TEXTS, CONSOLE = "texts.jsonl", "console.log"
_HEADS = {HEAD: runspect_record.parse, ADDED: runspect_added.parse}
_TELLING = frozenset((HEAD, "metrics.jsonl", TEXTS, CONSOLE, ADDED, "patch.diff", "requirements.txt"))
_NAMES_CONSOLE = re.compile(rf'"console"\s*:\s*"{re.escape(CONSOLE)}"')
_EXPORTED = (("exported", "packed"),)
"""What it was packed from counts where it is there, too."""
_ZIP_NAMES = tuple(name.encode() for name in sorted(_TELLING))


class RunspectArchiveReader:
    """Read anew whenever it is written: an archive is made at once."""

    name = "runspect-archive"
    mode: Mode = "store"
    precision = 3
    marks_end = True
    names = (*(f"*{ending}" for ending in TARS), "*.zip")

    def claim(self, entry: Entry) -> Claim | None:
        """By the names of its first files, of a zip archive also of its last; whether they are records is seen later."""
        begin, end = entry.sample()
        if entry.name.lower().endswith(".zip"):
            found = begin.startswith(MAGIC) and HEAD.encode() in begin + end and _is_record_of(begin + end)
        else:
            found = any(place_of(name) is not None for name in names_in(begin))
        return Claim(self.name, entry.path, entry.path, "tool", "store", 1, "runspect", _EXPORTED) if found else None

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """Some batches a run; the last moves the cursor.

        Raises:
            OSError: The file cannot be opened or read.
        """
        end = with_offset(Cursor(), path.stat().st_size)
        yield Batch(Cursor(), restart=True)
        try:
            yield from _Pass(path).run()
        except ReaderFault as fault:
            yield Batch(end, problems=(Problem(str(path), None, self.name, fault.what, "what follows is not shown"),))
            return
        yield Batch(end)


READER = RunspectArchiveReader()


@dataclass(slots=True)
class _Record:
    """One run of the archive."""

    key: str
    batch: Batch
    """What its head tells."""
    has_points: bool = False
    has_console: bool = False
    """It says which file has all that the terminal got: no other log decides whether metrics stand there."""
    names: set[str] = field(default_factory=set)
    """Its files; of two of one name the first is read."""


class _Pass:
    """One reading of the archive."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._records: dict[str, _Record] = {}
        self._files: dict[str, set[str]] = {}
        self._consoles: set[str] = set()

    def run(self) -> Iterator[Batch]:
        """Heads, then what the other files tell."""
        problems = self._read_heads()
        if problems:
            yield Batch(Cursor(), problems=tuple(problems))
        for told in self._records.values():
            yield told.batch
        if not self._records:
            return
        with members(self._path) as found:
            for name, source in found:
                place = place_of(name)
                record = self._records.get(place[0]) if place is not None else None
                if place is not None and record is not None and place[1] not in record.names:
                    record.names.add(place[1])
                    yield from self._told(record, place[1], source)

    def _read_heads(self) -> list[Problem]:
        problems: list[Problem] = []
        heads: dict[tuple[str, str], Batch] = {}
        with members(self._path) as found:
            for name, source in found:
                place = place_of(name)
                if place is None:
                    continue
                directory, file = place
                self._files.setdefault(directory, set()).add(file)
                if file in _HEADS and place not in heads and len(heads) < MOST_HEADS:
                    try:
                        text = text_of(_whole(source, runspect_record.LARGEST))
                        heads[place] = _HEADS[file](self._path, text)
                        if file == HEAD and _NAMES_CONSOLE.search(text):
                            self._consoles.add(directory)
                    except ReaderFault as fault:
                        what = f"{name[:80]}: {fault.what}"
                        problems.append(Problem(str(self._path), None, READER.name, what, "nothing was read from it"))
        for directory in (directory for directory, file in heads if file == HEAD):
            known = self._record(directory, heads[directory, HEAD], heads.get((directory, ADDED)))
            known.has_console = directory in self._consoles
            known.has_points = any(map(is_points, self._files[directory]))
            self._records[directory] = known
        return problems

    def _record(self, directory: str, head: Batch, added: Batch | None) -> _Record:
        """What the program itself said counts more than what is said of it."""
        key = run_key(directory)
        own = added if added is not None else Batch(Cursor())
        stem = directory.rpartition("/")[2] or self._path.name.partition(".")[0]
        facts: dict[str, Json] = {"name": stem, **head.facts, **own.facts}
        problems = tuple(_of_archive(each, f"{stem}/{HEAD}") for each in (*head.problems, *own.problems))
        params = {**head.params, **own.params}
        return _Record(key, replace(head, cursor=Cursor(), run=key, params=params, facts=facts, problems=problems))

    def _told(self, record: _Record, name: str, source: Readable) -> Iterator[Batch]:
        batches: Iterable[Batch] = ()
        if is_points(name):
            batches = read_points(self._path, name, Cursor(), blocks_of(source))
        elif name == TEXTS:
            batches = read_texts(self._path, Cursor(), blocks_of(source))
        elif name == CONSOLE:
            batches = _console(source, scraped=not record.has_points, known=record.has_console)
        for batch in batches:
            known = {fact: value for fact, value in batch.facts.items() if fact not in record.batch.facts}
            inside = tuple(_of_archive(each, name) for each in batch.problems)
            yield replace(batch, cursor=Cursor(), run=record.key, facts=known, problems=inside)


def _of_archive(problem: Problem, name: str) -> Problem:
    """A problem of the file `name` in it, as one of the archive."""
    return replace(problem, reader=READER.name, what=f"{name}: {problem.what}")


class _Watched:
    """Remembers the beginning and the end of what is read through it."""

    def __init__(self, source: Readable) -> None:
        self._source = source
        self.head = b""
        while len(self.head) < SAMPLE_BYTES and (data := source.read(SAMPLE_BYTES - len(self.head))):
            self.head += data
        self._again = self.head
        self.tail = self.head[-console.TAIL :]

    def read(self, size: int, /) -> bytes:
        if self._again:
            data, self._again = self._again[:size], self._again[size:]
            return data
        data = self._source.read(size)
        self.tail = (self.tail + data)[-console.TAIL :]
        return data


def _console(source: Readable, scraped: bool, known: bool) -> Iterator[Batch]:
    """How a console log says that the run ended, and its metrics where no other file tells any."""
    watched = _Watched(source)
    if scraped and (known or recognise((watched.head, b"")) is not None):
        scraper = Scraper(patterns().patterns, Memory())
        for piece in pieces_of(watched):
            rows = [row for _, _, matched in scraper.scan(piece.data, piece.ended) for row in matched.rows]
            points: dict[str, Points] = points_of(rows)
            if points:
                yield Batch(Cursor(), points=points)
    while watched.read(1 << 20):
        pass
    if facts := console.facts_in(CONSOLE, watched.head[: console.HEAD], watched.tail):
        yield Batch(Cursor(), facts=facts)


def place_of(name: str) -> tuple[str, str] | None:
    """(directory, file) of a file of a record; None for what is none, or leads out of the archive."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/") or ".." in parts or not 1 <= len(parts) <= DEEPEST + 1:
        return None
    file = parts[-1]
    return ("/".join(parts[:-1]), file) if file in _TELLING or is_points(file) else None


def _is_record_of(names: bytes) -> bool:
    """Whether beside `run.json` another file of a record is named, or it is the only one."""
    return sum(name in names for name in _ZIP_NAMES) > 1 or names.count(b"PK\x01\x02") == 1


def _whole(source: Readable, limit: int) -> bytes:
    data = b""
    while more := source.read(limit + 1 - len(data)):
        data += more
        if len(data) > limit:
            raise ReaderFault(f"larger than {limit >> 20} MB")
    return data


@contextmanager
def members(path: Path) -> Iterator[Iterator[tuple[str, Readable]]]:
    """The names of the files of an archive, and what can be read of each until the next one is asked for.

    Raises:
        OSError: It cannot be opened or read.
        ReaderFault: At once or later: it is damaged, cut, or too large.
    """
    if path.name.lower().endswith(".zip"):
        with zip_members(path) as found:
            yield found
    else:
        with tar_members(path) as found:
            yield ((member.name, member) for member in found)
