"""N runs side by side: what differs in params, metrics, environment, code and data."""

from __future__ import annotations

import fnmatch
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from runspect.dataclass import dataclass
from runspect.model import Json
from runspect.objective import Direction, direction

Title = Literal["Params", "Metrics", "Environment", "Code", "Data"]

FACT_SECTIONS: tuple[tuple[Title, tuple[str, ...]], ...] = (
    (
        "Environment",
        (
            "host", "user", "python", "os", "cpu", "cpu_count", "memory", "gpu", "gpu_count", "gpu_memory", "gpu_driver", "cuda", "executable",
            "writer", "packages", "packages_sha256", "environment",
        ),
    ),
    ("Code", ("git_commit", "git_branch", "git_dirty", "git_remote", "git_patch", "git_patch_sha256", "program", "command", "args", "cwd")),
    ("Data", ("dataset", "dataset_version", "data", "seed", "seeds")),
)  # fmt: skip
"""Which facts are compared, and under which title."""

_SEED = re.compile(r"(?i:(?:^|[^a-z]|hash)(?:seed|random_?state)s?)$|[a-z]Seed$")
"""Params that tell runs apart and measure nothing."""


@dataclass(frozen=True, slots=True)
class Row:
    """One key over all runs."""

    key: str
    values: tuple[Json, ...]
    """One value a run, None where it has none."""
    present: tuple[bool, ...]
    """Which runs have the key; a value None with True is a null that was recorded."""
    differs: bool
    changes: tuple[str, ...]
    """Against the first run: "×33" for a param, "−3.1 %" for a metric, "" where nothing can be said."""
    better: Direction | None = None
    best: frozenset[int] = frozenset()
    """Indexes of the runs with the best value of a metric."""
    aggregate: str = ""
    """Which value of a metric this is: "min", "max" or "last"."""


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under one title, with what is not shown."""

    title: Title
    rows: tuple[Row, ...]
    same: int = 0
    """Rows left out because all runs agree."""
    ignored: int = 0
    """Rows left out because their key is to be ignored."""
    note: str = ""
    """What must be said of the whole section: "config unknown: baseline"."""


@dataclass(frozen=True, slots=True)
class Diff:
    """The comparison of runs, in the order they were given; the first is what changes are counted from."""

    names: tuple[str, ...]
    sections: tuple[Section, ...]

    @property
    def ignored(self) -> int:
        """How many rows were left out by the ignore keys."""
        return sum(section.ignored for section in self.sections)


def diff_runs(
    runs: Sequence[Mapping[str, Json]],
    differences_only: bool = True,
    ignore: Iterable[str] = (),
    directions: Mapping[str, Direction] | None = None,
) -> Diff:
    """Compare run objects (the JSON of `show`).

    Args:
        ignore: Keys not to show, as globs ("output_dir", "wandb.*").
        directions: Directions of metrics that are not to be guessed.
    """
    patterns = tuple(ignore)
    tables: list[tuple[Title, list[Row], str]] = [
        ("Params", _params(runs), _unknown_config(runs)),
        ("Metrics", _metrics(runs, directions), ""),
    ]
    facts = [_facts(run) for run in runs]
    for title, names in FACT_SECTIONS:
        rows = _rows([{name: told[name] for name in names if name in told} for told in facts], _no_change, names)
        tables.append((title, rows, "" if rows else "not recorded"))
    sections = tuple(_section(title, rows, note, differences_only, patterns) for title, rows, note in tables)
    return Diff(tuple(str(run.get("name") or run.get("uid") or "") for run in runs), sections)


def same(one: Json, other: Json) -> bool:
    """Whether two values mean the same: numbers by value, even as text (0.001 and "1e-3"), lists and maps deeply."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if type(one) is type(other) and one == other:
        return True
    first, second = _number(one), _number(other)
    if first is None or second is None:
        return False
    return first == second or (math.isnan(first) and math.isnan(second))


def _section(title: Title, rows: list[Row], note: str, differences_only: bool, ignore: tuple[str, ...]) -> Section:
    kept = [row for row in rows if not any(fnmatch.fnmatchcase(row.key, pattern) for pattern in ignore)]
    shown = [row for row in kept if row.differs or not differences_only]
    return Section(title, tuple(shown), len(kept) - len(shown), len(rows) - len(kept), note)


def _rows(
    tables: Sequence[Mapping[str, Json]], change: Callable[[Json, Json], str], order: Sequence[str] | None = None
) -> list[Row]:
    """One row a key of any table, by name unless an order is given."""
    keys = {key for table in tables for key in table}
    ordered = sorted(keys) if order is None else [key for key in order if key in keys]
    rows = []
    for key in ordered:
        values = tuple(table.get(key) for table in tables)
        present = tuple(key in table for table in tables)
        differs = not all(present) or not all(same(values[0], value) for value in values[1:])
        changes = tuple(
            "" if index == 0 or not (present[0] and there) else change(values[0], value)
            for index, (value, there) in enumerate(zip(values, present, strict=True))
        )
        rows.append(Row(key, values, present, differs, changes))
    return rows


def _params(runs: Sequence[Mapping[str, Json]]) -> list[Row]:
    """The params; the ratio of two seeds says nothing."""
    rows = _rows([_mapping(run, "params") for run in runs], _ratio)
    return [replace(row, changes=("",) * len(runs)) if _SEED.search(row.key) else row for row in rows]


def _metrics(runs: Sequence[Mapping[str, Json]], directions: Mapping[str, Direction] | None) -> list[Row]:
    tables = [_mapping(run, "metrics") for run in runs]
    rows = []
    for name in sorted({name for table in tables for name in table}):
        better = direction(name, directions)
        aggregate = {"down": "min", "up": "max", None: "last"}[better]
        plain = [{name: table[name].get(aggregate)} if name in table else {} for table in tables]
        (row,) = _rows(plain, _percent)
        best = _best(row, better)
        rows.append(Row(name, row.values, row.present, row.differs, row.changes, better, best, aggregate))
    return rows


def _best(row: Row, better: Direction | None) -> frozenset[int]:
    """The runs with the best value; none when the direction is unknown or all are equal."""
    numbers = [(index, found) for index, value in enumerate(row.values) if (found := _number(value)) is not None]
    finite = [(index, found) for index, found in numbers if math.isfinite(found)]
    if better is None or not row.differs or len(row.values) < 2 or not finite:
        return frozenset()
    wanted = (min if better == "down" else max)(found for _, found in finite)
    return frozenset(index for index, found in finite if found == wanted)


def _unknown_config(runs: Sequence[Mapping[str, Json]]) -> str:
    without = [str(run.get("name") or run.get("uid") or "") for run in runs if not _mapping(run, "params")]
    return f"config unknown: {', '.join(without)}" if without else ""


def _facts(run: Mapping[str, Json]) -> dict[str, Json]:
    told = {
        name: fact.get("value") if isinstance(fact, dict) else fact for name, fact in _mapping(run, "facts").items()
    }
    if run.get("host") and "host" not in told:
        told["host"] = run["host"]
    return told


def _mapping(run: Mapping[str, Json], key: str) -> dict[str, Json]:
    found = run.get(key)
    return found if isinstance(found, dict) else {}


def _ratio(first: Json, value: Json) -> str:
    """ "×33" or "×0.5" between two different numbers of one sign."""
    one, other = _number(first), _number(value)
    if (
        one is None
        or other is None
        or one == other
        or not (math.isfinite(one) and math.isfinite(other))
        or one * other <= 0
    ):
        return ""
    return f"×{_short(other / one)}"


def _percent(first: Json, value: Json) -> str:
    """ "+3.1 %" or "−12 %" of the first value."""
    one, other = _number(first), _number(value)
    if one is None or other is None or one == other or not (math.isfinite(one) and math.isfinite(other)) or one == 0:
        return ""
    share = (other - one) / abs(one) * 100
    return f"{'+' if share > 0 else '−'}{_short(abs(share))} %"


def _no_change(first: Json, value: Json) -> str:
    return ""


def _short(value: float) -> str:
    return f"{value:.0f}" if 99.5 <= abs(value) < 1e6 else f"{value:.2g}"


def _number(value: Json) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None
