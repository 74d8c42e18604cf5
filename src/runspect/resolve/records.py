"""Records of runs, and which files each says that its run wrote."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Protocol

from runspect.dataclass import dataclass
from runspect.model import Part
from runspect.resolve.paths import common, upward, within
from runspect.resolve.testimony import Testimony

SLACK_S = 5.0
"""Clocks and names that hold whole seconds differ by so much."""
RESOLUTION_S = 1.0
LOOK_S = 2.0
"""The recorder sees so late that a file was opened."""
BETWEEN_S = 60.0
"""A run that lives tells at least so often that it still writes a file of many runs (`recorder/launch/sampling.py`)."""


class Recorded(Protocol):
    """A run, as a draft or as a plan."""

    @property
    def root(self) -> str:
        """Its directory."""
        ...

    @property
    def parts(self) -> Sequence[Part]:
        """Its files."""
        ...


@dataclass(frozen=True, slots=True)
class Wrote:
    """A record's word on a file."""

    record: int
    """Index of the record among all."""
    begun: float
    ended: float
    """Seconds since 1970; nan where unknown."""
    shared: bool = False
    """Others may have written it, too."""

    @property
    def seen_open(self) -> bool:
        """It was open for a while; else it only lies beside one that was, and changed meanwhile."""
        return self.ended > self.begun


@dataclass(frozen=True, slots=True)
class Record:
    """What the head of a record says."""

    root: str
    id: str
    process: str
    """"<host>:<pid>"."""
    begun: float
    ended: float
    """Seconds since 1970; nan where it has no end."""
    below: str
    """What lies below the run's working directory, as a path in the tree; "" where that is not known."""
    words: frozenset[str]
    lines: str
    lost: float | None
    """Of one that has no end and does not live, its last sign of life."""

    def covers(self, moment: float) -> bool:
        """Whether the run was there at a moment."""
        after = not moment < self.begun - SLACK_S
        return after and not moment > self.ended + SLACK_S

    def span(self, file: Wrote) -> tuple[float, float]:
        """When a run in a file of many runs must have begun to be this one's: nobody else had the file open. Empty if any did."""
        begun = max(self.begun - RESOLUTION_S, file.begun - LOOK_S)
        if file.shared or math.isnan(begun):
            return math.inf, -math.inf
        if not math.isnan(self.ended):
            return begun, self.ended
        return begun, math.inf if self.lost is None else min(self.lost, file.ended + BETWEEN_S)

    def may_be(self, said: Testimony) -> bool:
        """Whether what a log says of its process does not speak against this one."""
        host = self.process.rpartition(":")[0]
        program = said.program.rstrip("/").rpartition("/")[2]
        return (not said.host or not host or said.host == host) and (
            not program or not self.words or program in self.words
        )


def record_of(run: Recorded, lost: Mapping[str, float]) -> Record | None:
    """The record that a run is; None where it is none."""
    for part in run.parts:
        claim = part.claim
        if claim.hint("span") and claim.root == run.root:
            begun, ended = map(number, claim.hint("span").split(" "))
            lines = "\n".join(each.claim.hint("wrote") for each in run.parts)
            words = frozenset(claim.hint("words").split("\n"))
            gone = lost.get(run.root) if math.isnan(ended) else None
            told = claim.hint("record"), claim.hint("process"), begun, ended, claim.hint("below")
            return Record(run.root, *told, words - {""}, lines, gone)
    return None


def written(records: Sequence[Record], known: set[str]) -> dict[str, list[Wrote]]:
    """Who wrote the files that are there, by path."""
    found: dict[str, list[Wrote]] = {}
    for index, record in enumerate(records):
        for line in record.lines.split("\n"):
            begun, ended, *below = line.split("\t")[:5] if line.count("\t") >= 4 else ("", "")
            if below and (path := _there(below, record.root, known)) is not None:
                shared = line.endswith("\tshared")
                found.setdefault(path, []).append(Wrote(index, number(begun), number(ended), shared))
    return found


class Marks:
    """Which record has an id; of copies of one the nearest."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = records
        self._by_id: dict[str, list[int]] = {}
        for index, record in enumerate(records):
            self._by_id.setdefault(record.id, []).append(index)

    def of(self, said: Testimony, place: str) -> list[int]:
        """The record whose id a log at a place bears."""
        found = self._by_id.get(said.record, []) if said.record else []
        if len(found) < 2:
            return found
        return [max(found, key=lambda index: (len(common((place, self._records[index].root))), -index))]


def of_process(process: str, moment: float, records: Sequence[Record]) -> int | None:
    """The record of a process that was there at a moment; a number of a process is given anew, so time must agree."""
    there = [index for index, record in enumerate(records) if record.process == process and record.covers(moment)]
    return max(there, key=lambda index: records[index].begun, default=None)


def of_number(place: str, pid: int, moment: float, records: Sequence[Record]) -> int | None:
    """The one record whose process had a number when a log was made below its working directory; the log names no host."""
    there = [
        index
        for index, record in enumerate(records)
        if record.process.endswith(f":{pid}")
        and record.below
        and within(place, record.below)
        and record.begun - RESOLUTION_S <= moment <= _last(record)
    ]
    return there[0] if len(there) == 1 else None


def _last(record: Record) -> float:
    if not math.isnan(record.ended):
        return record.ended
    return math.inf if record.lost is None else record.lost + RESOLUTION_S


def of_time(place: str, said: Testimony, records: Sequence[Record]) -> int | None:
    """The one record in whose time a run began below its working directory, if it was killed before it told its logs.

    Of others it is known what they wrote.
    """
    began = said.started
    if began is None:
        return None
    there = [
        index
        for index, record in enumerate(records)
        if record.below
        and within(place, record.below)
        and record.may_be(said)
        and record.begun - RESOLUTION_S <= began <= (math.inf if math.isnan(record.ended) else record.ended)
    ]
    found = records[there[0]] if len(there) == 1 else None
    if found is None or found.lost is None or began > found.lost or not said.program:
        return None
    return there[0]


def number(text: str) -> float:
    """A number in a hint, nan where there is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _there(below: Sequence[str], root: str, known: set[str]) -> str | None:
    """The file that is meant: where it was, else at the same place below a directory above the record."""
    if below[0] in known:
        return below[0]
    for up in upward(root):
        for path in below[1:]:
            joined = path if up == "." else f"{up}/{path}"
            if path and joined in known:
                return joined
    return None
