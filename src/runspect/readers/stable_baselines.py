"""Stable-Baselines3 and OpenAI Baselines: progress.csv, progress.json, and the monitors of environments.

New columns make the writer put the whole of progress.csv anew in place; the head's signature in the cursor tells that.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from runspect.model import Claim, Json
from runspect.readers import lines
from runspect.readers.claims import columns_hint, weak
from runspect.readers.contract import Batch, Cursor, Entry, Mode, Points
from runspect.readers.csv_table import CsvReader
from runspect.readers.jsonl import first_keys, read_rows
from runspect.readers.numbers import number
from runspect.readers.steps import StepRule
from runspect.readers.tables import names_of, split

SB3, BASELINES = "stable-baselines3", "baselines"
RULE = StepRule(
    (
        "time/total_timesteps", "total_timesteps", "misc/total_timesteps", "total timesteps", "timestepssofar",
        "total/steps", "steps", "serial_timesteps", "misc/serial_timesteps",
    ),
    kept=True,
)  # fmt: skip
"""The environment's steps, under the names that the two libraries gave them over the years."""
PARTS = frozenset({"eval", "evals", "evaluation", "evaluations", "monitor", "monitors", "best_model"})
"""Directories of a run that hold what a callback wrote."""

_SECTIONS = ("time/", "rollout/")
_OF_BASELINES = frozenset(
    {"eprewmean", "eplenmean", "epthisiter", "episodessofar", "misc/nupdates", "nupdates", "serial_timesteps"}
    | {"mean 100 episode reward", "ep_rewmean", "rollout/return", "ep_reward_mean"}
)
_MONITOR = b"#{"


class StableBaselinesReader:
    """The table, the JSON lines and the monitors; the tables of log.txt are read by `rl_tables`."""

    name = SB3
    mode: Mode = "append"
    precision = 3
    names = ("*monitor.csv", "progress.csv", "progress.json")

    def claim(self, entry: Entry) -> Claim | None:
        """By the names of files and columns."""
        if entry.name.endswith("monitor.csv"):
            return self._monitor(entry)
        if entry.name not in ("progress.csv", "progress.json"):
            return None
        names = _columns(entry)
        tool = tool_of(names)
        return weak(entry, self.name, tool, strength=2, hints=columns_hint(names)) if tool else None

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """Series by the environment's steps; a monitor's by episode, each with its time."""
        if path.name.endswith("monitor.csv"):
            head = _monitor_head(path)
            for batch in CsvReader(self.name).read(path, cursor):
                yield _timed(batch, head, begins=cursor.offset == 0)
        elif path.suffix == ".json":
            for batch, _ in read_rows(path, cursor, self.name, RULE):
                yield replace(batch, facts=_reached(batch))
        else:
            for batch in CsvReader(self.name, RULE).read(path, cursor):
                yield replace(batch, facts=_reached(batch))

    def _monitor(self, entry: Entry) -> Claim | None:
        head = entry.head()
        if not head.startswith(_MONITOR):
            return None
        second = lines.text_of(head).split("\n")[1:2]
        return weak(entry, self.name, SB3, strength=2, root=run_root(entry), hints=columns_hint(names_of(second)))


def tool_of(names: tuple[str, ...]) -> str:
    """The library whose logger writes columns of these names; "" for others."""
    if any(name.startswith(_SECTIONS) for name in names) and any(name.lower() in RULE.names for name in names):
        return SB3
    return BASELINES if _OF_BASELINES & {name.lower() for name in names} else ""


def run_root(entry: Entry) -> str:
    """The run's directory of what a callback wrote: the one above a directory for evaluations or monitors."""
    return entry.above if entry.folder in PARTS else entry.directory


def _columns(entry: Entry) -> tuple[str, ...]:
    head = entry.head()
    if entry.name.endswith(".json"):
        return tuple(first_keys(head))
    return names_of(split(lines.text_of(head).partition("\n")[0].strip("\r"), ","))


def _reached(batch: Batch) -> dict[str, Json]:
    """How far the run has come in the environment's steps."""
    counted = [series for name, series in batch.points.items() if name.lower() in RULE.names and len(series)]
    return {"reached_steps": int(max(series.steps[-1] for series in counted))} if counted else {}


def _monitor_head(path: Path) -> Mapping[str, object]:
    """The JSON object in a monitor's first line: when it began, and of which environment it is."""
    with path.open("rb") as file:
        first = file.readline(1 << 16)
    try:
        found = json.loads(lines.text_of(first).removeprefix("#"))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _timed(batch: Batch, head: Mapping[str, object], *, begins: bool) -> Batch:
    """The batch with the absolute time of each episode: column `t` counts seconds from the monitor's beginning."""
    start, env = number(head.get("t_start")), head.get("env_id")
    facts: dict[str, Json] = {}
    params: dict[str, Json] = {}
    if begins and start is not None:
        facts["started"] = start
    if begins and isinstance(env, str) and env not in ("", "None"):
        params["env_id"] = env
    elapsed = batch.points.get("t")
    if start is None or elapsed is None:
        return replace(batch, facts=facts, params=params)
    points = {name: _at(series, elapsed, start) for name, series in batch.points.items()}
    return replace(batch, points=points, facts=facts, params=params)


def _at(series: Points, elapsed: Points, start: float) -> Points:
    times = np.full(len(series), np.nan)
    places = np.searchsorted(elapsed.steps, series.steps)
    known = places < len(elapsed)
    known[known] = elapsed.steps[places[known]] == series.steps[known]
    times[known] = start + elapsed.values[places[known]]
    return Points(series.steps, times, series.values)


READER = StableBaselinesReader()
