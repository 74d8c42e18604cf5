"""A history in one JSON value: lists of a metric's values, a list of rows, or the last values alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from runspect.errors import ReaderFault
from runspect.model import Claim, Json
from runspect.readers import json_plain, jsonl, number_lists
from runspect.readers.claims import among_data, extension, named_like_a_log, stem_of, weak, words
from runspect.readers.configs import is_config_name
from runspect.readers.conflicts import first_side
from runspect.readers.contract import HEAD_BYTES, Batch, Cursor, Entry, Mode, Points
from runspect.readers.flatten import flatten
from runspect.readers.jsonl import fold_objects
from runspect.readers.lines import text_of
from runspect.readers.numbers import number
from runspect.readers.objects import CONFIG_KEYS
from runspect.readers.series import Carry, Group, fold
from runspect.readers.steps import is_step, metric_like
from runspect.readers.wandb_paths import wandb_place
from runspect.readers.whole import read_whole

LARGEST = 256 << 20
WRAPPERS = ("metrics", "history", "log_history", "logs", "results", "epochs", "data")
"""Keys under which a file may keep its history."""
_DEEPEST = 4
_LIST = re.compile(r'"[^"]{1,80}"\s*:\s*\[\s*(?:-?\d|NaN|-?Infinity|null)')
_SINGLE = re.compile(r'"[^"]{1,80}"\s*:\s*(?:"[^"]*"|-?\d[^,\n}]*|true|false|null|NaN)')
_ROWS = re.compile(r'\[\s*\{\s*"')
_WRAPPED = re.compile(
    r'"(?:metrics|history|log_history|logs|epochs)"\s*:\s*(?:\{\s*"[^"]{1,80}"\s*:\s*\[\s*-?[\dNI]|\[\s*\{\s*"[^"]{1,80}"\s*:\s*-?[\dNI])'
)
"""A history under a key of its own, whatever stands beside it."""
_NUMBERED = re.compile(r"(?:(?:epoch|step|iter|iteration|round)[ _-]?)?(\d{1,9})", re.IGNORECASE)
_BEGINS_NUMBERED = re.compile(rf'\{{\s*"{_NUMBERED.pattern}"\s*:\s*\{{\s*"[^"]{{1,80}}"\s*:', re.IGNORECASE)
"""`{"epoch_1": {"loss": 0.5, …}, "epoch_2": …}`"""
_SUMMARY_WORDS = words("results result metrics metric scores score")
_NAMES = words("history train_history training_history evals_result log_history all_scalars loss losses")
_NOT_HERE = words(
    "config package composer tsconfig trainer_state wandb-summary dataset_info manifest index vocab tokenizer"
    " catboost_training"
)
_OUTCOMES = words("metrics results result scores score")
"""Stems of files of last values that may be all that a run left."""
_PARTS = words("train training val valid validation eval evaluation test dev final best")
_SACRED = {"steps", "timestamps", "values"}


class JsonHistoryReader:
    """Written anew each time, so read whole each time."""

    name = "json-history"
    mode: Mode = "replace"
    precision = 3
    names = ("*.json", "*.jsonl")

    def claim(self, entry: Entry) -> Claim | None:
        """A log-like name with lists of numbers or rows in its head; last values only by the very name."""
        ending = extension(entry.name)
        if ending not in ("json", "jsonl") or stem_of(entry.name) in _NOT_HERE:
            return None
        if among_data(entry.path) or wandb_place(entry):
            return None
        text = text_of(first_side(entry.head())).lstrip()
        known = named_like_a_log(entry.name) or stem_of(entry.name) in _NAMES
        if '"training_stats_' in text:
            return None  # ClearML's events have a shape of their own
        if not known or text[:1] not in ("{", "[") or _is_lines(text) or jsonl.READER.claim(entry):
            return None
        if ending == "json" and (_WRAPPED.search(text) or _holds_numbered(text)):
            return weak(entry, self.name, "json")
        if ending == "json" and _holds_last_values(entry, text):
            hints = (("outcome", "yes"),) if _is_outcome(entry, text) else ()
            return weak(entry, self.name, "json", kind="status", hints=hints)
        if _holds_lists(text) or _holds_rows(text):
            return weak(entry, self.name, "json")
        return None

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch of all series."""
        return read_whole(path, cursor, self.name, _parse, LARGEST)


def _holds_lists(text: str) -> bool:
    """Lists of numbers called like metrics, not behind a summary's single values."""
    keys = [match[0].split('"')[1] for match in _LIST.finditer(text)]
    if not text.startswith("{") or _is_summary(text):
        return False
    return any(metric_like(key) or is_step(key) for key in keys)


def _holds_numbered(text: str) -> bool:
    keys = re.findall(r'"([^"]{1,80})"\s*:\s*-?[\dNI]', text)
    return bool(_BEGINS_NUMBERED.match(text)) and any(metric_like(key) for key in keys)


def _is_lines(text: str) -> bool:
    """Whether the next line begins a value of its own: lines of JSON, which another reader takes."""
    first, _, rest = text.partition("\n")
    return len(first.strip()) > 1 and rest[:1] == text[:1]


def _is_summary(text: str) -> bool:
    """Whether the mapping begins with several single values: the state or the outcome of something, no history."""
    return len(_SINGLE.findall(text.partition("[")[0])) >= 3


def _holds_rows(text: str) -> bool:
    match = _ROWS.search(text[:200])
    keys = re.findall(r'"([^"]{1,80})"\s*:\s*-?[\dNI]', text)
    return bool(match) and any(is_step(key) for key in keys) and any(metric_like(key) for key in keys)


def _holds_last_values(entry: Entry, text: str) -> bool:
    """Single values called like metrics, at the top, in a file that is called results, metrics or scores."""
    named = set(re.split(r"[^a-z]+", stem_of(entry.name)))
    keys = re.findall(r'"([^"]{1,80})"\s*:\s*"?-?[\dNIn]', text.partition("[")[0])
    return text.startswith("{") and bool(named & _SUMMARY_WORDS) and any(metric_like(key) for key in keys)


def _is_outcome(entry: Entry, text: str) -> bool:
    """Whether last values are worth a run: a config lies beside them, or they are mostly metrics, with words perhaps."""
    if stem_of(entry.name) not in _OUTCOMES or entry.size > HEAD_BYTES:
        return False
    try:
        value = json_plain.load(text)
    except ReaderFault:
        return False
    if not isinstance(value, dict):
        return False
    told = {key: inner for key, inner in value.items() if key.lower() not in CONFIG_KEYS}
    numbers = [key for key, inner in flatten(told, "/").items() if _is_number(inner)]
    if not any(metric_like(key) for key in numbers):
        return False
    if any(is_config_name(name) for name in entry.siblings):
        return True
    metrics = [key for key in numbers if metric_like(key) or is_step(key)]
    plain = all(not isinstance(inner, (list, dict)) or _is_part(key, inner) for key, inner in told.items())
    return plain and 2 * len(metrics) > len(numbers)


def _is_part(key: str, value: object) -> bool:
    """Whether a mapping is what was measured on a part of the data: `{"val": {"loss": 0.5}}`."""
    return key.lower() in _PARTS and isinstance(value, dict) and all(map(_is_number, value.values()))


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _parse(path: Path, text: str) -> Batch:
    if path.suffix == ".jsonl" and not text.lstrip().startswith("["):
        return Batch(Cursor())
    value = json_plain.load(text)
    if isinstance(value, dict) and (wrapped := _wrapped(value, path)):
        return wrapped
    named = set(re.split(r"[^a-z]+", stem_of(path.name)))
    params: dict[str, Json] = {}
    if isinstance(value, dict):
        settings = {
            key: inner for key, inner in value.items() if key.lower() in CONFIG_KEYS and isinstance(inner, dict)
        }
        params = {name: each for inner in settings.values() for name, each in flatten(inner).items()}
        value = {key: inner for key, inner in value.items() if key not in settings}
    told = _NOTHING
    if isinstance(value, dict) and (named & _SUMMARY_WORDS or _is_summary(text)):
        told = _outcome(value)
    if not told.points:
        told = series_of(value)
    problems = number_lists.problems(told.left, path, READER.name)
    return Batch(Cursor(), points=told.points, params=params if told.points else {}, problems=problems)


class Told(NamedTuple):
    """Series, and keys of which lists are left out."""

    points: dict[str, Points]
    left: number_lists.Left


_NOTHING = Told({}, set())


def _wrapped(value: dict[str, Any], path: Path) -> Batch | None:
    """A history under a key of its own, with the configuration and the last values beside it."""
    key = next((key for key in WRAPPERS if isinstance(value.get(key), (dict, list))), None)
    if key is None or _lists(value).points.keys() - _lists({key: value[key]}).points.keys():
        return None  # lists beside it: they are told with their whole names
    inner = value[key]
    history = _lists(inner) if isinstance(inner, dict) else _rows(inner)
    if not any(len(points.steps) > 1 for points in history.points.values()):
        return None
    alone = {name: each for name, each in value.items() if number(each) is not None and not is_step(name)}
    settings = [value[name] for name in CONFIG_KEYS if isinstance(value.get(name), dict)]
    params = {name: each for found in settings for name, each in flatten(found).items()}
    last = _last_values(alone)
    problems = number_lists.problems(history.left | last.left, path, READER.name)
    return Batch(Cursor(), points=last.points | history.points, params=params, problems=problems)


def _numbered_rows(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of a mapping whose keys number them, [] where they do not."""
    numbers = [_NUMBERED.fullmatch(key) for key in value]
    if not value or not all(numbers) or not all(isinstance(row, dict) for row in value.values()):
        return []
    return [{"step": int(found[1]), **row} for found, row in zip(numbers, value.values(), strict=True) if found]


def series_of(value: Any, depth: int = 0) -> Told:
    """The series in a JSON value; nothing where there are none."""
    if isinstance(value, list):
        return _rows(value)
    if not isinstance(value, dict) or depth > _DEEPEST:
        return _NOTHING
    if rows := _numbered_rows(value):
        return _rows(rows)
    lists = _lists(value)
    if lists.points:
        return lists
    for key in WRAPPERS:
        if isinstance(value.get(key), (list, dict)) and (found := series_of(value[key], depth + 1)).points:
            return found
    return _last_values(value)


def _outcome(value: dict[str, Any]) -> Told:
    """Last values, where the top level has some."""
    top = {key: inner for key, inner in value.items() if number(inner) is not None}
    return _last_values(value) if any(metric_like(key) for key in top) else _NOTHING


def _rows(rows: list[Any]) -> Told:
    objects = [row for row in rows if isinstance(row, dict)]
    if not objects:
        return _NOTHING
    told = fold_objects(objects, Carry())
    return Told(told.points, told.left)


def _lists(value: Mapping[str, Any]) -> Told:
    """Lists of numbers at any level, each level's lists of one length together; names joined by slashes."""
    found: dict[str, Points] = {}
    left: number_lists.Left = set()
    for prefix, level, axis in _levels(value, "", None, 0):
        found.update(_level(prefix, level, axis))
        lists = {prefix + str(key): cells for key, cells in level.items() if isinstance(cells, list)}
        left |= {(key, number_lists.NESTED) for key, cells in lists.items() if key not in found and _is_nested(cells)}
    return Told(found, left)


def _levels(
    value: Mapping[str, Any], prefix: str, axis: tuple[str, list[Any]] | None, depth: int
) -> Iterator[tuple[str, Mapping[str, Any], tuple[str, list[Any]] | None]]:
    """(prefix, mapping, the name and cells of the nearest list of steps above) of each level."""
    yield prefix, value, axis
    if depth >= _DEEPEST:
        return
    own = next(((key, cells) for key, cells in _series(value).items() if is_step(key)), axis)
    for key, inner in value.items():
        if isinstance(inner, list) and len(inner) in map(len, _series(value).values()):
            inner = _columns(inner)
        if isinstance(inner, dict):
            yield from _levels(inner, f"{prefix}{key}/", own, depth + 1)


def _columns(rows: list[Any]) -> dict[str, list[Any]] | None:
    """Rows that stand beside lists of numbers of the same length, as such lists."""
    if not all(isinstance(row, dict) for row in rows):
        return None
    return {str(name): [row.get(name) for row in rows] for name in rows[0]}


def _series(level: Mapping[str, Any]) -> dict[str, list[Any]]:
    return {str(key): cells for key, cells in level.items() if isinstance(cells, list) and _is_series(cells)}


def _level(prefix: str, level: Mapping[str, Any], axis: tuple[str, list[Any]] | None) -> dict[str, Points]:
    if set(level) == _SACRED:
        return _stepped(prefix.rstrip("/"), level)
    lists = _series(level)
    if axis is not None and not any(is_step(key) for key in lists):
        name, cells = axis
        lists |= {name: cells} if any(len(each) == len(cells) for each in lists.values()) else {}
    steps = next((key for key in lists if is_step(key)), None)
    found: dict[str, Points] = {}
    for count in sorted({len(cells) for cells in lists.values()}):
        same = {key: cells for key, cells in lists.items() if len(cells) == count}
        if steps is not None and steps not in same:
            steps_here: dict[str, Sequence[object]] = {}
        else:
            steps_here = {steps: same[steps]} if steps else {}
        columns = {**steps_here, **{prefix + key: cells for key, cells in same.items() if key != steps}}
        points, _ = fold([Group(tuple(columns), list(columns.values()), np.arange(count))], count, Carry())
        found.update(points)
    return found


def _stepped(name: str, level: Mapping[str, Any]) -> dict[str, Points]:
    """Sacred's metrics.json: parallel lists of steps, times and values."""
    lists = [level["steps"], level["timestamps"], level["values"]]
    if not all(isinstance(cells, list) for cells in lists) or len({len(cells) for cells in lists}) != 1 or not lists[0]:
        return {}
    keys = ("step", "timestamp", name)
    points, _ = fold([Group(keys, lists, np.arange(len(lists[0])))], len(lists[0]), Carry())
    return points


def _is_nested(cells: list[Any]) -> bool:
    """Whether numbers stand in lists within a list: a matrix, or lists of an epoch's values."""
    return any(isinstance(cell, list) and any(number(each) is not None for each in cell[:50]) for cell in cells[:50])


def _is_series(cells: list[Any]) -> bool:
    """Numbers with perhaps a null between them; a single number is no list of a metric's values."""
    return len(cells) > 0 and all(cell is None or number(cell) is not None for cell in cells[:50])


def _last_values(value: Mapping[str, Any]) -> Told:
    """One point a metric, at the step that the mapping names, else at 0."""
    flat = flatten(value, "/")
    scalars = {key: inner for key, inner in flat.items() if number(inner) is not None}
    if not any(metric_like(key) for key in scalars):
        return _NOTHING
    told = fold_objects([{key: inner for key, inner in flat.items() if key in scalars or type(inner) is list}], Carry())
    return Told(told.points, told.left)


READER = JsonHistoryReader()
