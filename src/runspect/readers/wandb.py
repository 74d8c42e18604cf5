"""W&B's `.wandb` transaction logs, versions 0.12 to 0.31."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from runspect.dataclass import dataclass, field
from runspect.errors import ReaderFault
from runspect.model import Claim, Json
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.framed_log import FramedLog
from runspect.readers.protobuf import BYTES, fields
from runspect.readers.wandb_history import History
from runspect.readers.wandb_inputs import Input, config_inputs, input_facts, made_artifact, used_artifact
from runspect.readers.wandb_paths import run_ids, wandb_place, wandb_run_id
from runspect.readers.wandb_record import apply_config, environment_record, run_record, timestamp, varints
from runspect.readers.wandb_summary import Summary

HEADER = b":W&B\xe1\xbe\x00"
MOST_BYTES = 4 << 20
"""History bytes in a batch: some 130,000 values."""
CTRL_C = 255
"""Exit code that W&B's own hook records for a KeyboardInterrupt (`wandb/sdk/lib/exit_hooks.py`)."""
_NUMBER_TAG, _HISTORY_TAG = 0x08, 0x12
"""All records open with their number."""
_SUMMARY_TAG, _OUTPUT_TAG = 0x1A, 0x6A
_HISTORY, _CONFIG, _STATS, _ARTIFACT, _RUN, _EXIT, _USE_ARTIFACT, _ENVIRONMENT = 2, 5, 7, 8, 17, 18, 25, 26


@dataclass(slots=True)
class _Gathered:
    """What was read and not yet given out."""

    params: dict[str, Json] = field(default_factory=dict)
    facts: dict[str, Json] = field(default_factory=dict)
    ids: tuple[str, ...] = ()


class WandbReader:
    """Reads `.wandb` files as they grow; values are JSON texts of float64."""

    name = "wandb"
    mode: Mode = "append"
    precision = 2
    names = ("*.wandb",)
    marks_end = True

    def claim(self, entry: Entry) -> Claim | None:
        """Claim `*.wandb`; the run is the W&B run directory, or the file's own where that was renamed."""
        if not entry.name.endswith(".wandb"):
            return None
        place = wandb_place(entry)
        root = entry.directory if place is None else place.root
        run_id = wandb_run_id(entry.directory if place is None else place.named, [entry.name])
        hints = (("id", f"wandb-id:{run_id}"),) if run_id else ()
        return Claim(self.name, entry.path, root, "tool", "series", 2, "wandb", hints)

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """Yield the complete records behind the cursor."""
        with path.open("rb") as file:
            yield from _Pass(self.name, path, cursor).run(file)


READER = WandbReader()


class _Pass(FramedLog):
    """One read of one file; holds what is gathered for the next batch."""

    tool = "W&B"
    headers = (HEADER,)

    def __init__(self, reader: str, path: Path, cursor: Cursor) -> None:
        super().__init__(reader, path, cursor)
        self._started: float | None = self.seen.get("started")
        self._history = History(int(self.seen.get("step", -1)), self.seen.get("time"))
        self._summary = Summary.of(self.seen.get("summary"))
        self._inputs = [(str(name), str(version)) for name, version in self.seen.get("inputs", ())]
        self._runtime: int | None = None
        self._gathered = _Gathered()

    def take(self, payload: bytes, end: int) -> None:
        """Gather what a record holds; most are history rows, or hold nothing that we show."""
        tag_at = 0
        if payload[0] == _NUMBER_TAG:
            tag_at = 1
            while payload[tag_at] >= 0x80:
                tag_at += 1
            tag_at += 1
        tag = payload[tag_at]
        if tag == _HISTORY_TAG:
            # the row is the record's last field, of usual length
            length, start = payload[tag_at + 1], tag_at + 2
            if length >= 0x80:
                length, start = length & 0x7F | payload[start] << 7, start + 1
            if length < 1 << 14 and start + length == len(payload):
                self._history.add(payload[start:], end)
                return
        elif tag == _SUMMARY_TAG:
            # half of a file's records: those that repeat a row of the history tell its time
            if b"_timestamp" not in payload:
                self._summary.take(payload, tag_at)
            return
        elif tag == _OUTPUT_TAG:
            return
        self._dispatch(payload, tag_at, end)

    def full(self) -> bool:
        """Whether enough is gathered for a batch."""
        return self._history.size >= MOST_BYTES

    def _dispatch(self, payload: bytes, tag_at: int, end: int) -> None:
        for number, wire, first, stop in fields(payload, tag_at):
            if wire != BYTES:
                continue
            if number == _HISTORY:
                self._history.add(payload[first:stop], end)
            elif number == _CONFIG:
                apply_config(payload, first, stop, self._gathered.params)
            elif number == _STATS:
                self._take_stats(payload, first, stop)
            elif number == _RUN:
                self._take_run(payload, first, stop)
            elif number == _EXIT:
                self._take_exit(payload, first, stop)
            elif number == _ENVIRONMENT:
                self._take_environment(payload, first, stop)
            elif number == _USE_ARTIFACT:
                self._take_input(used_artifact(payload, first, stop))
            elif number == _ARTIFACT:
                self._take_input(made_artifact(payload, first, stop))

    def _take_run(self, payload: bytes, first: int, stop: int) -> None:
        facts, config = run_record(payload, first, stop)
        self._gathered.params.update(config)
        self._gathered.facts.update(facts)
        self._started = facts.get("started", self._started)
        run_id = facts.get("run_id")
        if run_id:
            self._gathered.ids = (*run_ids(facts, self._path), f"wandb-id:{run_id}")

    def _take_environment(self, payload: bytes, first: int, stop: int) -> None:
        facts = environment_record(payload, first, stop)
        # the run record's own start wins: the environment is noted a little earlier or later
        if self._started is not None:
            facts.pop("started", None)
        self._gathered.facts.update(facts)

    def _take_exit(self, payload: bytes, first: int, stop: int) -> None:
        numbers = varints(payload, first, stop)
        code = numbers.get(1, 0)
        self._gathered.facts["exit_code"] = code
        self._gathered.facts["end_state"] = {0: "finished", CTRL_C: "killed"}.get(code, "failed")
        if code == CTRL_C:
            self._gathered.facts["end_reason"] = "interrupted"
        self._runtime = numbers.get(2, 0)

    def _take_input(self, found: Input | None) -> None:
        """A data set; with those that earlier records named, for a fact is told as a whole."""
        if found is not None and found not in self._inputs:
            self._inputs.append(found)
            self._gathered.facts.update(input_facts(self._inputs))

    def _take_stats(self, payload: bytes, first: int, stop: int) -> None:
        for number, wire, low, high in fields(payload, first, stop):
            if number == 2 and wire == BYTES:
                self._gathered.facts["heartbeat"] = timestamp(payload, low, high)

    def gathered(self) -> Batch:
        """The series and facts since the last call."""
        for found in config_inputs(self._gathered.params):
            self._take_input(found)
        points, gathered = self._history.take_points(), self._gathered
        if self._runtime is not None:
            points |= self._summary.points(self._path, self._history.last_step, self._history.last_time)
        for offset in self._history.unreadable:
            self.report(ReaderFault("a history record that is none", offset), "it is left out")
        self._gathered = _Gathered()
        if self._runtime is not None and self._started is not None:
            # whole seconds, so the last row may be a little later
            gathered.facts["ended"] = max(self._started + self._runtime, self._history.last_time or 0.0)
        return Batch(
            Cursor(),
            points=points,
            params=gathered.params,
            facts=gathered.facts,
            ids=gathered.ids,
            writer_start=self._started,
        )

    def state(self) -> dict[str, Json]:
        """Where steps and times stand, when the run began, what it took in, and what it set in its summary."""
        told: dict[str, Json] = {
            "started": self._started,
            "step": self._history.last_step,
            "time": self._history.last_time,
        }
        if self._inputs:
            told["inputs"] = [list(each) for each in self._inputs]
        return {**told, "summary": self._summary.values} if self._summary.values else told
