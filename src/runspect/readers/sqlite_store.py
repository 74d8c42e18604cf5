"""SQLite files of other programs: looked at for as long as one short statement, never changed, never kept open.

A cursor that stays open on a database in `delete` mode locks its writer out, so each page of rows is fetched whole. A
database in WAL mode cannot be opened without making `-wal` and `-shm` beside it, so where no writer has them open
already, it is opened as it is (nothing waits in a WAL) or a private copy is read.
https://www.sqlite.org/wal.html, https://www.sqlite.org/lockingv3.html
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any
from zlib import crc32

from runspect.errors import ReaderFault
from runspect.model import Problem
from runspect.place import network_file_system
from runspect.readers.contract import Batch, Cursor, Entry

MAGIC = b"SQLite format 3\0"
SMALLEST_PAGE = 512
"""Bytes; a database is whole pages, of this many or a multiple of it."""
PAGE = 20_000
"""Rows fetched by one statement: some 20 ms, in which a writer in `delete` mode waits."""
WAIT_S = 0.2
"""How long we wait for a writer's lock before the file is left for later."""
LARGEST_COPY = 2 << 30
LONGEST_VALUE = 16 << 20
MOST_HELD = 64 << 20
"""Bytes of text and blobs that a page holds; a damaged database of a few pages can tell of very many."""
FEW = 8
"""Rows that are fetched before their bytes are counted; twice as many each time, while they are small."""
_WORK = 200_000_000
"""Instructions of SQLite's machine for one page; a table that is a trap needs more."""
_LATER = frozenset(
    {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_SCHEMA}
)
_NOT_THIS_WAY = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY})
_WAL_VERSION = 2

Row = tuple[Any, ...]


class Store:
    """An open database; made by `opened`."""

    def __init__(self, connection: sqlite3.Connection, path: Path, watched: str) -> None:
        self._connection, self._path, self._watched = connection, path, watched
        self.tables: Mapping[str, frozenset[str]] = self._schema()
        """The columns of each table; views and virtual tables are left out."""

    def has(self, *tables: str) -> bool:
        """Whether all these tables are there."""
        return all(table in self.tables for table in tables)

    def pages(self, table: str, columns: Sequence[str], after: int = 0, page: int = PAGE) -> Iterator[list[Row]]:
        """Lists of (rowid, *columns) behind rowid `after`, in the order of the rowids.

        A column that this version of the schema lacks is None in every row; a table that it lacks is empty. Nothing
        is locked between two pages.

        Raises:
            OSError: A writer holds the file, or it changed while it was read: to be tried again.
            ReaderFault: The file is damaged.
        """
        known = self.tables.get(table)
        if known is None:
            return
        chosen = ", ".join(["rowid", *(_quoted(name) if name in known else "NULL" for name in columns)])
        # Names come from this code or the file's own schema, quoted; values are parameters.
        text = f"SELECT {chosen} FROM {_quoted(table)} WHERE rowid > ? ORDER BY rowid LIMIT ?"  # noqa: S608
        done = False
        while not done:
            rows, done = self._fetch(text, (after, page))
            done = done and len(rows) < page
            if rows:
                yield rows
                after = rows[-1][0]
            else:
                return

    def rows(self, table: str, columns: Sequence[str], after: int = 0) -> Iterator[Row]:
        """The rows of `pages`, one by one."""
        for page in self.pages(table, columns, after):
            yield from page

    def digests(self, table: str, columns: Sequence[str], size: int) -> dict[int, int]:
        """Block of `size` rowids → a checksum of its rows: tells which parts of a table changed. Blocks begin at 0.

        Raises:
            OSError, ReaderFault: As `pages`.
        """
        known = self.tables.get(table, frozenset())
        chosen = [f"ifnull({_quoted(name)}, char(1))" for name in columns if name in known]
        if not chosen:
            return {}
        joined = " || char(31) || ".join(chosen)
        text = f"SELECT rowid, {joined} FROM {_quoted(table)} WHERE rowid > ? ORDER BY rowid LIMIT ?"  # noqa: S608
        sums: dict[int, int] = {}
        after, done = 0, False
        while not done:
            rows, done = self._fetch(text, (after, PAGE))
            done = (done and len(rows) < PAGE) or not rows
            for block, part in groupby(rows, key=lambda row: row[0] // size):
                content = "\x1e".join(f"{row[0]}\x1f{row[1]}" for row in part)
                sums[block] = crc32(content.encode("utf-8", "replace"), sums.get(block, 0))
            after = rows[-1][0] if rows else after
        return sums

    def newest(self, table: str) -> int:
        """The highest rowid of a table; 0 where there is none."""
        if table not in self.tables:
            return 0
        rows, _ = self._fetch(f"SELECT max(rowid) FROM {_quoted(table)}", ())  # noqa: S608
        return int(rows[0][0] or 0)

    def _schema(self) -> dict[str, frozenset[str]]:
        found, _ = self._fetch("SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0 LIMIT ?", (1000,))
        return {
            name: frozenset(row[0] for row in self._fetch("SELECT name FROM pragma_table_info(?)", (name,))[0])
            for (name,) in found
            if isinstance(name, str)
        }

    def _fetch(self, text: str, values: tuple[int | str, ...]) -> tuple[list[Row], bool]:
        """The rows of a statement, at least one if there are any, and whether these are all."""
        self._connection.set_progress_handler(_Patience(), _Patience.STRIDE)
        try:
            with _told(self._path), closing(self._connection.execute(text, values)) as cursor:
                return _bounded(cursor)
        finally:
            if self._watched and signature(self._path) != self._watched:
                raise OSError(errno.EAGAIN, "changed while it was read", str(self._path))


@contextmanager
def opened(path: Path) -> Iterator[Store]:
    """The database at `path`, for reading.

    Raises:
        OSError: It cannot be read, or a writer holds it: to be tried again.
        ReaderFault: It is no database, or a damaged one.
    """
    with path.open("rb") as file:
        head = file.read(100)
    if not head.startswith(MAGIC):
        raise ReaderFault("an empty file" if not head else "not an SQLite database", 0)
    real = Path(os.path.realpath(path))
    if network_file_system(real):
        way = _copied
    elif _WAL_VERSION in head[18:20] and not _wal_in_use(real):
        way = _copied if _size(_beside(real, "-wal")) else _as_it_is
    else:
        way = _in_place
    with ExitStack() as stack:
        try:
            store = stack.enter_context(way(real))
        except _OtherWay:
            store = stack.enter_context(_copied(real))
        yield store


def read_store(path: Path, reader: str, read: Callable[[Store], Iterator[Batch]]) -> Iterator[Batch]:
    """What `read` makes of the database; damage becomes a problem, and the next read begins anew.

    Pieces that others follow (`Batch.more`) must come with a fresh cursor: if reading breaks off behind them, because a
    writer holds the file, what they told is told again.

    Raises:
        OSError: The file cannot be read now.
    """
    try:
        with opened(path) as store:
            yield from read(store)
    except ReaderFault as fault:
        problem = Problem(str(path), fault.offset, reader, fault.what, "the rest of it is not shown")
        yield Batch(Cursor(), problems=(problem,))


def signature(path: Path) -> str:
    """Changes whenever the content may have: a commit, a checkpoint, a row that waits in the WAL. Cheap.

    Raises:
        OSError: The file cannot be read.
    """
    status = path.stat()
    with path.open("rb") as file:
        head = file.read(100)
    parts = [status.st_size, status.st_mtime_ns, status.st_ino, int.from_bytes(head[24:28], "big")]
    try:
        wal = _beside(path, "-wal").stat()
        parts += [wal.st_size, wal.st_mtime_ns] if wal.st_size else []
    except OSError:
        pass
    return ".".join(map(str, parts))


def tables_in(entry: Entry) -> Mapping[str, frozenset[str]]:
    """The tables and columns of a file that discovery shows; none when it is no database or cannot be read now."""
    if entry.size < SMALLEST_PAGE or not entry.head().startswith(MAGIC):
        return {}
    if entry.size % SMALLEST_PAGE:
        entry.fault = "a torn SQLite database: its last page is not whole"
        return {}
    try:
        return _tables_at(entry.absolute, signature(entry.absolute))
    except OSError:
        entry.head_failed = True  # asked again by the next walk
    except ReaderFault as fault:
        entry.fault = f"a damaged SQLite database: {fault.what}"
    return {}


@lru_cache(maxsize=64)
def _tables_at(path: Path, _: str) -> Mapping[str, frozenset[str]]:
    """Of a file with that signature: several readers ask, one after the other."""
    with opened(path) as store:
        return store.tables


class _OtherWay(OSError):
    """SQLite cannot read the file where it lies without writing beside it."""


@contextmanager
def _in_place(path: Path) -> Iterator[Store]:
    """Where a rollback journal is the rule, or a writer has the WAL open already."""
    with _connected(path, "mode=ro") as connection:
        yield Store(connection, path, "")


@contextmanager
def _as_it_is(path: Path) -> Iterator[Store]:
    """A WAL database that nobody has open: without locks, watched for a writer that comes meanwhile."""
    watched = signature(path)
    with _connected(path, "mode=ro&immutable=1") as connection:
        yield Store(connection, path, watched)


@contextmanager
def _copied(path: Path) -> Iterator[Store]:
    """A private copy, with what waits in its journal or WAL."""
    size = path.stat().st_size + _size(_beside(path, "-wal"))
    if size > LARGEST_COPY:
        raise ReaderFault(f"a database of {size >> 20:,} MB that must be copied to be read: too large")
    with tempfile.TemporaryDirectory(prefix="runspect-", dir=_scratch()) as folder:
        copy, before = Path(folder) / "store.db", signature(path)
        shutil.copyfile(path, copy)
        for suffix in ("-wal", "-journal"):
            if _size(_beside(path, suffix)):
                shutil.copyfile(_beside(path, suffix), _beside(copy, suffix))
        if signature(path) != before:
            raise OSError(errno.EAGAIN, "changed while it was copied", str(path))
        with _connected(copy, "mode=rw") as connection:
            yield Store(connection, copy, "")


@contextmanager
def _connected(path: Path, query: str) -> Iterator[sqlite3.Connection]:
    with _told(path):
        connection = sqlite3.connect(f"{path.as_uri()}?{query}", uri=True, timeout=WAIT_S, isolation_level=None)
    with closing(connection):
        connection.text_factory = _text
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
        # Functions named in a stranger's schema are not to be run.
        connection.execute("PRAGMA trusted_schema = OFF")
        yield connection


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """SQLite's errors as ours: what may pass, and what is damage."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code in _NOT_THIS_WAY:
            raise _OtherWay(errno.EACCES, str(error), str(path)) from error
        if code in _LATER:
            raise OSError(errno.EAGAIN, str(error), str(path)) from error
        raise ReaderFault(f"SQLite: {error}") from error
    except MemoryError as error:  # what SQLite says of some damaged schemas, however little they need
        raise ReaderFault("SQLite: out of memory, or a damaged schema") from error
    except UnicodeDecodeError as error:  # the module decodes SQLite's messages, which quote the file
        raise ReaderFault("SQLite: a damaged schema") from error


def _bounded(cursor: sqlite3.Cursor) -> tuple[list[Row], bool]:
    """All rows, or as many as may be held at once; and whether these are all."""
    rows: list[Row] = []
    held, many = 0, FEW
    while more := cursor.fetchmany(many):
        rows += more
        size = sum(len(value) for row in more for value in row if isinstance(value, (str, bytes)))
        held += size
        if held > MOST_HELD:
            return rows, False
        many = 2 * many if size < MOST_HELD // 64 else FEW
    return rows, True


class _Patience:
    """Interrupts a statement that goes on and on."""

    STRIDE = 100_000

    def __init__(self) -> None:
        self._left = _WORK

    def __call__(self) -> bool:
        self._left -= self.STRIDE
        return self._left < 0


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _size(path: Path) -> int:
    """0 where there is no such file."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _wal_in_use(path: Path) -> bool:
    """Whether a writer has the database open, or died with it open: what we would make is there already."""
    return _beside(path, "-shm").exists() and _beside(path, "-wal").exists()


def _scratch() -> str | None:
    """Where copies go: a disk rather than memory."""
    return "/var/tmp" if os.access("/var/tmp", os.W_OK) else None
