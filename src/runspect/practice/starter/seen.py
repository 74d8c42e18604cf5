"""What is usual among runs: metrics and params that most have, params that say nothing, and how runs are called. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from runspect.dataclass import dataclass
from runspect.model import Json
from runspect.objective import Direction, direction
from runspect.policy.naming import shape
from runspect.practice.configs import is_place, makes_config
from runspect.recorder.launch.naming import MODEL_KEYS

MOST = 0.8
"""The share of runs that are most of them."""
FEWEST = 3
"""Fewer runs than this tell nothing of what is usual."""
_NAMES = 12
_GLOB = frozenset("*?[")
_ODD_VALUE = re.compile(
    r"[0-9a-f]{7,40}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # commits, digests, UUIDs
    r"|\d{4}[-_/]?\d{2}[-_/]?\d{2}(?:[T _-].*)?|\w{3} \w{3} +\d{1,2} [\d:]{8} \d{4}"  # moments
    r"|[a-z][a-z0-9+.-]*://\S+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class SeenRun:
    """A run as the policy is written from."""

    name: str
    project: str | None
    params: Mapping[str, Json]
    metrics: frozenset[str]
    tags: frozenset[str]


@dataclass(frozen=True, slots=True)
class SeenData:
    """The runs that are compared with each other."""

    dataset: str | None
    """None where they name none."""
    spec: str | None
    """The column by which they are judged; None where nothing could be guessed, or the runs record it."""
    way: Direction | None
    runs: int


def standard_metrics(runs: Sequence[SeenRun]) -> list[str]:
    """What nearly all runs with metrics log, and whose name tells which way it is better; most runs first."""
    measured = [run.metrics for run in runs if run.metrics]
    counts = Counter(metric for metrics in measured for metric in metrics)
    usual = _usual(counts, len(measured))
    return [metric for metric in usual if direction(metric) is not None][:_NAMES]


def required_params(runs: Sequence[SeenRun]) -> list[str]:
    """What nearly all configs tell and makes a config another one; those that vary first."""
    configs = [run.params for run in runs if run.params]
    counts = Counter(param for params in configs for param in params if makes_config(param))
    values: dict[str, set[str]] = {param: set() for param in _usual(counts, len(configs))}
    for params in configs:
        for param in values.keys() & params.keys():
            if not is_place(params[param]):
                values[param].add(repr(params[param]))
    varied = [param for param in values if len(values[param]) > 1]
    return [*varied, *(param for param in values if len(values[param]) == 1)][:_NAMES]


def ignorable(runs: Sequence[SeenRun]) -> list[str]:
    """Params besides the known bookkeeping whose values are commits, digests, moments or addresses, and vary."""
    values: dict[str, list[Json]] = {}
    for run in runs:
        for param, value in run.params.items():
            if makes_config(param) and not _GLOB & set(param):
                values.setdefault(param, []).append(value)
    return sorted(
        param
        for param, told in values.items()
        if len(told) >= FEWEST and len(set(map(repr, told))) > 1 and all(map(_is_odd, told))
    )


def naming_pattern(runs: Sequence[SeenRun]) -> tuple[str, float]:
    """(the pattern that most names follow, the share that do); ("", 0.0) where there is none worth the name."""
    names = [(run.name.rpartition("/")[2], run) for run in runs]
    if len(names) < FEWEST:
        return "", 0.0
    pattern, _ = Counter(_pattern(name, run) for name, run in names).most_common(1)[0]
    if not re.search(r"\{(?:date|model|project)\}", pattern):
        return "", 0.0
    digits = Counter(len(found[1]) for name, _ in names if (found := re.search(r"(\d+)$", name)))
    if "{number}" in pattern and len(digits) == 1 and all(re.search(r"0\d*$", name) for name, _ in names[:1]):
        pattern = pattern.replace("{number}", f"{{number:0{next(iter(digits))}}}")
    fits = sum(re.fullmatch(shape(pattern), name) is not None for name, _ in names) / len(names)
    return pattern, fits


def spellings(names: Iterable[str]) -> list[list[str]]:
    """Names of data sets that differ in case and punctuation alone, together; most alike first."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(re.sub(r"[\W_]+", "", name).casefold(), []).append(name)
    return list(found.values())


def _usual(counts: Mapping[str, int], of: int) -> list[str]:
    if of < FEWEST:
        return []
    listed = sorted(counts.items(), key=lambda item: (-item[1], len(item[0]), item[0]))
    return [name for name, runs in listed if runs >= MOST * of and not _GLOB & set(name)]


def _is_odd(value: Json) -> bool:
    if not isinstance(value, str) or value.isdecimal():
        return False
    # a hexadecimal word of letters alone may be one of a language
    return is_place(value) or (_ODD_VALUE.fullmatch(value) is not None and any(map(str.isdecimal, value)))


def _pattern(name: str, run: SeenRun) -> str:
    """The name with its parts as the fields of a pattern."""
    if "{" in name or "}" in name:
        return ""
    pattern = re.sub(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)", "{date}", name)
    model = next((str(run.params[key]) for key in MODEL_KEYS if isinstance(run.params.get(key), str)), "")
    for field, text in (("model", model.rstrip("/").rpartition("/")[2]), ("project", run.project or "")):
        if len(text) > 1 and text in pattern and f"{{{field}}}" not in pattern:
            pattern = pattern.replace(text, f"{{{field}}}", 1)
    for key in ("seed", "random_state"):
        value = run.params.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            pattern = re.sub(rf"(?<=[-_]s){value}(?=$|[-_])|(?<=seed){value}(?=$|[-_])", "{seed}", pattern, count=1)
    return re.sub(r"(?<=[-_])\d+$", "{number}", pattern)
