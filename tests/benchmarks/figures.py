"""What a benchmark finds, and how it is told."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import numpy as np

WIDTH = 72


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure; `budget` is the most, or with `at_least` the least, that it may be."""

    name: str
    value: float
    unit: str
    budget: float | None = None
    at_least: bool = False
    note: str = ""
    row: int = 0
    """Which row of the table of budgets it belongs to; 0 for none."""
    peer: str = ""
    """What another program took for the same work, in the same process."""

    @property
    def missed(self) -> bool:
        """Whether the figure is beyond its budget."""
        if self.budget is None:
            return False
        return self.value < self.budget if self.at_least else self.value > self.budget


def percentile(values: Sequence[float], percent: float) -> float:
    """The value below which `percent` of the values lie; `values` must not be empty."""
    ordered = sorted(values)
    return ordered[round(percent / 100 * (len(ordered) - 1))]


def spread(
    name: str,
    seconds: Sequence[float],
    budgets_ms: dict[int, float] | None = None,
    row: int = 0,
    note: str = "",
    peer: str = "",
) -> list[Figure]:
    """p50, p95 and p99 of some waits, in ms; `budgets_ms` for some of the three."""
    budgets = budgets_ms or {}
    return [
        Figure(f"{name}, p{at}", percentile(seconds, at) * 1e3, "ms", budgets.get(at), note=note, row=row, peer=peer)
        for at in (50, 95, 99)
    ]


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """The k of the cost = c * size^k that fits best (least squares of the logarithms)."""
    return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0])


def line(figure: Figure) -> str:
    """The figure as a line of a terminal."""
    wanted = budget(figure) + ("   MISSED" if figure.missed else "")
    where = f"{figure.row:>2} " if figure.row else "   "
    said = "; ".join(each for each in (figure.note, figure.peer and f"peer: {figure.peer}") if each)
    return f"{where}{figure.name:<{WIDTH}} {value(figure):>9} {figure.unit:<6} {wanted:<16} {said}".rstrip()


def machine() -> str:
    """On what the figures were measured."""
    model = next((line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "")
    python = ".".join(map(str, sys.version_info[:3]))
    tools = ", ".join(f"{name} {_version(name)}" for name in ("duckdb", "textual", "numpy", "pyarrow"))
    return f"{os.cpu_count()} cores {model}, {platform.system()} {platform.release()}, Python {python}, {tools}"


def load() -> str:
    """How many processes wanted to run, on the average of the last minute."""
    return f"{os.getloadavg()[0]:.1f}"


def value(figure: Figure) -> str:
    """Its value with three digits."""
    return f"{figure.value:,.0f}" if figure.value >= 100 else f"{figure.value:.3g}"


def budget(figure: Figure) -> str:
    """Its budget with the sign that says on which side it is kept; "" without one."""
    return "" if figure.budget is None else f"{'≥' if figure.at_least else '≤'} {figure.budget:,g}"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "?"


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123 - a kernel file that other systems lack
            return file.read().splitlines()
    except OSError:
        return []
