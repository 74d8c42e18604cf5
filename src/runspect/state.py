"""The state of a run from evidence: a pure judgement, always with its reason in a few words.

A reason is kept until the run is judged again, so it tells moments rather than ages: it stays true. Runs that live are
judged every few seconds and may leave out the day; of the others the day is always told.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from math import isfinite
from pathlib import Path

from runspect.model import STATES, Evidence, State

SHORTEST_CADENCE_S = 10.0
"""Points that came faster tell nothing of how long a pause may be: an evaluation, a checkpoint."""
QUIET_FACTOR = 3.0
"""Silence of more than so many times its own cadence makes a run quiet."""
PATIENCE_S = 300.0
"""Silence up to this long may be life, whatever the cadence; without a known one it is taken as life."""
DEAD_FACTOR = 30.0
"""Silence of more than so many times its own cadence, and of more than `PATIENCE_S`, is no longer called quiet."""
BEGINNING_S = 1800.0
"""A run in a store may take this long until it logs for the first time."""
MISSED_BEATS = 6
"""A tool that beats of itself and missed so many beats has died."""
MOST_TIMES = 1000
"""A silence of so many times the cadence says no more than the silence."""
STALE_RECORD_S = 600.0
"""How much older than the file's modification time the newest record may be before the mtime is no sign of life."""
CLOCKS_S = 5.0
"""How far two tellings of when a process began may lie apart: the clock is set now and then."""
SKEW_S = 600.0
"""How far a clock may run ahead of ours; a time further in the future is damage or a strange clock, no sign of life."""

Alive = Callable[..., bool]
Verdict = tuple[State, str]


def decide(evidence: Evidence, now: float, host: str, alive: Alive) -> Verdict:
    """Judge a run at time `now` (s since 1970) on `host`; `alive` tells of processes of this host (`process_alive`).

    Never raises; the reason is never empty.
    """
    if evidence.gone:
        return "gone", "files deleted"
    return (
        _by_end_record(evidence)
        or _by_process(evidence, host, alive)
        or _by_waiting(evidence)
        or _by_goal(evidence)
        or _by_console(evidence)
        or _by_content(evidence, now)
        or _by_silence(evidence, now, _dead_here(evidence, host))
    )


def process_alive(pid: int, started: float | None, process_started: float | None = None) -> bool:
    """Whether process `pid` of this host exists and did not begin after `started` (s since 1970): pids are reused.

    With `process_started` it must have begun just then: a container's process has a number that is another's outside. Where there is no /proc the pid alone counts.
    """
    if pid <= 0:
        return False
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except FileNotFoundError:
        return not Path("/proc/self/stat").exists() and _signalable(pid)
    except OSError:
        return False
    # The name in parentheses may hold spaces and parentheses itself; the fields after it are numbers.
    fields = stat.rpartition(b")")[2].split()
    if len(fields) < 20 or fields[0] in (b"Z", b"X"):
        return False
    begun = _boot_time() + int(fields[19]) / os.sysconf("SC_CLK_TCK")
    if process_started is not None and abs(begun - process_started) > CLOCKS_S:
        return False
    return started is None or begun <= started + CLOCKS_S


def age_text(seconds: float) -> str:
    """A duration in one unit: "3 s", "5 min", "2 h", "3 d". Negative ages are zero."""
    seconds = max(0.0, seconds)
    for limit, size, unit in ((100, 1, "s"), (100 * 60, 60, "min"), (48 * 3600, 3600, "h")):
        if seconds < limit:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86400:.0f} d"


def _by_end_record(evidence: Evidence) -> Verdict | None:
    if evidence.exit_code is not None:
        state: State = "finished" if evidence.exit_code == 0 else "failed"
        if evidence.exit_code and evidence.end_state in ("killed", "crashed"):
            state = evidence.end_state
        return state, _with(f"exit code {evidence.exit_code}", evidence.end_reason)
    if evidence.end_state in STATES and evidence.end_state not in ("running", "quiet", "unknown"):
        return evidence.end_state, evidence.end_reason or f"the tool recorded {evidence.end_state}"
    return None


def _by_process(evidence: Evidence, host: str, alive: Alive) -> Verdict | None:
    if evidence.pid is None or not _here(evidence, host):
        return None
    began = _finite(evidence.process_started)
    more = () if began is None else (began,)
    if alive(evidence.pid, _finite(evidence.started), *more):
        return "running", f"pid {evidence.pid} is alive"
    return None


def _by_waiting(evidence: Evidence) -> Verdict | None:
    """The tool itself says why there is nothing to tell: it has not begun."""
    return ("unknown", evidence.end_reason) if evidence.end_state == "unknown" and evidence.end_reason else None


def _by_goal(evidence: Evidence) -> Verdict | None:
    reached, goal = evidence.reached_steps, evidence.max_steps
    if reached is not None and goal is not None and goal > 0 and reached >= goal:
        return "finished", f"reached step {reached} of {goal}"
    if reached is not None and goal and evidence.ended is not None and not _went_on(evidence, evidence.ended):
        return "killed", f"stopped at step {reached} of {goal}"
    return None


def _went_on(evidence: Evidence, ended: float) -> bool:
    """Whether records are newer than the recorded end: that of an earlier attempt."""
    newest = _finite(evidence.newest_record)
    return newest is not None and newest > ended + SKEW_S


def _by_console(evidence: Evidence) -> Verdict | None:
    verdict = evidence.console_verdict.strip()
    if not verdict:
        return None
    text = verdict.lower()
    stopped = ("killed", "cancelled", "time limit", "preempt", "keyboardinterrupt", "sigterm", "interrupted")
    state: State = "killed" if any(word in text for word in stopped) else "crashed"
    return state, f"{verdict} in console"


def _by_content(evidence: Evidence, now: float) -> Verdict | None:
    """A file without content is no sign of life: a checkout makes such files as well as a training does."""
    if not evidence.hollow:
        return None
    last = _last_sign(evidence, now)
    if evidence.bare and last is not None and now - last > PATIENCE_S:
        return "unknown", f"nothing was logged, silent since {_day_and_clock(last)}"
    return "unknown", evidence.hollow


def _by_silence(evidence: Evidence, now: float, dead: str) -> Verdict:
    last = _last_sign(evidence, now)
    if last is None:
        if dead and evidence.marks_end:
            return "killed", f"no end record, {dead}"
        return _by_beginning(evidence, now) or ("unknown", dead or "no end marker")
    if not dead and (verdict := _still_alive(evidence, last, now)):
        return verdict
    if evidence.marks_end:
        return "killed", _with(f"no end record, silent since {_day_and_clock(last)}", dead)
    missing = "nothing was logged" if evidence.bare else "no end marker"
    return "unknown", _with(f"{missing}, silent since {_day_and_clock(last)}", dead)


def _by_beginning(evidence: Evidence, now: float) -> Verdict | None:
    """Of a run in a store that has logged nothing yet, or nothing with a time, only the start is known."""
    begun = _credible(evidence.started, now)
    if begun is None:
        return None
    silence = now - begun
    if silence <= PATIENCE_S:
        return "running", f"began {_clock(begun, now)}"
    if not evidence.marks_end:
        return "unknown", f"no end marker, began {_day_and_clock(begun)}"
    if silence <= BEGINNING_S:
        return "quiet", f"silent since it began {_clock(begun, now)}"
    return "killed", f"no end record, silent since it began {_day_and_clock(begun)}"


def _still_alive(evidence: Evidence, last: float, now: float) -> Verdict | None:
    """What lives by its last sign of life; None for what does not."""
    silence, cadence = now - last, max(0.0, _finite(evidence.cadence_s) or 0.0)
    pace = max(SHORTEST_CADENCE_S, cadence)
    beat = _finite(evidence.beat_s)
    running = QUIET_FACTOR * pace if cadence else PATIENCE_S
    dead = max(PATIENCE_S, DEAD_FACTOR * pace)
    if beat is not None and beat > 0:
        running = dead = MISSED_BEATS * beat
    if silence <= running:
        return "running", _with(f"last write {_clock(last, now)}", f"every {age_text(cadence)}" if cadence >= 1 else "")
    if silence <= dead:
        times = int(silence / cadence) if cadence >= 1 else 0
        many = f"over {times}x its cadence" if 1 < times < MOST_TIMES else ""
        return "quiet", _with(f"silent since {_clock(last, now)}", many)
    return None


def _last_sign(evidence: Evidence, now: float) -> float | None:
    """Time of the newest credible sign of life, never in the future.

    A modification time far newer than the newest record comes from a copy or an untarred archive: the record counts.
    """
    told = (_credible(evidence.newest_record, now), _credible(evidence.heartbeat, now))
    record = max((moment for moment in told if moment is not None), default=None)
    write = _credible(evidence.last_write, now)
    if record is None or write is None:
        return write if record is None else record
    slack = max(STALE_RECORD_S, QUIET_FACTOR * (_finite(evidence.cadence_s) or 0.0))
    return max(record, write) if write - record <= slack else record


def _dead_here(evidence: Evidence, host: str) -> str:
    """Why the process cannot be alive, or ""; called once it is known that it was not found alive."""
    if evidence.pid is not None and _here(evidence, host):
        return f"pid {evidence.pid} is not alive"
    return ""


def _here(evidence: Evidence, host: str) -> bool:
    mine, its = host.partition(".")[0], evidence.host.partition(".")[0]
    return bool(its) and mine == its


def _with(reason: str, more: str) -> str:
    return f"{reason}, {more}" if more else reason


def _finite(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None


def _credible(moment: float | None, now: float) -> float | None:
    """A moment of the past; what a clock that runs ahead calls the future is now."""
    known = _finite(moment)
    return None if known is None or known > now + SKEW_S else min(known, now)


def _clock(moment: float, now: float) -> str:
    """Local time of day, with the date when it was not within the last day: for what is judged again before long."""
    return _local("%H:%M", moment) if now - moment < 86400 else _day_and_clock(moment)


def _day_and_clock(moment: float) -> str:
    return _local("%Y-%m-%d %H:%M", moment)


def _local(form: str, moment: float) -> str:
    try:
        return time.strftime(form, time.localtime(moment))
    except (OverflowError, ValueError, OSError):
        return "an impossible time"


def _boot_time() -> float:
    try:
        lines = Path("/proc/stat").read_text("ascii", "replace").splitlines()
    except OSError:
        return 0.0
    return next((float(line.split()[1]) for line in lines if line.startswith("btime ")), 0.0)


def _signalable(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True
