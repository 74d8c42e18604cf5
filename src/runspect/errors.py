"""The tree of errors: each says what, where and what to do, and knows its exit code."""

from __future__ import annotations


class RunspectError(Exception):
    """Base of all errors that a user sees as one line on stderr or in the status line."""

    exit_code = 2


class UsageError(RunspectError):
    """The command line or a request makes no sense."""


class NotFound(RunspectError):
    """A directory, run, metric or command does not exist."""


class NothingMatched(RunspectError):
    """No run is what was asked for: an answer, and no mistake."""

    exit_code = 1


class AmbiguousRun(RunspectError):
    """A RUN argument fits several runs."""

    def __init__(self, text: str, candidates: tuple[str, ...]) -> None:
        super().__init__(f"{text!r} fits {len(candidates)} runs: {', '.join(candidates[:10])}")
        self.text = text
        self.candidates = candidates


class QueryError(RunspectError):
    """A query could not be understood.

    `start` and `end` are character offsets of the offending token in the query; `near` are names that the
    user may have meant.
    """

    def __init__(self, message: str, start: int, end: int, near: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.start = start
        self.end = end
        self.near = near


class EngineError(RunspectError):
    """The engine could not be started, reached or understood."""


class EngineTooNew(EngineError):
    """The running engine belongs to a newer runspect than this client."""


class IndexFault(RunspectError):
    """The index cannot be opened or written; the message says whether it is corrupt, locked, full or forbidden."""


class JournalFault(RunspectError):
    """An annotation could not be written durably; it was not acknowledged."""


class ReaderFault(RunspectError):
    """A log file cannot be read on: becomes a `Problem` in the health view."""

    def __init__(self, what: str, offset: int | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.offset = offset
