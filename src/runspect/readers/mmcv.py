"""mmcv's `<time stamp>.log.json`, from before MMEngine: rows with `mode`, an epoch, and an iteration within the epoch.

The first line holds the environment and the config: `{"env_info": "…", "config": "<Python source>", "seed": 0}`. In an
epoch-based training `iter` begins anew each epoch; the step here is the iteration since the start, as mmcv's own event
files count. The text log beside (`<time stamp>.log`: `Epoch [3][50/7330]`) says how long an epoch is; without it the
last row of an epoch ends it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from runspect.counted import counted
from runspect.dataclass import dataclass
from runspect.errors import ReaderFault
from runspect.model import Claim, Json
from runspect.readers import lines, number_lists
from runspect.readers.claims import columns_hint, weak
from runspect.readers.conflicts import Side, one_side
from runspect.readers.contract import Batch, Cursor, Entry, Mode, with_offset
from runspect.readers.flatten import flatten
from runspect.readers.json_lines import object_of
from runspect.readers.jsonl import fold_objects
from runspect.readers.literals import assignments
from runspect.readers.mmengine import STAMP
from runspect.readers.mmengine_files import HEAD, config_facts
from runspect.readers.mmengine_log import epoch_length, origin
from runspect.readers.series import Carry
from runspect.readers.times import moment

ENDING = ".log.json"
_MODES = (b'"mode": "train"', b'"mode": "val"')
_FIRST = (b'"env_info"', b'"hook_msgs"', b'"exp_name"')
_MORE = ("seed", "exp_name", "mmdet_version", "mmseg_version", "mmcv_version")


@dataclass(slots=True)
class _Count:
    """Where the training is: what `iter` of a row is added to, and the last row's epoch and iteration."""

    base: int = 0
    epoch: int = 0
    iteration: int = 0
    row: int = 0
    told: int = -1
    """Offset of the damage at the file's end that was already reported."""
    lists: tuple[tuple[str, int], ...] = ()
    """As in `Carry`."""
    side: Side = ""
    """Of a merge conflict, at the cursor."""

    @classmethod
    def of(cls, state: str) -> _Count:
        try:
            base, epoch, iteration, row, told, lists, said = json.loads(state)
            counts = tuple((str(key), int(count)) for key, count in lists.items())
            side: Side = said if said in get_args(Side) else ""
            return cls(int(base), int(epoch), int(iteration), int(row), int(told), counts, side)
        except (ValueError, TypeError, OverflowError, AttributeError):
            return cls()

    def state(self) -> str:
        return json.dumps([self.base, self.epoch, self.iteration, self.row, self.told, dict(self.lists), self.side])

    def step(self, row: dict[str, Any], length: int | None) -> int:
        """Iterations since the start; a row of validation, which follows an epoch, stands where training is."""
        epoch, iteration = row.get("epoch"), row.get("iter")
        if type(epoch) is not int or type(iteration) is not int or row.get("mode") != "train":
            return self.base + self.iteration if length is None or type(epoch) is not int else epoch * length
        if length is not None:
            self.base = max(0, epoch - 1) * length
        elif epoch < self.epoch:
            self.base = 0
        elif epoch > self.epoch and iteration <= self.iteration:
            self.base += self.iteration
        self.epoch, self.iteration = epoch, iteration
        return self.base + iteration


class MmcvReader:
    """Reads on by lines; the cursor holds where the epoch began."""

    name = "mmcv"
    mode: Mode = "append"
    precision = 0
    names = (f"*{ENDING}",)
    """mmcv rounds to five decimals, so its event files are more precise."""

    def claim(self, entry: Entry) -> Claim | None:
        """`*.log.json` with mmcv's first line or rows. Files named by a time are starts of one run."""
        if not entry.name.endswith(ENDING):
            return None
        head = entry.head()
        if not any(word in head for word in (*_MODES, *_FIRST)):
            return None
        started = STAMP.fullmatch(entry.name.removesuffix(ENDING))
        hints = () if started else columns_hint(("mode", "epoch", "iter", "lr", "loss"))
        return weak(entry, self.name, "mmcv", strength=2, hints=hints)

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch a block of lines."""
        count, length = _Count.of(cursor.state), _length_beside(path)
        start = moment(path.name.removesuffix(ENDING))
        for block in lines.read_blocks(path, cursor.offset):
            if block.open and (block.flaws or object_of(block.data) is None):
                fresh = tuple(flaw for flaw in block.flaws if flaw.offset != count.told)
                if fresh:
                    count.told = fresh[-1].offset
                    problems = tuple(flaw.problem(path, self.name) for flaw in fresh)
                    yield Batch(with_offset(cursor, block.start, count.state()), problems=problems)
                return
            yield replace(self._block(path, block, count, length, cursor), writer_start=start)

    def _block(self, path: Path, block: lines.Block, count: _Count, length: int | None, cursor: Cursor) -> Batch:
        block, count.side = one_side(block, count.side)
        rows: list[dict[str, Any]] = []
        params: dict[str, Json] = {}
        facts: dict[str, Json] = {}
        bad = 0
        for line in block.data.split(b"\n"):
            row = object_of(line)
            if row is None:
                bad += bool(line.strip(b"\0\r\t "))
            elif "mode" in row:
                rows.append({**row, "step": count.step(row, length)})
            else:
                more_params, more_facts = _opening(row)
                params |= more_params
                facts |= more_facts
        told = fold_objects(rows, Carry(row=count.row, lists=count.lists))
        count.row, count.lists = told.carry.row, told.carry.lists
        flaws = block.flaws
        if bad:
            what = f"{counted(bad, 'line')} here that are no JSON objects"
            flaws = (*flaws, lines.Flaw(block.start, what, "skipped"))
        problems = tuple(flaw.problem(path, self.name) for flaw in flaws)
        problems += number_lists.problems(told.left, path, self.name)
        at = with_offset(cursor, block.end, count.state())
        return Batch(at, points=told.points, params=params, facts=facts, problems=problems)


def _opening(row: dict[str, Any]) -> tuple[dict[str, Json], dict[str, Json]]:
    """Params and facts of the first line."""
    params: dict[str, Json] = {key: row[key] for key in _MORE if isinstance(row.get(key), (str, int, float))}
    facts: dict[str, Json] = {}
    config = row.get("config")
    if isinstance(config, str):
        with suppress(ReaderFault):
            params |= flatten(assignments(config))
        facts |= config_facts(params)
    if isinstance(row.get("env_info"), str):
        facts |= origin(row["env_info"])
    if type(row.get("seed")) is int:
        facts["seed"] = row["seed"]
    return params, facts


def _length_beside(path: Path) -> int | None:
    """Iterations of an epoch by the text log beside, None where there is none or iterations count."""
    try:
        with path.with_suffix("").open("rb") as file:
            return epoch_length(lines.text_of(file.read(4 * HEAD)))
    except OSError:
        return None


READER = MmcvReader()
