"""The configuration at the head of a console log whose metrics another file tells, and how the log ends.

fairseq prints its Hydra config on one line and leaves no file of it; many scripts print `Namespace(…)`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from runspect.model import Claim
from runspect.readers import console
from runspect.readers.console_params import SPAN, printed
from runspect.readers.console_pieces import pieces
from runspect.readers.contract import Batch, Cursor, Entry, Mode, with_offset


class ConsoleConfigReader:
    """Reads on by byte offset as far as configuration may stand; claims nothing itself: see `resolve.consoles`."""

    name = "console-config"
    mode: Mode = "append"
    precision = 0
    names = ()

    def claim(self, entry: Entry) -> Claim | None:
        """Nothing: see `console`."""
        return None

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """The params of whole lines, then what the end of the log says of the run's end."""
        end = cursor
        for piece in pieces(path, cursor.offset) if cursor.offset < SPAN else ():
            end = with_offset(cursor, piece.end)
            yield Batch(end, params=printed(piece.data[: SPAN - piece.start]))
            if piece.end >= SPAN:
                break
        facts = console.facts_of(path)
        if facts or end.offset:
            yield Batch(end, facts=facts)


READER = ConsoleConfigReader()
