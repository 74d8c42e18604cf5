"""Console logs as series: read where no structured log of the same run tells its metrics.

Which format a line has is decided line by line (`patterns/*.toml`), so a log may mix several.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import get_args

import numpy as np

from runspect.model import Claim, Json, Problem
from runspect.readers import console, lines
from runspect.readers.conflicts import Side, one_side
from runspect.readers.console_params import Block, params_in
from runspect.readers.console_pieces import pieces
from runspect.readers.contract import Batch, Cursor, Entry, Mode, Points, with_offset
from runspect.readers.pattern_set import patterns
from runspect.readers.scrape import Memory, Row, Scraper


class ConsoleMetricsReader:
    """Reads on by byte offset; claims nothing itself: `resolve` gives it the console logs that are to tell metrics."""

    name = "console-metrics"
    mode: Mode = "append"
    precision = 0
    names = ()

    def claim(self, entry: Entry) -> Claim | None:
        """Nothing: see `console`."""
        return None

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch a piece of the file; the last one tells what the end of the log says of the run's end."""
        memory, block, side = _state(cursor)
        known = patterns().patterns
        scraper = Scraper(known, memory)
        end = cursor
        for piece in pieces(path, cursor.offset):
            told, side = one_side(lines.Block(piece.start, piece.end, piece.data), side)
            rows = [row for _, _, matched in scraper.scan(told.data, piece.ended) for row in matched.rows]
            params = params_in(told.data, piece.start, block, known, scraper.guard)
            end = with_offset(cursor, piece.end, _stored(memory, block, side))
            problems = tuple(flaw.problem(path, self.name) for flaw in told.flaws)
            yield Batch(end, points=points_of(rows), params=params, problems=problems)
        slow = tuple(
            Problem(str(path), None, self.name, f"pattern {name!r} is too slow on {line!r}", "it was switched off")
            for name, line in scraper.guard.slow.items()
        )
        facts = console.facts_of(path) | _best(memory)
        if facts or slow or end.offset:
            yield Batch(end, facts=facts, problems=slow)


def _best(memory: Memory) -> dict[str, Json]:
    step, value = memory.best or (None, None)
    told: dict[str, Json] = {"best_step": step, "best_metric": value}
    return {name: said for name, said in told.items() if said is not None}


def points_of(rows: Iterable[Row]) -> dict[str, Points]:
    """Rows as series, in their order."""
    columns: dict[str, tuple[list[int], list[float], list[float]]] = {}
    for row in rows:
        steps, times, values = columns.setdefault(row.name, ([], [], []))
        steps.append(row.step)
        times.append(row.time)
        values.append(row.value)
    return {
        name: Points(np.array(steps, np.int64), np.array(times, np.float64), np.array(values, np.float64))
        for name, (steps, times, values) in columns.items()
    }


def _state(cursor: Cursor) -> tuple[Memory, Block, Side]:
    try:
        told: Json = json.loads(cursor.state) if cursor.state else {}
        side: Side = told["side"] if told.get("side") in get_args(Side) else ""
        return Memory.of(told.get("memory")), Block([list(row) for row in told.get("block", {}).get("rows", ())]), side
    except (ValueError, TypeError, AttributeError):
        return Memory(), Block(), ""


def _stored(memory: Memory, block: Block, side: Side) -> str:
    told: dict[str, object] = {"memory": memory.plain()}
    told |= {"block": asdict(block)} if block.rows else {}
    told |= {"side": side} if side else {}
    return json.dumps(told, separators=(",", ":"))


READER = ConsoleMetricsReader()
