"""From what files tell of a run to its row in the index: evidence, state, times, names."""

from __future__ import annotations

import math
import os
import pwd
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache, lru_cache
from typing import get_args

from runspect.dataclass import dataclass
from runspect.engine.walked import Known
from runspect.index.records import RunRecord, Source
from runspect.index.run_data import RunData
from runspect.model import Evidence, Json, RunPlan, State
from runspect.pathtext import to_disk
from runspect.readers import reader_named
from runspect.readers.hollow import EMPTY, HINT
from runspect.state import decide

Alive = Callable[..., bool]

_STATES = get_args(State)
LIVE: tuple[State, ...] = ("running", "quiet")
WORDS = ("name", "group", "user", "parent")
"""Facts that count more than where a run lies."""


@dataclass(frozen=True, slots=True)
class Judge:
    """What a state is decided against."""

    host: str
    clock: Callable[[], float]
    """Seconds since 1970."""
    alive: Alive

    def state(self, evidence: Evidence) -> tuple[State, str]:
        """The state now, with its reason."""
        return decide(evidence, self.clock(), self.host, self.alive)


@dataclass(frozen=True, slots=True)
class Home:
    """Where a run is, and which others it belongs to."""

    rid: int
    uid: str
    watch: str
    plan: RunPlan
    parent: str | None
    """Uid of the parent run."""


def _name_of(home: Home) -> str:
    """The plan's name; a run in the watched directory itself is called like the directory."""
    return home.plan.name if home.plan.name != "." else home.watch.rstrip("/").rpartition("/")[2] or "/"


def last_write(sources: Iterable[Source], files: Mapping[str, Known]) -> float | None:
    """When a run's own files were last written; a store is written for other runs too and tells nothing of one."""
    own = (source.path for source in sources if not source.is_store and source.path in files)
    return max((files[path].mtime for path in own), default=None)


def record(home: Home, data: RunData, last_write: float | None, judge: Judge) -> RunRecord:
    """The row of a run whose files are there."""
    facts = data.facts()
    evidence = _evidence(data, facts, last_write, home.plan)
    state, reason = judge.state(evidence)
    started = evidence.started if evidence.started is not None else _begun(data)
    plan = home.plan
    steps = data.steps()
    return RunRecord(
        rid=home.rid,
        uid=home.uid,
        watch=home.watch,
        path=plan.root,
        key=plan.key,
        name=_text(facts.get("name")) or _name_of(home),
        tools=plan.tools,
        evidence=evidence,
        state=state,
        reason=reason,
        project=_text(facts.get("project")),
        group=_text(facts.get("group")) or plan.group,
        started=started,
        ended=_ended(evidence, state),
        updated=next((each for each in (last_write, evidence.newest_record, started) if each is not None), None),
        steps=steps if steps is not None else evidence.reached_steps,
        host=_text(facts.get("host")),
        owner=_owner(home.watch, plan.root) or _text(facts.get("user")),
        parent=home.parent or _text(facts.get("parent")),
    )


def stands(before: RunRecord, home: Home, words: Mapping[str, Json], last_write: float | None) -> bool:
    """Whether `record` would write the same row again, as far as its home, its files' times and `WORDS` decide.

    What the files say has not changed then either: they are only read when they did.
    """
    plan, evidence = home.plan, before.evidence
    marks_end = any(_marks_end(part.claim.reader) for part in plan.parts)
    return (
        (evidence.gone, evidence.marks_end, evidence.last_write, before.hidden) == (False, marks_end, last_write, False)
        and (evidence.hollow, evidence.beat_s) == (_hollow(plan), _beat(plan))
        and (evidence.bare == _never_logged(plan) or before.steps is not None)
        and (before.uid, before.watch, before.path, before.key) == (home.uid, home.watch, plan.root, plan.key)
        and (before.tools, before.parent) == (plan.tools, home.parent or _text(words.get("parent")))
        and before.name == (_text(words.get("name")) or _name_of(home))
        and before.group == (_text(words.get("group")) or plan.group)
        and before.owner == (_owner(home.watch, plan.root) or _text(words.get("user")))
    )


def may_change(before: RunRecord) -> bool:
    """Whether time alone may change the state or its reason."""
    return not before.hidden and (before.state in LIVE or (before.evidence.bare and before.state == "unknown"))


def gone(before: RunRecord, judge: Judge) -> RunRecord:
    """The row of a run whose files have all vanished."""
    evidence = replace(before.evidence, gone=True)
    state, reason = judge.state(evidence)
    return replace(before, evidence=evidence, state=state, reason=reason)


def judged_again(before: RunRecord, judge: Judge) -> RunRecord:
    """The row with its state as of now."""
    state, reason = judge.state(before.evidence)
    if (state, reason) == (before.state, before.reason):
        return before
    return replace(before, state=state, reason=reason, ended=_ended(before.evidence, state))


def _evidence(data: RunData, facts: Mapping[str, Json], last_write: float | None, plan: RunPlan) -> Evidence:
    end_state = facts.get("end_state")
    return Evidence(
        end_state=end_state if end_state in _STATES else None,
        end_reason=_text(facts.get("end_reason")) or "",
        exit_code=_whole(facts.get("exit_code")),
        marks_end=any(_marks_end(part.claim.reader) for part in plan.parts),
        started=_number(facts.get("started")),
        ended=_number(facts.get("ended")),
        pid=_whole(facts.get("pid")),
        process_started=_number(facts.get("process_started")),
        host=_text(facts.get("host")) or "",
        last_write=last_write,
        newest_record=data.newest_record,
        cadence_s=data.cadence,
        heartbeat=_number(facts.get("heartbeat")),
        beat_s=_beat(plan),
        reached_steps=_whole(facts.get("reached_steps")),
        max_steps=_whole(facts.get("max_steps")),
        console_verdict=_text(facts.get("console_verdict")) or "",
        hollow=_hollow(plan),
        bare=_never_logged(plan) and not data.series,
    )


@cache
def _marks_end(reader: str) -> bool:
    try:
        return bool(getattr(reader_named(reader), "marks_end", False))
    except KeyError:
        return False  # a reader that was installed when the file was read, and is not any more


@cache
def _beat_of(reader: str) -> float | None:
    try:
        return getattr(reader_named(reader), "beat_s", None)
    except KeyError:
        return None  # as above


def _beat(plan: RunPlan) -> float | None:
    """The slowest beat of its tools that beat."""
    beats = (_beat_of(part.claim.reader) for part in plan.parts if part.claim.kind == "status")
    return max((beat for beat in beats if beat is not None), default=None)


def _never_logged(plan: RunPlan) -> bool:
    """Whether there is nothing but configs, and files that are there and empty."""
    return all(part.claim.kind == "config" or part.claim.hint(HINT) == EMPTY for part in plan.parts)


def _hollow(plan: RunPlan) -> str:
    """Why nothing is told of the run but perhaps its config; "" where any other file of it has content."""
    telling = [part.claim.hint(HINT) for part in plan.parts if part.claim.kind != "config"]
    return telling[0] if telling and all(telling) else ""


def _begun(data: RunData) -> float | None:
    known = [segment.writer_start for segment in data.segments.values() if segment.writer_start is not None]
    if data.first_record is not None:
        known.append(data.first_record)
    return min(known, default=None)


def _ended(evidence: Evidence, state: State) -> float | None:
    if state in LIVE:
        return None
    return evidence.ended if evidence.ended is not None else evidence.newest_record


def _number(value: Json) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _whole(value: Json) -> int | None:
    number = _number(value)
    return None if number is None or abs(number) > 2**62 else int(number)


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None


def _owner(watch: str, root: str) -> str | None:
    try:
        return user_name(os.stat(f"{to_disk(watch).rstrip('/')}/{to_disk(root)}").st_uid)  # noqa: PTH116
    except OSError:
        return None


@lru_cache(maxsize=256)
def user_name(uid: int) -> str:
    """What a user is called; the number of one without a name."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
