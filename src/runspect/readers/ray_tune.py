"""Ray Tune and RLlib: a trial's result.json, a JSON object a result, and progress.csv, the same history flattened."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from runspect.model import Claim, Json
from runspect.readers import hollow
from runspect.readers.contract import Batch, Cursor, Entry, Mode, Points
from runspect.readers.csv_table import CsvReader
from runspect.readers.jsonl import read_rows
from runspect.readers.numbers import number
from runspect.readers.steps import StepRule

RESULT, PROGRESS, PARAMS = "result.json", "progress.csv", "params.json"
TOOL = "ray-tune"

_RULE = StepRule(("timesteps_total", "training_iteration"))
"""As Tune's own event files count."""
_TRIAL = re.compile(r"_[0-9a-f]{5}_\d{5}(?:_|$)|_\d{4}-\d{2}-\d{2}_\d{2}-\d{2}-\d{2}")
"""A trial's id, or the time at which it was made, in the name that Tune gives its directory."""
_NO_METRICS = ("pid",)
_EPISODES = "hist_stats"
_MARKS = (b'"training_iteration"', b'"time_this_iter_s"', b'"trial_id"')
_RLLIB = (b'"episode_media"', b'"episodes_this_iter"', b'"env_runners"', b'"custom_metrics"', b'"num_healthy_workers"')
"""Keys with which RLlib's results begin; one is longer than a file's head."""


class RayTuneReader:
    """Two files that tell the same: result.json wins, since progress.csv drops keys that came after the first row."""

    name = TOOL
    mode: Mode = "append"
    precision = 3
    names = (RESULT, PROGRESS)

    def claim(self, entry: Entry) -> Claim | None:
        """By name and by the keys that Tune adds to each result."""
        if entry.name == RESULT and _is_result(entry):
            return trial_claim(entry, self.name, "series")
        if entry.name == PROGRESS and _is_progress(entry):
            return trial_claim(entry, self.name, "series")
        return None

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """Series by time steps where the trial counts them, else by training iteration."""
        if path.name == PROGRESS:
            for batch in CsvReader(self.name, _RULE).read(path, cursor):
                yield replace(batch, points=_metrics(batch.points))
            return
        begins = cursor.offset == 0
        for batch, rows in read_rows(path, cursor, self.name, _RULE, _without_episodes):
            yield replace(batch, points=_metrics(batch.points), facts=_facts(rows, begins))
            begins = begins and not rows


def trial_claim(entry: Entry, reader: str, kind: Any) -> Claim:
    """The claim of a file that lies in a trial's directory; named by Tune, the directory lies in its experiment's."""
    named = entry.above != "." and _TRIAL.search(entry.folder)
    hints = (("group", entry.above),) if named else ()
    return Claim(reader, entry.path, entry.directory, "container", kind, 3, TOOL, hints)


def is_trial(entry: Entry) -> bool:
    """Whether the names beside a file are those of a trial's directory."""
    beside = entry.siblings
    events = any("tfevents" in name for name in beside)
    return PARAMS in beside and ("params.pkl" in beside or (RESULT in beside and (PROGRESS in beside or events)))


def _is_result(entry: Entry) -> bool:
    head = entry.head()
    if not head.strip() or hollow.is_pointer(head):
        return is_trial(entry)
    if any(mark in head for mark in _MARKS):
        return True
    long = head.startswith(b"{") and b"\n" not in head.rstrip(b"\n") and entry.size > len(head)
    return long and (is_trial(entry) or any(mark in head for mark in _RLLIB))


def _is_progress(entry: Entry) -> bool:
    columns = entry.head().partition(b"\n")[0].strip().split(b",")
    if b"training_iteration" in columns and (b"time_total_s" in columns or b"trial_id" in columns):
        return True
    return is_trial(entry) and RESULT in entry.siblings


def _metrics(points: Mapping[str, Points]) -> dict[str, Points]:
    return {name: series for name, series in points.items() if name not in _NO_METRICS}


def _without_episodes(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The results without RLlib's lists of every episode, of which it reports mean, least and most as metrics."""
    for row in rows:
        for level in (row, row.get("sampler_results"), row.get("env_runners"), row.get("evaluation")):
            if isinstance(level, dict):
                level.pop(_EPISODES, None)
    return rows


def _facts(rows: Sequence[Mapping[str, Any]], begins: bool) -> dict[str, Json]:
    """Where the trial runs, by its newest result; since when, by its first one."""
    if not rows:
        return {}
    last = rows[-1]
    told = {"pid": last.get("pid"), "host": last.get("hostname"), "run_id": last.get("trial_id")}
    facts: dict[str, Json] = {name: value for name, value in told.items() if isinstance(value, (int, str))}
    stamp, took = number(rows[0].get("timestamp")), number(rows[0].get("time_total_s"))
    if begins and stamp is not None and took is not None:
        facts["started"] = stamp - took
    return facts


READER = RayTuneReader()
