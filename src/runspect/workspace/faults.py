"""Error frames as the exceptions that they were in the engine."""

from __future__ import annotations

from collections.abc import Mapping

from runspect import errors
from runspect.errors import AmbiguousRun, EngineError, QueryError, ReaderFault, RunspectError
from runspect.model import Json

_BY_NAME: dict[str, type[RunspectError]] = {
    kind.__name__: kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, RunspectError)
}


def fault(args: Mapping[str, Json]) -> RunspectError:
    """The exception that an error frame with these arguments stands for; an unknown one becomes `EngineError`."""
    message = str(args.get("message", "the engine gave no reason"))
    kind = _BY_NAME.get(str(args.get("type")), EngineError)
    if kind is AmbiguousRun:
        return AmbiguousRun(str(args.get("text", "")), tuple(args.get("candidates", ())))
    if kind is QueryError:
        return QueryError(message, int(args.get("start", 0)), int(args.get("end", 0)), tuple(args.get("near", ())))
    if kind is ReaderFault:
        return ReaderFault(message, args.get("offset"))
    return kind(message)
