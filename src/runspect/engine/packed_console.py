"""Pages of a console log that lies in an archive of records."""

from __future__ import annotations

from pathlib import Path

from runspect.engine.console import page_of
from runspect.errors import NotFound, ReaderFault
from runspect.model import LogPage
from runspect.readers.archived_console import BLOCK, NoConsole, Stretch, stretch


def read_packed(archive: Path, key: str, offset: int | None, lines: int) -> LogPage | None:
    """As `console.read_page`, of the console of the record `key`; None where it has none.

    Raises:
        NotFound: The archive cannot be read.
    """
    try:
        status = archive.stat()
        signature = (status.st_size, status.st_mtime_ns)
        found = stretch(archive, signature, key, None if offset is None else offset // BLOCK)
        if offset is not None and offset > found.size:  # another archive than before: its end is what there is
            found, offset = stretch(archive, signature, key, None), None
        return page_of(_Content(found), found.size, offset, lines, settled=True)
    except NoConsole:
        return None
    except (OSError, ReaderFault) as error:
        raise NotFound(f"{archive}: {error}") from error


class _Content:
    """The stretch as a file, of which nothing else can be read but its beginning."""

    def __init__(self, piece: Stretch) -> None:
        self._piece = piece
        self._at = 0

    def seek(self, offset: int, /) -> None:
        self._at = offset

    def read(self, size: int, /) -> bytes:
        piece = self._piece
        if self._at < len(piece.head) and self._at < piece.start:
            data = piece.head[self._at : self._at + size]
        else:
            begin = max(0, self._at - piece.start)
            data = piece.data[begin : begin + size]
        self._at += len(data)
        return data
