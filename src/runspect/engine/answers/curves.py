"""Points of metrics, and lines of console logs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

from runspect.engine.answers.replies import Answer, as_json, as_numbers
from runspect.engine.call import Call, Reply
from runspect.engine.console import read_page
from runspect.engine.packed_console import read_packed
from runspect.errors import NotFound, UsageError
from runspect.index import reads
from runspect.index.reads.charted import Axis
from runspect.model import Json, LogPage
from runspect.pathtext import on_disk
from runspect.recorder.layout import CONSOLE

if TYPE_CHECKING:
    from runspect.engine.requests import Requests


def _series(engine: Requests, call: Call) -> Reply:
    kept = engine.core.parts().kept
    with engine.reading(call) as cursor:
        return as_numbers(
            reads.series(cursor, call.scope, call.args["run"], call.args["metric"], kept.runs, engine.called)
        )


def _curves(engine: Requests, call: Call) -> Reply:
    # Arrow takes a tenth of a second and 30 MB: who draws no curves does not pay for it.
    from runspect.engine.arrow import curves_stream

    kept = engine.core.parts().kept
    with engine.reading(call) as cursor:
        curves = reads.curves(cursor, call.args["rids"], *_axis(call), kept.runs, kept.outlines)
    return Reply(body_kind="arrow", body=curves_stream(curves))


def _bands(engine: Requests, call: Call) -> Reply:
    from runspect.engine.arrow import bands_stream

    kept = engine.core.parts().kept
    with engine.reading(call) as cursor:
        bands = reads.bands(cursor, call.args["groups"], *_axis(call), kept.runs, kept.outlines)
    return Reply(body_kind="arrow", body=bands_stream(bands))


def _axis(call: Call) -> tuple[list[str], Axis, int, tuple[float, float] | None]:
    """The metrics, and over what they are to be drawn."""
    args = call.args
    x = args.get("x", "step")
    if x not in ("step", "time", "relative"):
        raise UsageError(f"x is step, time or relative, not {x!r}")
    span = (float(args["span"][0]), float(args["span"][1])) if args.get("span") else None
    return args["metrics"], x, args.get("width", 200), span


def _recorded(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        kept = engine.core.parts().kept
        return as_numbers(
            reads.recorded(
                cursor, call.scope, call.args["rids"], call.args.get("metrics", ()), kept.runs, engine.called
            )
        )


def _tail(engine: Requests, call: Call) -> Reply:
    args = call.args
    with engine.reading(call) as cursor:
        watch, directory, consoles, archives = reads.run_place(cursor, args["rid"])
    files = {os.path.relpath(path, directory): on_disk(watch, path) for path in consoles}
    if not files and archives:
        return as_json(_packed(watch, archives[0], args))
    if not files:
        return as_json(asdict(LogPage("", (), 0, 0, 0)))
    file = args.get("file") or next(iter(files))
    if file not in files:
        raise NotFound(f"the run has no console log {file!r}; it has: {', '.join(files)}")
    page = read_page(files[file], args.get("offset"), args.get("lines", 500))
    return as_json({**asdict(page), "path": file, "files": list(files)})


def _packed(watch: str, archive: tuple[str, str], args: Mapping[str, Json]) -> Json:
    """Of a record that lies in an archive."""
    path, key = archive
    page = read_packed(on_disk(watch, path), key, args.get("offset"), args.get("lines", 500))
    if page is None:
        return asdict(LogPage("", (), 0, 0, 0))
    name = f"{path}:{CONSOLE}"
    return {**asdict(page), "path": name, "files": [name]}


TABLE: dict[str, Answer] = {
    "series": _series,
    "curves": _curves,
    "bands": _bands,
    "recorded": _recorded,
    "tail": _tail,
}
