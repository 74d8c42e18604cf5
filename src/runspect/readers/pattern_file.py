"""One console-log format as a TOML file: how its lines are recognised and what they say.

name, tool, about    what it is called; the tool as shown to people
order                patterns are tried in this order (50), then by name; the first that matches a line has it
exclusive            true: where it matches, nothing is guessed from other lines of the file
founds               lines with values that make a run of a log that lies alone (1)
drop                 names that are no metrics ("eta")
[rename]             regular expression → replacement, on names of metrics
[[line]]             signature   lower-case texts one of which a line must hold (found fast, before any expression);
                                 with a # at its end a number must follow
                     match       expression searched in the line without its logger's prefix (whole = true: with it);
                                 groups step, epoch, iter, total, time, split, pairs; `<number>` stands for a number
                     pairs       expression with groups `name` and `value`, for all in the group `pairs`
                     values      metric → group
                     prefix      put before the names; the group `split` goes before them too
                     step        "step", "epoch", "batch" (epoch x total + iter), "bar", "rows" (numbered), "carry" (the
                                 last one), "beside" (that of the progress bar around it); default: by the groups
                                 "within" (iter begins anew in each epoch and goes on from the last one's end)
                     epoch_base  the first epoch's number, for "batch" (1)
                     opens       this line begins a block of so many lines at most
                     inside      true: only within such a block; columns = true: cells under the names of the opening
                                 line's group `columns`
                     boxed       true: part of a box of names and values, which counts as a whole when it closes: groups
                                 ruler (opens and closes it), section (put before the indented names behind it), name, value
                     best        true: the line repeats the best step and its values: a fact, no new point
[[param]]            signature, match with groups `name` and `value`
[[end]]              match, state ("finished", "failed", "killed"), reason
sample, [[expect]]   a piece of a log and what it says: metric, steps, values; checked by the tests
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

from runspect.dataclass import dataclass, field
from runspect.errors import ReaderFault
from runspect.model import State
from runspect.readers.console_text import NUMBER

STEP_RULES = ("step", "epoch", "batch", "bar", "rows", "carry", "beside", "within")
LARGEST = 64 << 10
"""Bytes of a pattern file."""


@dataclass(frozen=True, slots=True)
class LineRule:
    """What one kind of line says."""

    signature: tuple[str, ...]
    """Texts; those with a # at the end are to be followed by a number."""
    match: re.Pattern[str]
    pairs: re.Pattern[str] | None = None
    values: tuple[tuple[str, str], ...] = ()
    """(metric, group)."""
    prefix: str = ""
    step: str = ""
    epoch_base: int = 1
    opens: int = 0
    inside: bool = False
    columns: bool = False
    whole: bool = False
    best: bool = False
    boxed: bool = False

    def may_match(self, lower: str) -> bool:
        """Whether a line, in lower case, holds a signature."""
        return any((text[:-1] if text[-1] == "#" else text) in lower for text in self.signature)


@dataclass(frozen=True, slots=True)
class EndRule:
    """A line that tells how the run ended."""

    match: re.Pattern[str]
    state: State
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """A console-log format; each is equal to itself alone."""

    name: str
    tool: str
    about: str = ""
    order: int = 50
    exclusive: bool = False
    founds: int = 1
    drop: frozenset[str] = frozenset()
    rename: tuple[tuple[re.Pattern[str], str], ...] = ()
    lines: tuple[LineRule, ...] = ()
    params: tuple[LineRule, ...] = ()
    ends: tuple[EndRule, ...] = ()
    sample: str = ""
    expect: tuple[Mapping[str, Any], ...] = ()
    user: bool = field(default=False, compare=False)
    """From the user's own directory."""


def load_pattern(path: Path, user: bool = False) -> Pattern:
    """The pattern in a file.

    Raises:
        ReaderFault: It cannot be read or is no pattern; says which key.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise ReaderFault(f"larger than {LARGEST >> 10} KiB")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ReaderFault(f"cannot be read: {error}") from error
    return parse_pattern(text, user)


def parse_pattern(text: str, user: bool = False) -> Pattern:
    """The pattern in the text of a TOML file.

    Raises:
        ReaderFault: It is no pattern; says which key.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ReaderFault(f"no valid TOML: {error}") from error
    _known(table, _PATTERN_KEYS, "")
    lines = tuple(_line(row, f"line {at}") for at, row in enumerate(_rows(table, "line"), 1))
    if not lines:
        raise ReaderFault("it has no [[line]]")
    return Pattern(
        name=_text(table, "name", None),
        tool=_text(table, "tool", table["name"]),
        about=_text(table, "about"),
        order=_number(table, "order", 50),
        exclusive=_flag(table, "exclusive"),
        founds=max(1, _number(table, "founds", 1)),
        drop=frozenset(name.lower() for name in _texts(table, "drop")),
        rename=tuple((_regex(old, "rename"), str(new)) for old, new in _table(table, "rename").items()),
        lines=lines,
        params=tuple(_line(row, f"param {at}", ("name", "value")) for at, row in enumerate(_rows(table, "param"), 1)),
        ends=tuple(_end(row) for row in _rows(table, "end")),
        sample=_text(table, "sample").replace("<ESC>", "\x1b").replace("<CR>", "\r").replace("<TAB>", "\t"),
        expect=tuple(_rows(table, "expect")),
        user=user,
    )


def _line(row: Mapping[str, Any], where: str, needed: tuple[str, ...] = ()) -> LineRule:
    _known(row, _LINE_KEYS, where)
    match = _regex(_text(row, "match", None), where)
    pairs = _regex(row["pairs"], where) if "pairs" in row else None
    values = tuple((str(name), str(group)) for name, group in _table(row, "values").items())
    groups = [group for _, group in values] + (["pairs"] if pairs is not None else []) + list(needed)
    if missing := [group for group in groups if group not in match.groupindex]:
        raise ReaderFault(f"{where}: match has no group {missing[0]!r}")
    if pairs is not None and not {"name", "value"} <= pairs.groupindex.keys():
        raise ReaderFault(f"{where}: pairs needs the groups 'name' and 'value'")
    step = _text(row, "step")
    if step and step not in STEP_RULES:
        raise ReaderFault(f"{where}: step must be one of {', '.join(STEP_RULES)}")
    signature = tuple(text.lower() for text in _texts(row, "signature"))
    if not _flag(row, "inside") and (not signature or any(len(text.strip(" ")) < 2 for text in signature)):
        raise ReaderFault(f"{where}: signature must hold texts of two characters or more")
    return LineRule(
        signature, match, pairs, values, _text(row, "prefix"), step, _number(row, "epoch_base", 1),
        min(200, _number(row, "opens", 0)), _flag(row, "inside"), _flag(row, "columns"), _flag(row, "whole"),
        _flag(row, "best"), _flag(row, "boxed"),
    )  # fmt: skip


def _end(row: Mapping[str, Any]) -> EndRule:
    _known(row, ("match", "state", "reason"), "end")
    state = _text(row, "state", "finished")
    if state not in get_args(State):
        raise ReaderFault(f"end: {state!r} is no state")
    return EndRule(_regex(_text(row, "match", None), "end"), state, _text(row, "reason"))  # type: ignore[arg-type]


def _regex(text: object, where: str) -> re.Pattern[str]:
    if not isinstance(text, str) or len(text) > 2000:
        raise ReaderFault(f"{where}: an expression must be a text of 2,000 characters at most")
    try:
        return re.compile(text.replace("<number>", f"(?:{NUMBER})"))
    except (re.error, OverflowError, RecursionError) as error:
        raise ReaderFault(f"{where}: {error} in {text[:80]!r}") from error


def _known(row: Mapping[str, Any], keys: tuple[str, ...], where: str) -> None:
    if strange := sorted(set(row) - set(keys)):
        raise ReaderFault(f"{where + ': ' if where else ''}unknown key {strange[0]!r}; known are {', '.join(keys)}")


def _get(row: Mapping[str, Any], key: str, default: Any, right: Callable[[Any], bool], what: str) -> Any:
    value = row.get(key, default)
    if not right(value):
        raise ReaderFault(f"{key!r} must be {what}")
    return value


def _text(row: Mapping[str, Any], key: str, default: str | None = "") -> str:
    """A text; None as default: it must be there."""
    return str(_get(row, key, default, lambda value: isinstance(value, str), "a text"))


def _number(row: Mapping[str, Any], key: str, default: int) -> int:
    return int(_get(row, key, default, lambda value: isinstance(value, int), "a whole number"))


def _flag(row: Mapping[str, Any], key: str) -> bool:
    return bool(_get(row, key, False, lambda value: isinstance(value, bool), "true or false"))


def _texts(row: Mapping[str, Any], key: str) -> list[str]:
    def right(value: Any) -> bool:
        return isinstance(value, list) and all(isinstance(item, str) and item for item in value)

    return list(_get(row, key, [], right, "a list of texts"))


def _table(row: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = _get(row, key, {}, lambda value: isinstance(value, dict), "a table")
    return found


def _rows(row: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    def right(value: Any) -> bool:
        return isinstance(value, list) and all(isinstance(item, dict) for item in value)

    return list(_get(row, key, [], right, f"a list of tables: [[{key}]]"))


_PATTERN_KEYS = (
    "name", "tool", "about", "order", "exclusive", "founds", "drop", "rename", "line", "param", "end", "sample", "expect",
)  # fmt: skip
_LINE_KEYS = (
    "signature", "match", "pairs", "values", "prefix", "step", "epoch_base", "opens", "inside", "columns", "whole", "best",
    "boxed",
)  # fmt: skip
