"""Hypotheses, the runs that test them, and verdicts: which are open or overdue, and what was written before the result."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Literal

from runspect.dataclass import dataclass

VERDICTS = ("supported", "refuted", "inconclusive")
Status = Literal["open", "overdue", "answered", "dropped"]
STATUSES: tuple[Status, ...] = ("overdue", "open", "answered", "dropped")
"""In the order in which people want to hear of them."""

ID_LETTERS = "abcdefghjkmnpqrstuvwxyz"
ID_DIGITS = "23456789"
_TAIL = ID_LETTERS + ID_DIGITS


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody said of a run or of a hypothesis."""

    word: str
    """One of VERDICTS; another one where a newer runspect wrote it."""
    note: str
    who: str
    when: float
    """Seconds since 1970, UTC, as all times here."""
    retrospective: bool = False
    run: str = ""
    """The uid of the run that it was said of; "" for the hypothesis itself."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A run that tests a hypothesis."""

    rid: int
    uid: str
    name: str
    how: str
    """What links them: said (by people), recorded (in the run's record) or branch."""
    started: float | None
    first: float | None
    """Time of the first point of the hypothesis's metric, else of any; None where none has a time."""
    recorded: str = ""
    """What the run's record says, where that links them."""
    verdict: Verdict | None = None

    @property
    def result(self) -> float | None:
        """When there was something to see: the first point, else the start, which is no later."""
        return self.first if self.first is not None else self.started


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What somebody expects, and what came of it."""

    id: str
    text: str
    written: float | None
    who: str
    due: float | None = None
    """End of its time box."""
    project: str = ""
    metric: str = ""
    branch: str = ""
    root: str = ""
    """The directory of runs that it is about."""
    tags: tuple[str, ...] = ()
    retrospective: bool = False
    """Written down later, for runs that were over."""
    recorded: bool = False
    """Only the records of its runs hold it; nothing in the journal speaks of it yet."""
    dropped: Verdict | None = None
    """Who closed it without a verdict, when and why; its word is ""."""
    own: Verdict | None = None
    trials: tuple[Trial, ...] = ()

    @property
    def answer(self) -> Verdict | None:
        """The verdict that counts: its own, else the newest one on a run of it."""
        if self.own is not None:
            return self.own
        said = [trial.verdict for trial in self.trials if trial.verdict is not None]
        return max(said, key=lambda verdict: verdict.when, default=None)

    def status(self, now: float) -> Status:
        """How it is with it; a time box that is over makes an open one overdue."""
        if self.answer is not None:
            return "answered"
        if self.dropped is not None:
            return "dropped"
        return "overdue" if self.due is not None and self.due < now else "open"

    @property
    def lead(self) -> float | None:
        """Seconds from writing it down to the first result of its runs, less than 0 after the fact; None without either."""
        results = [trial.result for trial in self.trials if trial.result is not None]
        return None if not results or self.written is None else min(results) - self.written


@dataclass(frozen=True, slots=True)
class Shares:
    """How a team does; those written in retrospect are only counted in `retrospective`."""

    open: int = 0
    overdue: int = 0
    answered: int = 0
    dropped: int = 0
    boxed: int = 0
    """With a time box that is over, one way or the other."""
    in_time: int = 0
    """Of these, answered before its end."""
    before: int = 0
    """Written before the first result."""
    after: int = 0
    """Written after it."""
    retrospective: int = 0

    @property
    def share(self) -> float | None:
        """The part answered within the box, 0 to 1; None where no box is over."""
        return self.in_time / self.boxed if self.boxed else None


def shares(hypotheses: Iterable[Hypothesis], now: float) -> Shares:
    """Counts over these hypotheses."""
    counts = dict.fromkeys(Shares.__dataclass_fields__, 0)
    for each in hypotheses:
        if each.retrospective:
            counts["retrospective"] += 1
            continue
        status, answer, lead = each.status(now), each.answer, each.lead
        counts[status] += 1
        if each.due is not None and status != "open":
            counts["boxed"] += 1
            counts["in_time"] += answer is not None and answer.when <= each.due
        if lead is not None:
            counts["before" if lead >= 0 else "after"] += 1
    return Shares(**counts)


def ordered(hypotheses: Iterable[Hypothesis], now: float) -> list[Hypothesis]:
    """Overdue ones first, then the open ones by the end of their box, then the others, the newest first."""

    def key(each: Hypothesis) -> tuple[int, float, float]:
        status = each.status(now)
        waits = each.due if status in ("open", "overdue") and each.due is not None else float("inf")
        return STATUSES.index(status), waits, -(each.written or 0.0)

    return sorted(hypotheses, key=key)


def with_records(hypotheses: Sequence[Hypothesis], loose: Sequence[Trial]) -> list[Hypothesis]:
    """The hypotheses, and those that only records of runs hold: one for each text.

    A record that holds the text itself says that it was there when the run started, whenever the journal heard of it.

    Args:
        loose: Runs whose record holds a text that is no known hypothesis.
    """
    found = []
    for each in hypotheses:
        starts = [trial.started for trial in each.trials if trial.recorded == each.text and trial.started is not None]
        written = min((time for time in (each.written, *starts) if time is not None), default=None)
        found.append(replace(each, written=written))
    by_text: dict[str, list[Trial]] = {}
    for trial in loose:
        by_text.setdefault(trial.recorded, []).append(trial)
    for text, trials in by_text.items():
        starts = [trial.started for trial in trials if trial.started is not None]
        found.append(Hypothesis(id_of(text), text, min(starts, default=None), "", recorded=True, trials=tuple(trials)))
    return found


def id_of(text: str, taken: Collection[str] = ()) -> str:
    """A short id that is easy to type, such as `h4kqx7`: of this text always the same, unless it is taken.

    The digit in the second place keeps it apart from any word; letters that look like others are left out.
    """
    for attempt in range(1000):
        number = int.from_bytes(hashlib.sha256(f"{text}\0{attempt or ''}".encode("utf-8", "replace")).digest()[:8])
        number, digit = divmod(number, len(ID_DIGITS))
        id = "h" + ID_DIGITS[digit]
        for _ in range(4):
            number, at = divmod(number, len(_TAIL))
            id += _TAIL[at]
        if id not in taken:
            return id
    raise ValueError("every id is taken")


def verdict_meant(word: str) -> str:
    """The verdict that begins so; "" when none does."""
    return next((each for each in VERDICTS if word and each.startswith(word.lower())), "")


def span_text(seconds: float) -> str:
    """A length of time in words of one unit: `40 s`, `12 min`, `4 h`, `3 d`, `6 w`."""
    for size, unit, least in ((604800, "w", 4), (86400, "d", 2), (3600, "h", 2), (60, "min", 2)):
        if abs(seconds) >= size * least:
            return f"{abs(seconds) / size:.0f} {unit}"
    return f"{abs(seconds):.0f} s"


def lead_text(lead: float | None, *, point: bool = True) -> str:
    """How a hypothesis lies to its first result: `4 h before the first point`, `after the fact, 2 d behind the first point`.

    Args:
        point: Whether the result is a point; else it is the start of the run.
    """
    if lead is None:
        return ""
    what = "the first point" if point else "the start"
    if lead >= 0:
        return f"{span_text(lead)} before {what}"
    return f"after the fact, {span_text(lead)} behind {what}"


def due_text(due: float, now: float) -> str:
    """`due in 3 d`, `2 d overdue`."""
    return f"due in {span_text(due - now)}" if due >= now else f"{span_text(now - due)} overdue"
