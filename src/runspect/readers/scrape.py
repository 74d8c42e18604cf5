"""From lines of a console log to points of metrics, by patterns; what it must remember fits a cursor.

Progress bars are folded: of a bar that belongs to an epoch only its last state counts, at that epoch; a bar without one
gives a point for each percent, at the iteration, and goes on counting when it starts anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from functools import lru_cache
from typing import Any, NamedTuple

from runspect.dataclass import dataclass, field
from runspect.model import Json
from runspect.readers.console_boxes import MOST_BOXED, boxed_step, boxed_values
from runspect.readers.console_decimals import has_decimal_comma, with_points
from runspect.readers.console_folds import FOLD, fold_of
from runspect.readers.console_guess import SIGNATURES, Guesses, held_out
from runspect.readers.console_text import Line, line_of, quantity, time_of
from runspect.readers.lines import text_of
from runspect.readers.pattern_file import LineRule, Pattern
from runspect.readers.pattern_guard import Guard
from runspect.readers.steps import is_step

MOST_BARS = 16
MOST_NAMES = 500
"""Names of metrics in one log, beyond which new ones are left out."""
LARGEST_STEP = 2**53
_NUMBERED = re.compile(rb"[a-z]{0,8}[^\w\n]{0,16}\d")
"""What follows a signature with a number: the rest of the word, and few characters between."""
_EPOCH_OR_NUMBER = re.compile(r"\b(?i:epoch|ep)\b|[\d\W]+")
_PERCENT = re.compile(rb"(\d{1,3})%")
_BAR_END = re.compile(
    rb"\[(?:\d+:)?\d\d:\d\d(?:<[\d:?]+)?, *(?:\?|[\d.]+) ?[^\s,\]]{1,24}/[^\s,\]]{1,24}(?:, [^\]]{0,2000})?\](?=[^\s,;\]|}\x1b])"
)
"""The end of a bar of tqdm, `[00:01<00:05, 6.65it/s, loss=0.5]`, behind which the program printed on the same line."""
_SPACES = re.compile(r"\s+")
_CELLS = re.compile(r"\s*\|\s*|\s{2,}")


class Row(NamedTuple):
    """A value of a metric."""

    name: str
    step: int
    time: float
    value: float


@dataclass(slots=True)
class Memory:
    """What the lines before have settled."""

    step: int | None = None
    epoch: int | None = None
    rows: dict[str, int] = field(default_factory=dict)
    """Numbered lines by pattern."""
    bars: dict[str, list[int]] = field(default_factory=dict)
    """Bar → [iterations of the bars before it, its last iteration, its total]."""
    beside: list[int] | None = None
    """[total, iteration] of the longest bar without a label: that of the whole training."""
    percent: str = ""
    block: list[Any] | None = None
    """[pattern, lines left, column names] of an open block."""
    box: list[list[str]] = field(default_factory=list)
    """[name, value] of the rows of an open box, and [section] without a value."""
    exclusive: bool = False
    hits: dict[str, int] = field(default_factory=dict)
    """Lines with values by pattern."""
    names: list[str] = field(default_factory=list)
    """Metrics so far."""
    held: list[Any] | None = None
    """[epoch, label, rows] of the last state of an epoch's bar, which a further state on the same line may replace."""
    best: list[Any] | None = None
    """[step, value] that the log last named as the best; the value is None where it names several."""
    labelled: bool = False
    """Lines begin with the number of their process, as `srun --label` prints them: 0 was among them."""
    fold: int | None = None
    """Of a cross validation, the part that the lines speak of."""
    decimal_comma: bool = False
    """Metrics were seen as "0,25"."""
    guesses: Guesses = field(default_factory=Guesses)

    def plain(self) -> dict[str, Json]:
        """As JSON, without what is empty."""
        return {key: value for key, value in asdict(self).items() if value not in (None, {}, [], "", False)}

    @classmethod
    def of(cls, told: Json) -> Memory:
        """Read back; what is strange is forgotten."""
        if not isinstance(told, dict):
            return cls()
        known = {item.name for item in fields(cls)}
        memory = cls(**{key: value for key, value in told.items() if key in known and key != "guesses"})
        memory.guesses = Guesses.of(told.get("guesses"))
        return memory


class Matched(NamedTuple):
    """What a pattern made of a line; for `runspect patterns test`."""

    pattern: str
    rows: tuple[Row, ...]


class Scraper:
    """Mutable, for one read of one file."""

    def __init__(self, patterns: Sequence[Pattern], memory: Memory, guess: bool = True) -> None:
        self.memory = memory
        self.guard = Guard()
        self._guess = guess
        self._by_name, self._rules, self._needles = _prepared(tuple(patterns), guess)

    def scan(self, data: bytes, ended: bool = True) -> Iterator[tuple[int, Line, Matched]]:
        """Take whole lines; yields (position, line, what a pattern made of it) of those that a pattern took.

        Args:
            ended: False: behind `data` its last line goes on.
        """
        starts = self._candidates(data)
        at, number = 0, 0
        while at < len(data):
            if self.memory.block is None:
                while number < len(starts) and starts[number] < at:
                    number += 1
                if number == len(starts):
                    return
                at = starts[number]
            end = data.find(b"\n", at)
            whole = end >= 0
            end = end if whole else len(data)
            for line, matched in self._physical(data[at:end], whole or ended):
                yield at, line, matched
            at = end + 1

    def _candidates(self, data: bytes) -> list[int]:
        """Beginnings of the lines that hold a signature, found without any regular expression."""
        lower = data.lower()
        starts: set[int] = set()
        for needle, numbered in self._needles:
            at = lower.find(needle)
            while at >= 0:
                if numbered and _NUMBERED.match(lower, at + len(needle)) is None:
                    at = lower.find(needle, at + len(needle))
                    continue
                starts.add(lower.rfind(b"\n", 0, at) + 1)
                end = lower.find(b"\n", at)
                at = lower.find(needle, end) if end >= 0 else -1
        return sorted(starts)

    def _physical(self, raw: bytes, ended: bool) -> Iterator[tuple[Line, Matched]]:
        """The states of one line of the file."""
        segments = [raw] if b"\r" not in raw else [segment for segment in raw.split(b"\r") if segment]
        for at, segment in enumerate(segments):
            bar, printed = _apart(segment)
            last = ended and at == len(segments) - 1
            final = last and not printed  # a bar that something was printed behind goes on
            if (len(segments) == 1 and not printed) or not self._same_percent(bar) or final:
                yield from self._state(bar, final)
            if printed:
                yield from self._state(printed, last)
        if self.memory.block is not None:
            self.memory.block[1] -= 1
            if self.memory.block[1] < 0:
                self.memory.block = None

    def _state(self, segment: bytes, last: bool) -> Iterator[tuple[Line, Matched]]:
        line = line_of(text_of(segment[: 4 * 4096]))
        if line.whole and (matched := self._line(line, last)) is not None:
            yield line, matched

    def _same_percent(self, segment: bytes) -> bool:
        match = _PERCENT.search(segment, 0, 200)
        if match is None:
            return False
        percent = match[1].decode()
        same, self.memory.percent = percent == self.memory.percent, percent
        return same and percent != "100"  # the last state may be the one with the values of the epoch

    def _begin_fold(self, line: Line) -> None:
        """A line that begins with "Fold 2": what follows is of that part of a cross validation."""
        match = fold_of(line.body)
        if match is not None and match != self.memory.fold:
            self.memory.fold = match
            self.memory.guesses.pending.clear()
            self.memory.rows.clear()
            self.memory.bars.clear()

    def _pointed(self, line: Line) -> Line:
        """The line with points in its decimal numbers, where the log has commas there."""
        if "," not in line.body:
            return line
        self.memory.decimal_comma = self.memory.decimal_comma or has_decimal_comma(line.body)
        if not self.memory.decimal_comma:
            return line
        return line._replace(whole=with_points(line.whole), body=with_points(line.body))

    def _of_another_rank(self, line: Line) -> bool:
        """Whether a process prints the line that is not the first: it tells the same curves once more."""
        self.memory.labelled |= line.label == 0
        return bool(line.rank) or (bool(line.label) and self.memory.labelled)

    def _line(self, line: Line, last: bool) -> Matched | None:
        if self._of_another_rank(line):
            return None
        self._begin_fold(line)
        line = self._pointed(line)
        block = self.memory.block
        if block is not None and (pattern := self._by_name.get(block[0])) is not None:
            for rule in pattern.lines:
                if rule.inside and (match := self.guard.search(pattern, rule, line)) is not None:
                    return Matched(pattern.name, tuple(self._take(pattern, rule, match, line, last)))
            if self.memory.box:  # the line is no row of it: it was none
                self.memory.block, self.memory.box = None, []
        lower = line.whole.lower()
        for pattern, rule, first, others in self._rules:
            if first in lower or (others and any(map(lower.__contains__, others))):
                match = self.guard.search(pattern, rule, line)
                if match is not None:
                    rows = tuple(self._take(pattern, rule, match, line, last))
                    self.memory.exclusive |= pattern.exclusive
                    return Matched(pattern.name, rows)
        if not self._guess or self.memory.exclusive:
            return None
        rows = tuple(self._known(Row(*row) for row in self.memory.guesses.line(line.body, line.time)))
        if not rows:
            return None
        self.memory.hits["guess"] = self.memory.hits.get("guess", 0) + 1
        return Matched("guess", rows)

    # ---------------------------------------------------------------- what a matched line says

    def _take(self, pattern: Pattern, rule: LineRule, match: re.Match[str], line: Line, last: bool) -> list[Row]:
        told = match.groupdict()
        if rule.boxed:
            return self._box(pattern, told, line)
        time = time_of(told["time"]) if told.get("time") else line.time
        values = list(self._values(pattern, rule, match, told, line))
        if rule.opens:
            self.memory.block = [pattern.name, rule.opens, self.memory.block[2] if self.memory.block else []]
            if told.get("columns"):
                self.memory.block[2] = _cells(told["columns"].strip(" |"))
        of_epoch = False
        if rule.step == "bar":
            step, of_epoch = self._bar(told)
        else:
            step = self._step(pattern, rule, told, values)
        if step is None:
            return []
        if rule.best:
            self.memory.best = [step, values[0][1] if len(values) == 1 else None]
            return []
        if rule.step != "bar":
            self.memory.step = step
        front = self._front(rule, told)
        rows = [Row(name if name.startswith(front) else front + name, step, time, value) for name, value in values]
        if of_epoch:
            rows = self._last_of_epoch([step, _bar_label(told)], rows, last)
        if rows:
            self.memory.hits[pattern.name] = self.memory.hits.get(pattern.name, 0) + 1
        return list(self._known(rows))

    def _last_of_epoch(self, bar: list[Any], rows: list[Row], last: bool) -> list[Row]:
        """Of a bar's states in an epoch the last one: at the line's end, or before another bar's on the same line."""
        held = self.memory.held
        before = [Row(*row) for row in held[2]] if held else []
        same = held is not None and held[:2] == bar
        self.memory.held = None if last else [*bar, rows or before if same else rows]
        return ([] if same else before) + (rows if last else [])

    def _box(self, pattern: Pattern, told: dict[str, Any], line: Line) -> list[Row]:
        """A row of a box is held; the ruler that closes it brings all of them, at the step that one of them names."""
        memory = self.memory
        if not told.get("ruler"):
            memory.box.append([told["section"]] if told.get("section") else [told["name"], told["value"]])
            return []
        if memory.block is not None and memory.block[0] != pattern.name:
            return []  # a line of dashes within another's block
        found = boxed_values(memory.box) if memory.block is not None else {}
        memory.box = []
        memory.block = None if found else [pattern.name, MOST_BOXED, []]
        if not found:
            return []
        number = memory.rows.get(pattern.name, 0)
        memory.rows[pattern.name] = number + 1
        memory.hits[pattern.name] = memory.hits.get(pattern.name, 0) + 1
        step = boxed_step(found)
        memory.step = number if step is None else step
        return list(self._known(Row(name, memory.step, line.time, value) for name, value in found.items()))

    def _known(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Rows of metrics that are known, or may still be."""
        names, fold = self.memory.names, self.memory.fold
        for row in rows:
            row = row if fold is None else row._replace(name=f"fold{fold}/{row.name}")
            if row.name not in names:
                if len(names) >= MOST_NAMES:
                    continue
                names.append(row.name)
            yield row

    def _values(
        self, pattern: Pattern, rule: LineRule, match: re.Match[str], told: dict[str, Any], line: Line
    ) -> Iterator[tuple[str, float]]:
        found: list[tuple[str, str]] = [(name, told[group]) for name, group in rule.values if told[group] is not None]
        if rule.pairs is not None and told["pairs"]:
            found += [(pair["name"], pair["value"]) for pair in self.guard.pairs(pattern, rule, told["pairs"])]
        if rule.columns and self.memory.block is not None:
            cells = _CELLS.split(match[0].strip(" |")) if "|" in match[0] else match[0].split()
            if len(cells) == len(self.memory.block[2]):
                found += zip(self.memory.block[2], cells, strict=True)
        for name, text in found:
            plain = _SPACES.sub(" ", name).strip(" \t'\",;|-")
            for old, new in pattern.rename:
                plain = old.sub(new, plain)
            value = quantity(text)
            if plain and value is not None and plain.lower() not in pattern.drop and len(plain) <= 120:
                yield plain, value

    @staticmethod
    def _front(rule: LineRule, told: dict[str, Any]) -> str:
        split = (told.get("split") or "").strip()
        if rule.step == "bar" and (front := held_out(told.get("label") or "")):
            return front
        return rule.prefix + (split + "/" if split else "")

    # ---------------------------------------------------------------- where it stands

    def _step(
        self, pattern: Pattern, rule: LineRule, told: dict[str, Any], values: list[tuple[str, float]]
    ) -> int | None:
        epoch, iteration, total = (_whole(told.get(name)) for name in ("epoch", "iter", "total"))
        step = _whole(told.get("step"))
        if epoch is not None:
            self.memory.epoch = epoch
        if rule.columns and values and is_step(values[0][0]):
            step = _whole(f"{values.pop(0)[1]:.0f}")
        if rule.step == "rows" or (rule.step == "beside" and self.memory.beside is None):
            number = self.memory.rows.get(pattern.name, 0)
            self.memory.rows[pattern.name] = number + 1
            return number
        if rule.step == "beside" and self.memory.beside is not None:
            return self.memory.beside[1]
        if rule.step == "epoch":
            return self.memory.epoch if epoch is None else epoch
        if rule.step == "batch" and iteration is not None and total is not None:
            return ((epoch if epoch is not None else self.memory.epoch or 0) - rule.epoch_base) * total + iteration
        if rule.step == "within" and iteration is not None:
            within = self.memory.bars.setdefault(pattern.name, [0, -1, 0])
            within[0] += within[1] if iteration <= within[1] else 0
            within[1] = iteration
            return within[0] + iteration
        if rule.step != "carry":
            known = step if step is not None else iteration if iteration is not None else epoch
            if known is not None:
                return known
        if self.memory.step is None:
            return self.memory.epoch if self.memory.epoch is not None else 0
        return self.memory.step

    def _bar(self, told: dict[str, Any]) -> tuple[int | None, bool]:
        """The step of a bar's state, None where there is none, and whether that is the epoch that the bar belongs to."""
        epoch, now, total = (_whole(told.get(name)) for name in ("epoch", "iter", "total"))
        label = _bar_label(told)
        if epoch is None:
            epoch = self.memory.epoch
        else:
            self.memory.epoch = epoch
        if now is None or total is None:
            return epoch, True
        if told.get("label") == "" and (self.memory.beside is None or total >= self.memory.beside[0]):
            self.memory.beside = [total, now]
        if epoch is not None:
            return epoch, True
        bar = (
            self.memory.bars.setdefault(label, [0, -1, total]) if len(self.memory.bars) < MOST_BARS else [0, -1, total]
        )
        if now < bar[1] and bar[2] == total:
            bar[0] += total
        bar[1:] = [now, total]
        return bar[0] + now, False


def _apart(segment: bytes) -> tuple[bytes, bytes]:
    """A bar and what was printed behind it, which begins a line on the screen only where the bar fills one."""
    match = _BAR_END.search(segment)
    return (segment, b"") if match is None else (segment[: match.end()], segment[match.end() :])


def _cells(header: str) -> list[str]:
    """The names of a table's columns; where a single space stands between all of them, each word is one."""
    cells = _CELLS.split(header)
    return header.split() if len(cells) == 1 else cells


class _Prepared(NamedTuple):
    """What patterns are looked for by."""

    by_name: Mapping[str, Pattern]
    rules: Sequence[tuple[Pattern, LineRule, str, tuple[str, ...]]]
    """Each with the first text of its signature, and the others."""
    needles: Sequence[tuple[bytes, bool]]


@lru_cache(maxsize=8)
def _prepared(patterns: tuple[Pattern, ...], guess: bool) -> _Prepared:
    """The same for all files."""
    rules = [(pattern, rule) for pattern in patterns for rule in pattern.lines if not rule.inside]
    found = {text for _, rule in rules for text in rule.signature} | {FOLD} | (set(SIGNATURES) if guess else set())
    return _Prepared(
        {pattern.name: pattern for pattern in patterns},
        [(pattern, rule, *_first(rule.signature)) for pattern, rule in rules],
        _needles(found),
    )


def _first(signature: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The first text of a signature and the others, as they are looked for."""
    first, *others = (text.removesuffix("#") for text in signature)
    return first, tuple(others)


def _shortest(texts: set[str]) -> list[str]:
    """Those that hold no other one: a line that holds the others holds one of these."""
    return sorted(text for text in texts if not any(other in text for other in texts if other != text))


def _bar_label(told: dict[str, Any]) -> str:
    """What stands before a bar, without its epoch and other numbers, which change from state to state."""
    return _EPOCH_OR_NUMBER.sub(" ", told.get("label") or "").strip()[:40]


def _whole(text: str | None) -> int | None:
    value = quantity(text) if text else None
    if value is None or value != value or not 0 <= value < LARGEST_STEP or value != int(value):
        return None
    return int(value)


def _needles(texts: set[str]) -> tuple[tuple[bytes, bool], ...]:
    """What to look for, and whether a number must follow: the texts that hold no other of them."""
    plain = {text for text in texts if not text.endswith("#")}
    numbered = _shortest({text[:-1] for text in texts - plain})
    return (*((text.encode(), False) for text in _shortest(plain)), *((text.encode(), True) for text in numbered))
