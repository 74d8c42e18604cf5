"""Regular expressions of patterns, kept from taking the engine's time.

Bundled ones are shown 4,096 characters of a line, which the tests prove to be harmless. A user's own are checked when
they are loaded (`fault`), are shown `USER_LINE` characters, and are switched off once a search takes `TOO_SLOW_S`.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator

from runspect.readers.console_text import Line
from runspect.readers.pattern_file import LineRule, Pattern

USER_LINE = 1024
"""Characters of a line that a user's expression is shown."""
TOO_SLOW_S = 0.25
TRIAL_S = 3.0
"""Time that all expressions of a user's pattern have for the hostile lines; ordinary ones need a hundredth of it."""
MOST_PAIRS = 400
_UNIT = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?[^:)<=!]*[:)]?|\(|\)|\{\d*,?\d*\}|.", re.DOTALL)
_FILLERS = (" ", "a", "1", ".", "=", ":", "|", ",", "-", "(", "[", "a ", "1 ", "a=1 ", "a: 1.0, ", "1,", "\t", "ab1")


class Guard:
    """Searches, and remembers what was too slow; one for a read of a file."""

    def __init__(self) -> None:
        self.slow: dict[str, str] = {}
        """Pattern → the beginning of the line that it was too slow on."""

    def search(self, pattern: Pattern, rule: LineRule, line: Line) -> re.Match[str] | None:
        """What a rule finds in a line."""
        text = line.whole if rule.whole else line.body
        if not pattern.user:
            return rule.match.search(text)
        if pattern.name in self.slow:
            return None
        begun = time.perf_counter()
        found = rule.match.search(text[:USER_LINE])
        if time.perf_counter() - begun > TOO_SLOW_S:
            self.slow[pattern.name] = text[:60]
        return found

    def pairs(self, pattern: Pattern, rule: LineRule, text: str) -> Iterator[re.Match[str]]:
        """The first `MOST_PAIRS` pairs in a piece of a line."""
        if rule.pairs is None or pattern.name in self.slow:
            return
        begun = time.perf_counter()
        for count, match in enumerate(rule.pairs.finditer(text)):
            if count >= MOST_PAIRS:
                break
            yield match
        if pattern.user and time.perf_counter() - begun > TOO_SLOW_S:
            self.slow[pattern.name] = text[:60]


def expressions(pattern: Pattern) -> list[re.Pattern[str]]:
    """All expressions of a pattern."""
    rules = [*pattern.lines, *pattern.params]
    found = [rule.match for rule in rules] + [rule.pairs for rule in rules if rule.pairs is not None]
    return found + [end.match for end in pattern.ends]


def fault(pattern: Pattern) -> str | None:
    """Why a user's pattern could hang: repeats inside repeats, or too slow on hostile lines; None when it could not.

    The trial runs in a process of its own, which is ended when its time is over.
    """
    for expression in expressions(pattern):
        if _repeats_a_repeat(expression.pattern):
            return f"a repeat inside a repeat can take for ever: {expression.pattern[:80]!r}"
    trial = [sys.executable, "-c", "from runspect.readers.pattern_guard import trial; trial()"]
    told = "\0".join([*(expression.pattern for expression in expressions(pattern)), *_seeds(pattern)])
    try:
        count = str(len(expressions(pattern)))
        done = subprocess.run([*trial, count], input=told, text=True, timeout=TRIAL_S, check=False, capture_output=True)
    except subprocess.TimeoutExpired:
        return f"its expressions are too slow: more than {TRIAL_S:.0f} s for {len(_FILLERS)} hostile lines"
    except OSError:
        return None
    return None if done.returncode == 0 else "its expressions could not be tried"


def trial() -> None:
    """The process that tries expressions: their count is the argument, they and lines to vary come on stdin."""
    count = int(sys.argv[1])
    parts = sys.stdin.read().split("\0")
    lines = list(hostile_lines(parts[count:], USER_LINE))
    for text in parts[:count]:
        expression = re.compile(text)
        for line in lines:
            expression.search(line)


def hostile_lines(seeds: list[str], length: int) -> Iterator[str]:
    """Lines that make a bad expression slow: one filler over and over, alone and behind the beginnings of `seeds`."""
    beginnings = ["", *dict.fromkeys(seed[:cut] for seed in seeds for cut in (12, 30))][:8]
    for beginning in beginnings:
        for filler in _FILLERS:
            yield (beginning + filler * (length // len(filler)))[: length - 1] + "!"


def _seeds(pattern: Pattern) -> list[str]:
    return [line for line in pattern.sample.split("\n") if line.strip()][:4]


def _repeats_a_repeat(expression: str) -> bool:
    """Whether a group that holds an unbounded repeat is repeated without bound itself."""
    holds = [False]
    closed = False
    """The unit before was a group that holds such a repeat."""
    for unit in _UNIT.findall(expression):
        unbounded = unit in ("*", "+") or bool(re.fullmatch(r"\{\d*,\}", unit))
        if unbounded and closed:
            return True
        if unbounded:
            holds[-1] = True
        if unit == ")" and len(holds) > 1:
            closed = holds.pop()
            holds[-1] = holds[-1] or closed
            continue
        if unit.startswith("(") and not unit.endswith(")"):
            holds.append(False)
        closed = False
    return False
