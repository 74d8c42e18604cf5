"""Ray Tune's experiment_state-<time>.json: the status of each trial, which no file of the trial itself tells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from runspect.errors import ReaderFault
from runspect.model import Claim, Json, Problem
from runspect.readers import json_plain
from runspect.readers.contract import Batch, Cursor, Entry, Mode, with_offset
from runspect.readers.hollow import is_pointer
from runspect.readers.lines import read_text
from runspect.readers.numbers import number
from runspect.readers.ray_tune import TOOL
from runspect.readers.times import moment

LARGEST = 256 << 20
_NAME = re.compile(r"experiment_state-(.+)\.json")
_STATES: dict[str, dict[str, Json]] = {
    "TERMINATED": {"end_state": "finished", "end_reason": "Tune recorded TERMINATED"},
    "ERROR": {"end_state": "failed"},  # error.txt says why
    # no end, whatever an older state or the error of an earlier attempt says
    **{status: {"end_state": "running"} for status in ("RUNNING", "PENDING", "PAUSED")},
}
_SOONEST, _LATEST = 946_684_800.0, 4_102_444_800.0


class RayExperimentReader:
    """One file speaks of the trials in the directories beside it; a restored experiment goes on in a new one."""

    name = "ray-experiment"
    mode: Mode = "replace"
    precision = 3
    names = ("experiment_state-*.json",)

    def claim(self, entry: Entry) -> Claim | None:
        """By name."""
        if not _NAME.fullmatch(entry.name):
            return None
        return Claim(self.name, entry.path, entry.directory, "tool", "store", 3, TOOL)

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch of facts a trial, then one that moves the cursor."""
        end = with_offset(cursor, path.stat().st_size)
        try:
            for trial in _trials(path):
                if told := _told(trial):
                    place, facts = told
                    yield Batch(end, run=f"/{place}", facts=facts, writer_start=_written(path), whole=True, more=True)
            yield Batch(end)
        except ReaderFault as fault:
            problem = Problem(str(path), fault.offset, self.name, fault.what, "the status of the trials is not known")
            yield Batch(end, problems=(problem,))


def _trials(path: Path) -> list[dict[str, Any]]:
    """Each trial's two parts as one mapping; before Ray 2.3 there was one, under another key."""
    if path.stat().st_size > LARGEST:
        raise ReaderFault(f"larger than {LARGEST >> 20} MB")
    text, _ = read_text(path, LARGEST)
    if not text.strip():
        raise ReaderFault("an empty file", 0)
    if is_pointer(text[:64].encode("utf-8", "replace")):
        raise ReaderFault("git-LFS pointer, content not fetched", 0)
    found = json_plain.load(text)
    rows = (found.get("trial_data") or found.get("checkpoints")) if isinstance(found, dict) else None
    if not isinstance(rows, list):
        raise ReaderFault("no trials in it", 0)
    return [trial for row in rows if (trial := _joined(row if isinstance(row, list) else [row]))]


def _joined(parts: list[Any]) -> dict[str, Any]:
    """Parts are mappings, or such as JSON texts."""
    trial: dict[str, Any] = {}
    for part in parts:
        try:
            content = json_plain.load(part) if isinstance(part, str) else part
        except ReaderFault:
            continue
        trial |= content if isinstance(content, dict) else {}
    return trial


def _told(trial: Mapping[str, Any]) -> tuple[str, dict[str, Json]] | None:
    """The name of the trial's directory, and what is known of it."""
    place = next((trial[key] for key in ("relative_logdir", "logdir") if isinstance(trial.get(key), str)), "")
    name = place.rstrip("/").rpartition("/")[2]
    if not name or name in (".", ".."):
        return None
    status = str(trial.get("status"))
    facts: dict[str, Json] = dict(_STATES.get(status, {}))
    times = [("started", "start_time")]
    if status in ("TERMINATED", "ERROR"):
        times.append(("ended", "last_result_time"))
    for fact, key in times:
        when = number(trial.get(key))
        if when is not None and _SOONEST < when < _LATEST:
            facts[fact] = when
    if isinstance(trial.get("trial_id"), str):
        facts["run_id"] = trial["trial_id"]
    return name, facts


def _written(path: Path) -> float | None:
    match = _NAME.fullmatch(path.name)
    return moment(match[1]) if match else None


READER = RayExperimentReader()
