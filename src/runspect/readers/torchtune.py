"""torchtune's DiskLogger: `log_<unix time>.txt`, a line a step: `Step 1 | loss:0.78 lr:2e-05 tokens_per_second_per_gpu:99 `."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from runspect.counted import counted
from runspect.model import Claim
from runspect.readers import lines
from runspect.readers.claims import weak
from runspect.readers.conflicts import one_side
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.jsonl import fold_objects
from runspect.readers.state import TextState

_NAME = re.compile(r"log_(\d{9,11})\.txt")
_LINE = re.compile(rb"Step (\d+) \| ?(\S+:.*)")
_VALUE = re.compile(r"(\S+?):(\S+)(?:\s|$)")


class TorchtuneReader:
    """Reads on by lines; one that has no newline yet may be torn."""

    name = "torchtune"
    mode: Mode = "append"
    precision = 3
    names = ("log_*.txt",)

    def claim(self, entry: Entry) -> Claim | None:
        """By name and the form of the first line; an empty one by its name beside torchtune's config."""
        if not _NAME.fullmatch(entry.name):
            return None
        head = entry.head()
        hollow = not head.strip() and "torchtune_config.yaml" in entry.siblings
        return weak(entry, self.name, "torchtune", strength=2) if hollow or _LINE.match(head) else None

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch a block of lines."""
        state = TextState.of(cursor)
        named = _NAME.fullmatch(path.name)
        start = float(named[1]) if named else None
        for block in lines.read_blocks(path, cursor.offset, state.skipping):
            if block.open:
                state, told = state.told_of(block)
                if told:
                    problems = tuple(flaw.problem(path, self.name) for flaw in told)
                    yield Batch(state.cursor(cursor, block.start), problems=problems)
                return
            block, side = one_side(block, state.side)
            rows, flaws = _rows(block)
            points, carry, *_ = fold_objects(rows, state.carry)
            state = replace(state, carry=carry, skipping=block.skipping, side=side)
            problems = tuple(flaw.problem(path, self.name) for flaw in (*block.flaws, *flaws))
            yield Batch(state.cursor(cursor, block.end), points=points, problems=problems, writer_start=start)


def _rows(block: lines.Block) -> tuple[list[dict[str, Any]], list[lines.Flaw]]:
    rows: list[dict[str, Any]] = []
    bad, first, position = 0, 0, 0
    for line in block.data.split(b"\n"):
        match = _LINE.match(line.lstrip(b"\0"))
        if match is not None:
            values = _VALUE.findall(lines.text_of(match[2]))
            rows.append({"step": int(match[1][:18]), **{name: value for name, value in values if name != "step"}})
        elif line.strip():
            bad, first = bad + 1, first or position
        position += len(line) + 1
    what = f"{counted(bad, 'line')} that say no step"
    return rows, [lines.Flaw(block.offset(first), what, "skipped")] if bad else []


READER = TorchtuneReader()
