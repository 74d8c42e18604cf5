"""States and their reasons."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runspect.model import STATES, Evidence, State
from runspect.recorder.layout import process_started
from runspect.state import age_text, decide, process_alive

NOW = 1_800_000_000.0
HOST = "box.example.org"


def nobody(pid: int, started: float | None) -> bool:
    return False


def everybody(pid: int, started: float | None) -> bool:
    return True


def judged(evidence: Evidence, alive: bool = False) -> tuple[State, str]:
    return decide(evidence, NOW, HOST, everybody if alive else nobody)


def clock(seconds: float, form: str = "%H:%M") -> str:
    """Local time so long ago."""
    return time.strftime(form, time.localtime(NOW - seconds))


def day(seconds: float) -> str:
    """With the date."""
    return clock(seconds, "%Y-%m-%d %H:%M")


def ago(seconds: float, **known: object) -> Evidence:
    """Last written and last recorded so long ago."""
    return replace(Evidence(last_write=NOW - seconds, newest_record=NOW - seconds), **known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("evidence", "verdict"),
    [
        (Evidence(gone=True, exit_code=0), ("gone", "files deleted")),
        (Evidence(exit_code=0), ("finished", "exit code 0")),
        (Evidence(exit_code=3), ("failed", "exit code 3")),
        (Evidence(exit_code=255, end_state="killed", end_reason="SIGTERM"), ("killed", "exit code 255, SIGTERM")),
        (Evidence(end_state="failed", end_reason="fail"), ("failed", "fail")),
        (Evidence(end_state="finished"), ("finished", "the tool recorded finished")),
        (Evidence(reached_steps=1000, max_steps=1000), ("finished", "reached step 1000 of 1000")),
        (Evidence(console_verdict="traceback: ValueError"), ("crashed", "traceback: ValueError in console")),
        (Evidence(console_verdict="KeyboardInterrupt"), ("killed", "KeyboardInterrupt in console")),
        (Evidence(), ("unknown", "no end marker")),
        (ago(3, hollow="nothing in it yet"), ("unknown", "nothing in it yet")),
        (ago(3, hollow="nothing in it yet", bare=True), ("unknown", "nothing in it yet")),
        (ago(900, hollow="a pointer"), ("unknown", "a pointer")),
        (ago(900, hollow="empty", bare=True), ("unknown", f"nothing was logged, silent since {day(900)}")),
        (ago(3, hollow="nothing in it yet", exit_code=1), ("failed", "exit code 1")),
        (ago(3, cadence_s=2.0), ("running", f"last write {clock(3)}, every 2 s")),
        (ago(3, cadence_s=2e-6), ("running", f"last write {clock(3)}")),
        (ago(44, cadence_s=8.0), ("quiet", f"silent since {clock(44)}, over 5x its cadence")),
        (ago(250, cadence_s=2e-6), ("quiet", f"silent since {clock(250)}")),
        (ago(100), ("running", f"last write {clock(100)}")),
        (ago(1020, cadence_s=2e-6), ("unknown", f"no end marker, silent since {day(1020)}")),
        (ago(3 * 86400, cadence_s=2.0), ("unknown", f"no end marker, silent since {day(3 * 86400)}")),
        (ago(3 * 86400, bare=True), ("unknown", f"nothing was logged, silent since {day(3 * 86400)}")),
        (ago(-50, cadence_s=2.0), ("running", f"last write {clock(0)}, every 2 s")),
        (ago(-400 * 86400), ("unknown", "no end marker")),
        (Evidence(newest_record=NOW + 1e9, last_write=NOW - 10), ("running", f"last write {clock(10)}")),
        (Evidence(started=NOW - 9), ("running", f"began {clock(9)}")),
        (Evidence(started=NOW - 900), ("unknown", f"no end marker, began {day(900)}")),
        (Evidence(started=NOW - 900, marks_end=True), ("quiet", f"silent since it began {clock(900)}")),
        (Evidence(started=NOW - 9, end_state="unknown", end_reason="waiting"), ("unknown", "waiting")),
    ],
)
def test_verdicts(evidence: Evidence, verdict: tuple[State, str]) -> None:
    assert judged(evidence) == verdict


def test_a_live_process_of_this_host_is_running() -> None:
    evidence = ago(9 * 86400, pid=4711, host="box")
    assert judged(evidence, alive=True) == ("running", "pid 4711 is alive")
    assert judged(replace(evidence, host="other"), alive=True)[0] == "unknown"


def test_a_dead_process_of_this_host_is_not_running_however_fresh_its_files() -> None:
    evidence = ago(3, cadence_s=2.0, pid=4711, host=HOST)
    assert judged(evidence) == ("unknown", f"no end marker, silent since {day(3)}, pid 4711 is not alive")
    assert judged(replace(evidence, marks_end=True))[0] == "killed"
    assert judged(replace(evidence, console_verdict="traceback: OSError"))[0] == "crashed"


def test_a_tool_that_marks_its_end_and_fell_silent_was_killed() -> None:
    state, reason = judged(ago(7200, cadence_s=2.0, marks_end=True))
    assert state == "killed"
    assert reason.startswith("no end record, silent since ")


def test_an_untarred_old_log_is_not_running() -> None:
    evidence = Evidence(last_write=NOW - 2, newest_record=NOW - 30 * 86400, cadence_s=5.0)
    assert judged(evidence) == ("unknown", f"no end marker, silent since {day(30 * 86400)}")


def test_a_heartbeat_is_life() -> None:
    assert judged(Evidence(heartbeat=NOW - 5, newest_record=NOW - 9000, last_write=NOW - 5))[0] == "running"
    assert judged(Evidence(heartbeat=NOW - 900, last_write=NOW - 900))[0] == "unknown"


def test_a_tool_that_beats_is_dead_soon_after_its_last_beat_whatever_its_cadence() -> None:
    beating = Evidence(heartbeat=NOW - 50, newest_record=NOW - 3000, cadence_s=600.0, beat_s=10.0, marks_end=True)
    assert judged(beating)[0] == "running"
    assert judged(replace(beating, heartbeat=NOW - 70)) == ("killed", f"no end record, silent since {day(70)}")
    assert judged(replace(beating, heartbeat=NOW - 70, beat_s=None))[0] == "running"


def test_a_reason_stays_true_as_time_passes() -> None:
    for silence in (3.0, 250.0, 4000.0):
        assert " ago" not in judged(ago(silence, cadence_s=2.0))[1]
    once, later = ago(1000), ago(5000, marks_end=True)
    assert decide(once, NOW, HOST, nobody) == decide(once, NOW + 9e6, HOST, nobody)
    assert decide(later, NOW, HOST, nobody) == decide(later, NOW + 9e6, HOST, nobody)


def test_slow_writers_are_not_called_dead() -> None:
    assert judged(ago(3 * 3600, cadence_s=3600.0))[0] == "running"
    assert judged(ago(20 * 3600, cadence_s=3600.0))[0] == "quiet"


_TIMES = st.none() | st.floats(allow_nan=True, allow_infinity=True) | st.floats(0, 4e9)
_COUNTS = st.none() | st.integers()
_EVIDENCE = st.builds(
    Evidence,
    end_state=st.none() | st.sampled_from(STATES),
    end_reason=st.text(max_size=9),
    exit_code=_COUNTS,
    marks_end=st.booleans(),
    started=_TIMES,
    ended=_TIMES,
    pid=_COUNTS,
    host=st.sampled_from(("", "box", HOST, "other")),
    last_write=_TIMES,
    newest_record=_TIMES,
    cadence_s=_TIMES,
    heartbeat=_TIMES,
    beat_s=_TIMES,
    bare=st.booleans(),
    reached_steps=_COUNTS,
    max_steps=_COUNTS,
    console_verdict=st.text(max_size=9),
    gone=st.booleans(),
)


@given(_EVIDENCE, st.floats(0, 4e9), st.booleans())
def test_every_evidence_has_a_state_and_a_reason(evidence: Evidence, now: float, alive: bool) -> None:
    state, reason = decide(evidence, now, HOST, everybody if alive else nobody)
    assert state in STATES
    assert reason.strip()


@given(_EVIDENCE, st.floats(0, 4e9))
def test_what_has_ended_does_not_come_to_life(evidence: Evidence, now: float) -> None:
    ended = replace(evidence, exit_code=0)
    assert decide(ended, now, HOST, everybody)[0] in ("finished", "gone")


def test_ages_are_in_one_unit() -> None:
    assert [age_text(each) for each in (-5, 3, 150, 7200, 3 * 86400)] == ["0 s", "3 s", "2 min", "2 h", "3 d"]


def test_this_process_is_alive_and_was_not_alive_long_ago() -> None:
    assert process_alive(os.getpid(), None)
    began = process_started(os.getpid())
    assert process_alive(os.getpid(), time.time(), began)
    assert not process_alive(os.getpid(), time.time(), (began or 0) - 60)  # another process had the number
    assert process_alive(os.getpid(), time.time())
    assert not process_alive(os.getpid(), time.time() - 365 * 86400)


def test_an_ended_process_and_impossible_ones_are_not_alive() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert not any(process_alive(pid, None) for pid in (ended.pid, 0, -1, 2**40))


def test_an_end_before_the_goal_was_a_stop() -> None:
    evidence = Evidence(ended=1000.0, reached_steps=5, max_steps=10, newest_record=990.0)
    assert decide(evidence, 5000.0, "here", lambda pid, started: False) == ("killed", "stopped at step 5 of 10")
    later = replace(evidence, newest_record=4990.0)
    assert decide(later, 5000.0, "here", lambda pid, started: False)[0] == "running"


def test_a_process_counts_only_if_it_began_when_the_tool_says() -> None:
    """A container's process 7 is another one outside."""
    evidence = Evidence(pid=7, host="box", process_started=5.0, marks_end=True)
    assert decide(evidence, 100.0, "box", lambda pid, started, own=None: own == 5.0)[0] == "running"
    assert decide(evidence, 100.0, "box", lambda pid, started, own=None: own != 5.0)[0] == "killed"
