"""What a benchmark finds, and the table of it."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure; `budget` is the most, or with `at_least` the least, that it may be."""

    name: str
    value: float
    unit: str
    budget: float | None = None
    at_least: bool = False
    note: str = ""

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


def spread(name: str, seconds: Sequence[float], budget_ms: float | None = None) -> list[Figure]:
    """p50, p95 and the longest of some waits, in ms; the budget is for p95."""
    return [
        Figure(f"{name}, p50", percentile(seconds, 50) * 1e3, "ms"),
        Figure(f"{name}, p95", percentile(seconds, 95) * 1e3, "ms", budget_ms),
        Figure(f"{name}, longest of {len(seconds)}", max(seconds) * 1e3, "ms"),
    ]


def lines(figures: Iterable[Figure], width: int) -> list[str]:
    """The figures as lines, their names `width` cells wide."""
    return [_line(figure, width) for figure in figures]


def machine() -> str:
    """On what the figures were measured, and how busy it was."""
    model = next((line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "")
    load = " ".join(f"{each:.1f}" for each in os.getloadavg())
    python = ".".join(map(str, sys.version_info[:3]))
    return f"{os.cpu_count()} cores {model}, {platform.system()} {platform.release()}, Python {python}, load {load}"


def _line(figure: Figure, width: int) -> str:
    value = f"{figure.value:,.0f}" if figure.value >= 100 else f"{figure.value:.3g}"
    budget = ""
    if figure.budget is not None:
        budget = f"{'≥' if figure.at_least else '≤'} {figure.budget:,g}{'   MISSED' if figure.missed else ''}"
    return f"{figure.name:<{width}} {value:>9} {figure.unit:<6} {budget:<16} {figure.note}".rstrip()


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123 - a kernel file that other systems lack
            return file.read().splitlines()
    except OSError:
        return []
