"""What a command says while it indexes."""

from __future__ import annotations

import io

from runspect.cli.progress import ProgressBar
from runspect.model import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def told(stream: io.StringIO, moments: list[float]) -> str:
    """What stands on the stream after reports at these seconds."""
    times = iter([0.0, *moments])
    with ProgressBar(stream, ("/exp",), clock=lambda: next(times)) as bar:
        for number, _ in enumerate(moments):
            bar.show(Progress("walking" if number < 2 else "reading", 1_000 * (number + 1), 12_000))
    return stream.getvalue()


def test_a_log_gets_a_line_after_a_while_and_then_now_and_then() -> None:
    assert told(io.StringIO(), [0.1, 1.9]) == ""
    assert told(io.StringIO(), [0.1, 2.1, 5.0, 12.0, 12.2]).splitlines() == [
        "indexing /exp: 2,000 files seen so far ...",
        "indexing /exp: 5,000 of 12,000 files read so far ...",
    ]


def test_a_terminal_gets_a_bar_that_is_wiped() -> None:
    assert told(Terminal(), [0.1, 0.3]) == ""
    assert told(Terminal(), [0.1, 0.5]).startswith("\r\x1b[Klooking for runs in /exp: 2,000 files seen")
    assert told(Terminal(), [0.1, 0.5, 0.7]).endswith("3,000/12,000 files\r\x1b[K")
