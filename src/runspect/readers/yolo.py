"""YOLO of Ultralytics and its kin: results.csv, one row an epoch, and the results.txt of YOLOv5 up to v5.0 and YOLOv7."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from runspect.model import Claim, Json
from runspect.readers import lines
from runspect.readers.claims import columns_hint, weak
from runspect.readers.conflicts import one_side
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.csv_table import CsvReader
from runspect.readers.jsonl import fold_objects
from runspect.readers.numbers import number
from runspect.readers.state import TextState
from runspect.readers.steps import StepRule
from runspect.readers.tables import names_of

TOOL = "ultralytics"
TABLE, TEXT = "results.csv", "results.txt"
_RULE = StepRule(("epoch",))
_ROW = re.compile(rb"\s*\d+/\d+\s+[\d.]+G\s")
_COLUMNS = (
    "epoch", "gpu_mem", "train/box_loss", "train/obj_loss", "train/cls_loss", "train/total_loss", "labels", "img_size",
    "metrics/precision", "metrics/recall", "metrics/mAP_0.5", "metrics/mAP_0.5:0.95", "val/box_loss", "val/obj_loss",
    "val/cls_loss",
)  # fmt: skip
"""What results.txt holds, under the names that YOLOv5 gave the same numbers in its later tables and event files."""


class YoloReader:
    """Epochs count from 0 in v5 and the first v8, from 1 since; the first row tells."""

    name = "yolo"
    mode: Mode = "append"
    precision = 3
    names = (TABLE, TEXT)

    def claim(self, entry: Entry) -> Claim | None:
        """By name and columns, which older versions pad with blanks."""
        if entry.name == TABLE:
            names = names_of(lines.text_of(entry.head()).partition("\n")[0].strip("\r").split(","))
            if names[0] != "epoch" or not any(name.startswith("metrics/") for name in names):
                return None
            return weak(entry, self.name, TOOL, strength=2, hints=columns_hint(names))
        if entry.name == TEXT and _ROW.match(entry.head()):
            return weak(entry, self.name, TOOL, strength=2, hints=columns_hint(_COLUMNS))
        return None

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """Series by epoch, and how many epochs are done."""
        if path.suffix == ".txt":
            return _read_text(path, cursor, self.name)
        return _read_table(path, cursor, self.name)


def _read_table(path: Path, cursor: Cursor, reader: str) -> Iterator[Batch]:
    begun = 0 if _counts_from_zero(path) else 1
    for batch in CsvReader(reader, _RULE).read(path, cursor):
        last = max((int(series.steps[-1]) for series in batch.points.values() if len(series)), default=None)
        yield batch if last is None else replace(batch, facts={"reached_steps": last + 1 - begun})


def _counts_from_zero(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(4096).split(b"\n")
    return len(head) > 1 and number(lines.text_of(head[1]).partition(",")[0]) == 0


def _read_text(path: Path, cursor: Cursor, reader: str) -> Iterator[Batch]:
    """Lines of values between blanks; the first is `epoch/last epoch`, both counted from 0."""
    state = TextState.of(cursor)
    for block in lines.read_blocks(path, cursor.offset, state.skipping):
        if block.open:
            state, told = state.told_of(block)
            if told:
                problems = tuple(flaw.problem(path, reader) for flaw in told)
                yield Batch(state.cursor(cursor, block.start), problems=problems)
            return
        block, side = one_side(block, state.side)
        rows = [
            cells
            for line in lines.text_of(block.data).split("\n")
            if _ROW.match(line.encode())
            for cells in [line.split()]
        ]
        points, carry, *_ = fold_objects([_named(cells) for cells in rows], state.carry, _RULE)
        state = replace(state, carry=carry, skipping=block.skipping, side=side)
        problems = tuple(flaw.problem(path, reader) for flaw in block.flaws)
        yield Batch(state.cursor(cursor, block.end), points=points, facts=_goal(rows), problems=problems)


def _named(cells: Sequence[str]) -> dict[str, object]:
    """A row under the names of its columns; a kind of model with other columns has them numbered behind `img_size`."""
    epoch, _, _ = cells[0].partition("/")
    values = [epoch, cells[1].rstrip("G"), *cells[2:]]
    if len(values) == len(_COLUMNS):
        return dict(zip(_COLUMNS, values, strict=True))
    known = [_COLUMNS[0], _COLUMNS[1]]
    return dict(zip([*known, *(f"column_{at}" for at in range(3, len(values) + 1))], values, strict=False))


def _goal(rows: Sequence[Sequence[str]]) -> dict[str, Json]:
    if not rows:
        return {}
    epoch, _, last = rows[-1][0].partition("/")
    return {"reached_steps": int(epoch) + 1, "max_steps": int(last) + 1}


READER = YoloReader()
