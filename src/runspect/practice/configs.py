"""Two configs beside each other: what a value means whatever its spelling, and in which params they differ.

Pure: values in, values out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase

from runspect.columns import Lens
from runspect.columns.datasets import canonical
from runspect.dataclass import dataclass
from runspect.diff import same
from runspect.model import Json
from runspect.practice.grouping import SEED_GLOBS, makes_no_config

Counts = Callable[[str], bool]
"""Whether two configs that differ in this param alone are two configs."""

_WORDS: dict[str, Json] = {"true": True, "false": False, "none": None, "null": None, "~": None, "": None}
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_PLACE = re.compile(r"(?:/|~/|\.{1,2}/|[A-Za-z]:\\)")
_PART = re.compile(r"[./]")
_FLOAT32 = 7
"""Digits that a number keeps in the formats with 32 bits."""


@dataclass(frozen=True, slots=True)
class Change:
    """A param in which two configs differ; None where one has no such param."""

    param: str
    one: Json
    other: Json


def makes_config(param: str, ignore: Sequence[str] = (), *, seeds: bool = False) -> bool:
    """Whether two configs that differ in this param alone are two configs.

    Args:
        ignore: Globs of whole names besides the known bookkeeping.
        seeds: Another seed is another config, whatever is ignored.
    """
    return (seeds and is_seed(param)) or not makes_no_config(param, ignore)


def is_seed(param: str) -> bool:
    """Whether a param only tells apart runs of one config, by its last part."""
    return any(fnmatchcase(_PART.split(param.lower())[-1], glob) for glob in SEED_GLOBS)


def typed(value: Json) -> Json:
    """What a value means where some tools keep texts only: "1e-3" is 0.001, "True" true, "None" nothing.

    Numbers with a fraction are taken to 7 digits: what was logged as a 32 bit number is the same as what was meant.
    """
    if isinstance(value, str):
        return _meant(value.strip())
    if isinstance(value, float):
        return _rounded(value)
    if isinstance(value, list):
        return [typed(each) for each in value]
    if isinstance(value, dict):
        return {key: typed(each) for key, each in value.items()}
    return value


def is_place(value: Json) -> bool:
    """Whether a value says where something lies, not what it is."""
    return isinstance(value, str) and _PLACE.match(value) is not None


def telling(params: Mapping[str, Json], counts: Counts) -> dict[str, Json]:
    """The params that make a config, typed: without bookkeeping, places, and what is null, which is as good as absent."""
    meant = {key: typed(value) for key, value in params.items() if counts(key) and not is_place(value)}
    return {key: value for key, value in meant.items() if value is not None}


def config_of(params: Mapping[str, Json], counts: Counts, lens: Lens) -> dict[str, Json]:
    """As `telling`, spellings of a data set as one."""
    meant = {
        key: canonical(value, lens.datasets) if isinstance(value, str) and key in lens.dataset_keys else value
        for key, value in params.items()
    }
    return telling(meant, counts)


def changes(one: Mapping[str, Json], other: Mapping[str, Json]) -> tuple[Change, ...]:
    """In which params two configs (of `telling`) differ, by name."""
    return tuple(
        Change(key, one.get(key), other.get(key))
        for key in sorted(one.keys() | other.keys())
        if key not in one or key not in other or not same(one[key], other[key])
    )


def _meant(text: str) -> Json:
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _NUMBER.fullmatch(text):
        number = float(text)
        return _rounded(number) if "." in text or "e" in text.lower() else int(text)
    if text[:1] in "[{":
        try:
            return typed(json.loads(text))
        except (ValueError, RecursionError):
            return text
    return text


def _rounded(number: float) -> float:
    return float(f"{number:.{_FLOAT32}g}") if number == number and not number.is_integer() else number
