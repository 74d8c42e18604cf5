"""torchtitan's structured logs: `<dump folder>/structured_logs/<source>.global_rank_<rank>.<time>-<random>.jsonl`.

The gradient norm and the throughput are in no row: without TensorBoard or W&B they are printed on the console alone.
Rows are events of a trace; those of `log_type_name` "metric_value" hold one value of the metric `event_name` each:
`{"step", "time_us", "host_name", "pid", "rank", "log_type_name", "event_name", "value", …}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from runspect.model import Claim, Json
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.jsonl import read_rows
from runspect.readers.times import moment

TOOL, FOLDER = "torchtitan", "structured_logs"
_NAME = re.compile(r".+\.global_rank_(\d+)\.(?:(\d{8})-(\d{6}))?.*\.jsonl")
_MARK = b'"log_type_name"'


class TorchtitanReader:
    """The metric values among the events."""

    name = "torchtitan"
    mode: Mode = "append"
    precision = 3
    names = ("*.jsonl",)

    def claim(self, entry: Entry) -> Claim | None:
        """By name and the keys of the first events. The folder above `structured_logs` is the run."""
        if not _NAME.fullmatch(entry.name) or (entry.head().strip() and _MARK not in entry.head()):
            return None
        root = entry.above if entry.folder == FOLDER else entry.directory
        return Claim(self.name, entry.path, root, "tool", "series", 3, TOOL, (("partial", "yes"),))

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """As JSON lines; what ranks other than the first say has their name before it."""
        named = _NAME.fullmatch(path.name)
        prefix = f"rank_{named[1]}/" if named and int(named[1]) else ""
        start = moment(f"{named[2]}_{named[3]}") if named and named[2] else None
        facts: dict[str, Json] = {}

        def shaped(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
            found = [row for row in rows if row.get("log_type_name") == "metric_value"]
            for row in rows[:1] if cursor.offset == 0 and not facts else ():
                facts.update(_origin(row))
            return [
                {
                    "step": row.get("step"),
                    "timestamp": _seconds(row),
                    prefix + str(row.get("event_name")): row.get("value"),
                }
                for row in found
            ]

        for batch, _ in read_rows(path, cursor, self.name, shaped=shaped):
            yield replace(batch, facts=dict(facts), writer_start=start)


def _origin(row: dict[str, Any]) -> dict[str, Json]:
    found = {"host": row.get("host_name"), "pid": row.get("pid"), "started": _seconds(row)}
    return {name: value for name, value in found.items() if isinstance(value, (str, int, float))}


def _seconds(row: dict[str, Any]) -> float | None:
    micros = row.get("time_us")
    return micros / 1e6 if type(micros) is int and 0 < micros < 1 << 62 else None


READER = TorchtitanReader()
