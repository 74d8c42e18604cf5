"""Console logs: how they end, which process wrote them, and whether metrics stand in them.

Only the first and last kilobytes are looked at; `console_metrics` reads the whole of those that are to tell metrics.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path

from runspect.model import Claim, Json
from runspect.readers.claims import weak
from runspect.readers.console_ignite import ignite_end
from runspect.readers.console_params import printed
from runspect.readers.console_text import line_of, without_escapes
from runspect.readers.contract import SAMPLE_BYTES, Batch, Cursor, Entry, Mode, with_offset
from runspect.readers.lines import text_of, utf8
from runspect.readers.pattern_file import EndRule, Pattern
from runspect.readers.pattern_guard import USER_LINE
from runspect.readers.pattern_set import patterns
from runspect.readers.recognise import recognise
from runspect.readers.wandb_paths import wandb_place

TAIL = 16 << 10
HEAD = 4 << 10
_NAMES = re.compile(
    r"(log|logs|train_log|training_log|train|output|console|stdout|stderr|cout|out|err|nohup|nemo_log[\w-]*|nemo_error_log"
    r"|lightning_logs|logs?[_-].*|.*[_-]logs?|slurm-.*|train[_-]?\w*\d*)\.txt|nohup\.out|stdout|stderr|.*\.(?:log|out|err)(?:\.\d{1,3})?"
)
_OUTPUTS = ("*.log", "*.out", "*.err")
_RAISED = re.compile(r"(?:[A-Za-z_][\w.]*\.)?([A-Z]\w+)(?::\s*(.*))?")
"""The last line of a traceback: `module.ValueError: message`."""
_SLURM = re.compile(r"(?:slurmstepd|srun): error:.*?(CANCELLED.*|[Ee]xceeded.*|.*oom.*)", re.IGNORECASE)
_JOB_NAME = re.compile(r"slurm-(\d+)(?:_\d+)?\.(?:out|err|txt|log)")
_JOB_TEXT = re.compile(r"\*\*\* (?:JOB|STEP) (\d+)(?:\.\S+)? ON (\S+)|SLURM_JOB_ID[=:]\s*(\d+)")
_PID = re.compile(r"Configure stats pid to (\d+)")
_PRINTED = bytes(range(7, 14)) + bytes(range(27, 256))
_TRACEBACK = "Traceback (most recent call last)"
_CHILD = "ChildFailedError"
"""What torchrun raises when the program failed, whose own exception stands before; `accelerate launch` a CalledProcessError."""
_SIGKILL = re.compile(r"exitcode\s+: -9\b|Signal 9 \(SIGKILL\)")
_LAST = 30
"""Last lines among which the words of an end are looked for: results of tests may follow them."""
_AFTER = 12
"""Lines that may follow the exception (of a launcher, a logger) and still leave it the end."""


class ConsoleReader:
    """Status of the run that it lies beside; no run by itself."""

    name = "console"
    mode: Mode = "replace"
    precision = 3
    names = ("*.txt", "nohup.out", "stdout", "stderr", *_OUTPUTS, *(f"{name}.[0-9]*" for name in _OUTPUTS))

    def claim(self, entry: Entry) -> Claim | None:
        """By name, weaker than any table or JSON lines under the same name."""
        hidden = any(part.startswith(".") and len(part) > 1 for part in entry.path.split("/")[:-1])
        if hidden or not _NAMES.fullmatch(entry.name) or _is_binary(entry.head()):
            return None
        place = wandb_place(entry)
        hints, tool = _hints(entry)
        if place is not None:
            return Claim(self.name, entry.path, place.root, "tool", "console", 0, "wandb", hints)
        return weak(entry, self.name, tool, kind="console", strength=0, hints=hints)

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch of facts, if there are any."""
        facts = facts_of(path)
        if size := path.stat().st_size:
            yield Batch(with_offset(cursor, size), facts=facts)


def facts_of(path: Path) -> dict[str, Json]:
    """What the beginning and the end of a console log say of its process and of how it ended.

    Raises:
        OSError: The file cannot be opened or read.
    """
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        size = os.fstat(file).st_size
        head = os.pread(file, HEAD, 0)
        # both bytes of a letter in UTF-16
        tail = head if len(head) < HEAD else os.pread(file, TAIL + 1, max(0, size - TAIL) & ~1)
    finally:
        os.close(file)
    return facts_in(path.name, head, tail)


def facts_in(name: str, head: bytes, tail: bytes) -> dict[str, Json]:
    """What its first `HEAD` and its last `TAIL` bytes say."""
    begin, end = text_of(utf8(head)), text_of(utf8(head[:2] + tail) if _is_utf16(head) else tail)
    told = _verdict_fact(name, end) or _end_fact(name, end) or ignite_end(begin, end)
    return {**_origin(name, begin, end), **told}


def _hints(entry: Entry) -> tuple[tuple[tuple[str, str], ...], str]:
    """Whether metrics stand in it: ("metrics", the pattern), or ("young", "yes") where that may still come.

    And whether a configuration is printed in it: ("config", "yes").
    """
    if entry.name.startswith("debug"):
        return (), "console"  # a logging library's own diary
    sample = entry.sample()
    more = (("config", "yes"),) if printed(sample[0]) else ()
    found = recognise(sample)
    if found is not None:
        return (("metrics", found.name), *more), found.tool
    return ((("young", "yes"), *more) if entry.size < SAMPLE_BYTES else more), "console"


def _is_binary(head: bytes) -> bool:
    """Whether control characters stand in it that no program prints (escape sequences and bells are printed)."""
    return bool(head.translate(None, _PRINTED)) and not _is_utf16(head)


def _is_utf16(head: bytes) -> bool:
    return head.startswith((b"\xff\xfe", b"\xfe\xff"))


def verdict(text: str) -> str:
    """What the end of a console log says of the run's end; "" when it ends in nothing remarkable."""
    lines = [line for line in map(_shown, text.split("\n")) if line.strip()]
    last = lines[-_AFTER:]
    lower = "\n".join(last).lower()
    for line in reversed(last) if "error:" in lower else ():
        if match := _SLURM.search(line):
            return f"slurm: {match[1].strip(' *')[:160]}"
    traceback = _traceback(lines)
    if traceback:
        return traceback
    for line in reversed(last[-3:]) if any(map(lower.__contains__, _ENDS)) else ():
        found = _plain_end(line.strip())
        if found:
            return found
    return ""


def _shown(line: str) -> str:
    """A line as it stood on the screen: no escapes, the last state of a progress bar."""
    return without_escapes(line.rstrip("\r").rpartition("\r")[2])


def _traceback(lines: list[str]) -> str:
    starts = [at for at, line in enumerate(lines) if _TRACEBACK in line and not _is_ignored(lines[at - 1 : at])]
    if not starts:
        return ""
    raised = next((at for at in range(starts[-1] + 1, len(lines)) if _is_raised(lines[at])), None)
    if raised is None:
        within = all(line.startswith((" ", "\t")) for line in lines[starts[-1] + 1 :])
        return "traceback" if within else ""  # the log ends within it
    kind, message = _raised(lines[raised])
    report = _report(lines[raised + 1 :]) if kind == _CHILD else []
    if len(lines) - raised - len(report) > _AFTER + 1:
        return ""
    if kind not in (_CHILD, "CalledProcessError"):
        return _crash(kind, message)
    if any(map(_SIGKILL.search, report)):
        return "killed"
    first = next((at for start in starts[-2::-1] for at in range(start, raised) if _is_raised(lines[at])), raised)
    return _crash(*_raised(lines[first]))


def _report(behind: list[str]) -> list[str]:
    """torchrun's report of the processes that failed, which ends in a ruler."""
    last = next((at for at in range(len(behind) - 1, -1, -1) if behind[at].startswith("=====")), -1)
    return behind[: last + 1]


def _is_ignored(before: list[str]) -> bool:
    """Whether Python says in the line before a traceback that it only tells of it, as of a `__del__` at its exit."""
    return bool(before) and before[0].startswith("Exception ignored in")


def _raised(line: str) -> tuple[str, str]:
    """Kind and message of an exception."""
    match = _RAISED.fullmatch(line.strip())
    return (match[1], match[2] or "") if match else (line.strip(), "")


def _crash(kind: str, message: str) -> str:
    if kind == "KeyboardInterrupt":
        return kind
    if "OutOfMemory" in kind or "out of memory" in message:
        return "out of memory"
    return f"traceback: {kind}: {message}"[:200].rstrip(": ")


def _is_raised(line: str) -> bool:
    return not line.startswith((" ", "\t")) and _RAISED.fullmatch(line.strip()) is not None


_SHELL = r": line \d+:\s+\d+ "
"""How bash tells of a command that a signal ended: `./run.sh: line 3: 4711 Killed   python train.py`."""


_ENDS = (
    "memory", "oom", "killed", "sigkill", "signal 9", "terminated", "bus error", "keyboardinterrupt", "segmentation",
    "sigsegv", "nccl", "watchdog", "abort", "srun:",
)  # fmt: skip
"""In lower case; one of them stands in each line that `_plain_end` takes."""


def _plain_end(line: str) -> str:
    if re.search(r"CUDA out of memory|OutOfMemoryError|oom[-_ ]kill|[Oo]ut [Oo]f [Mm]emory", line):
        return "out of memory"
    if re.search(r"(^|\s)Killed\s*$|\bSIGKILL\b|signal 9\b", line) or re.search(rf"{_SHELL}Killed\b", line):
        return "killed"
    if re.search(rf"^Terminated\s*$|{_SHELL}Terminated\b", line):
        return "SIGTERM"
    if re.search(rf"^Bus error\b|{_SHELL}Bus error\b", line):
        return "bus error"
    if re.search(r"KeyboardInterrupt\s*$", line):
        return "KeyboardInterrupt"
    if re.search(r"Segmentation fault|\bSIGSEGV\b", line):
        return "segmentation fault"
    if re.search(r"NCCL.*time(d )?out|Watchdog caught collective operation timeout", line, re.IGNORECASE):
        return "NCCL timeout"
    if re.search(r"Aborted \(core dumped\)|\bSIGABRT\b", line):
        return "aborted"
    if re.match(r"srun: error:", line):
        return line[:160]
    return ""


def _verdict_fact(name: str, tail: str) -> dict[str, Json]:
    if name.startswith("debug"):
        return {}  # a logging library's own diary: its tracebacks are not the run's
    found = verdict(tail)
    return {"console_verdict": found} if found else {}


def _end_fact(name: str, tail: str) -> dict[str, Json]:
    """The words by which a tool ends its log: end_state and end_reason."""
    if name.startswith("debug"):
        return {}
    ends = _pattern_ends(patterns().patterns)
    shown = (line for raw in reversed(tail.split("\n")) if (line := line_of(_shown(raw))).whole)
    for line in islice(shown, _LAST):
        body = line.body[:USER_LINE]
        for tool, end in ends:
            if end.match.search(body):
                return {"end_state": end.state, "end_reason": end.reason or f"{tool}: {line.body[:80]}"}
    return {}


@lru_cache(maxsize=2)
def _pattern_ends(known: tuple[Pattern, ...]) -> tuple[tuple[str, EndRule], ...]:
    return tuple((pattern.tool, end) for pattern in known for end in pattern.ends)


def _origin(name: str, head: str, tail: str) -> dict[str, Json]:
    """Process, host and Slurm job where the log says them in so many words."""
    facts: dict[str, Json] = {}
    if match := _JOB_NAME.fullmatch(name):
        facts["slurm_job_id"] = match[1]
    if match := _JOB_TEXT.search(tail) or _JOB_TEXT.search(head):
        facts["slurm_job_id"] = match[1] or match[3]
        if match[2]:
            facts["host"] = match[2]
    if match := _PID.search(head):
        facts["pid"] = int(match[1])
    return facts


READER = ConsoleReader()
