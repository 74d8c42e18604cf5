"""Reading one file from where its cursor stands, in this process or in a worker."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from runspect.errors import ReaderFault
from runspect.model import Problem
from runspect.pathtext import on_disk
from runspect.readers import hollow, reader_named
from runspect.readers.contract import Batch, Cursor
from runspect.readers.resume import sealed, still_valid


class Task(NamedTuple):
    """A file to read; `number` tells its pieces from those of others."""

    number: int
    reader: str
    watch: str
    path: str
    cursor: Cursor
    size: int
    mtime: float
    ctime: int
    """As they were known before; what is read may be newer."""
    hollow: bool = False
    """It was seen to hold a pointer instead of its content."""


class Piece(NamedTuple):
    """A piece of a file; the last one has `ended`, and a batch where the file had any."""

    number: int
    batch: Batch | None
    fresh: bool
    """The file is read from its beginning: what it told before no longer counts. Stores say so in their batches."""
    size: int
    mtime: float
    ctime: int
    """Of the file before it was read, together with what is read with it."""
    ended: bool = False
    missing: bool = False
    """The file was not there any more."""
    busy: bool = False
    """Its writer held it: to be read again soon."""


def read(task: Task) -> Iterator[Piece]:
    """All pieces of a file. What cannot be read becomes a problem, never an exception."""
    held: Piece | None = None
    for piece in _pieces(task):
        if held is None:
            held = piece
        elif piece.batch is None and not piece.missing and not piece.busy:
            # one piece for a small file: there are very many of them
            held = piece._replace(batch=held.batch, fresh=held.fresh)
        else:
            yield held
            held = piece
    if held is not None:
        yield held


def _pieces(task: Task) -> Iterator[Piece]:
    """Batches, then the end without one."""
    reader = reader_named(task.reader)
    path = on_disk(task.watch, task.path)
    piece = Piece(task.number, None, task.cursor.offset == 0, task.size, task.mtime, task.ctime, ended=True)
    cursor = task.cursor

    def problem(what: str, offset: int | None = None, effect: str = "the rest of the file is not shown") -> Piece:
        told = Problem(task.path, offset, reader.name, what, effect)
        return piece._replace(batch=Batch(cursor, problems=(told,)), ended=False)

    try:
        if reader.mode == "store":
            piece = piece._replace(fresh=False)
        elif piece.fresh:
            cursor = Cursor()
        elif reader.mode == "replace" or not still_valid(cursor, path):
            cursor, piece = Cursor(), piece._replace(fresh=True)
        if task.hollow and hollow.holds_pointer(path, task.size):
            cursor, piece = Cursor(), piece._replace(fresh=True)
            yield problem(hollow.POINTER, 0, "nothing was read from it: git lfs pull fetches it")
            yield piece
            return
        for batch in reader.read(path, cursor):
            if not batch.more:
                cursor = batch.cursor if reader.mode != "append" else sealed(batch.cursor, path)
            whole = batch if cursor is batch.cursor or batch.more else replace(batch, cursor=cursor)
            yield Piece(task.number, whole, piece.fresh or batch.restart, task.size, task.mtime, task.ctime)
    except FileNotFoundError:
        yield piece._replace(missing=True)
        return
    except BlockingIOError:
        yield piece._replace(size=-1, mtime=-1.0, ctime=0, busy=True)
        return
    except OSError as error:
        yield problem(f"cannot be read: {error.strerror or error}")
        piece = piece._replace(size=-1, mtime=-1.0, ctime=0)  # to be tried again
    except ReaderFault as fault:
        yield problem(fault.what, fault.offset)
    except Exception as error:  # noqa: BLE001 - the reader loop: damage in one file must not stop the others
        yield problem(f"{type(error).__name__} while reading: {error}")
    yield piece
