"""What one generated run holds: its name, its params and every value of its metrics, the same in each format and each time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[np.int64]

METRICS = ("loss", "acc", "val/loss", "val/acc", "lr", "grad_norm", "tokens", "memory")
BEGUN = 1_780_000_000
"""When run 0 began, in seconds since 1970; the others follow."""
APART_S = 10
MILLION = 1_000_000
_NOISE = 200_000
_MIX = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
"""Multipliers of the splitmix64 generator (Steele, Lea and Flood 2014)."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """One run. Values are whole millionths, so that text holds them exactly in a fixed width."""

    number: int
    metrics: int = 5
    steps: int = 200
    params: int = 6
    begun: int = 0
    """Seconds since 1970; 0 for the moment that belongs to the number."""

    counting: bool = False
    """Whether the first metric is 1.000 + step / 1000, so that a screen tells which step it shows."""

    @property
    def name(self) -> str:
        """What the run is called."""
        return f"run-{self.number:05}"

    @property
    def names(self) -> tuple[str, ...]:
        """What its metrics are called."""
        return METRICS[: self.metrics] + tuple(f"metric_{at:04}" for at in range(len(METRICS), self.metrics))

    @property
    def start(self) -> int:
        """When it began; its step n was written n seconds later."""
        return self.begun or BEGUN + APART_S * self.number

    def micro(self, first: int, count: int) -> Whole:
        """Values in millionths, shape (count, metrics), of the steps from `first` on: falling curves with noise, 0 to 9."""
        steps = np.arange(first, first + count, dtype=np.int64)[:, None]
        level = 1 + (np.arange(self.metrics, dtype=np.int64) + self.number) % 7
        made = level * MILLION * 100 // (100 + steps) + _noise(self.number, steps, self.metrics)
        if self.counting:
            made[:, 0] = MILLION + steps[:, 0] * 1_000
        return np.asarray(made, dtype=np.int64)

    def last(self, metric: int = 0) -> float:
        """The last value of a metric."""
        return float(self.micro(self.steps - 1, 1)[0, metric]) / MILLION

    def config(self) -> dict[str, int | float | str]:
        """Params: four that vary, then options that do not."""
        varied: dict[str, int | float | str] = {
            "lr": 0.1 / (1 + self.number % 40),
            "batch": 32 << (self.number % 4),
            "seed": self.number,
            "optimizer": ("adamw", "sgd", "lion")[self.number % 3],
        }
        options: dict[str, int | float | str] = {f"model.option_{at}": at for at in range(max(0, self.params - 4))}
        return dict(list(varied.items())[: self.params]) | options


def _noise(number: int, steps: Whole, metrics: int) -> Whole:
    """Below 0.2, from the three numbers alone, so that a curve may be written in pieces of any size."""
    mixed: npt.NDArray[np.uint64]
    with np.errstate(over="ignore"):
        mixed = steps.astype(np.uint64) * np.uint64(_MIX[0]) + np.uint64(number * 65_537)
        mixed = np.asarray((mixed + np.arange(metrics, dtype=np.uint64)) * np.uint64(_MIX[1]), dtype=np.uint64)
        mixed = np.bitwise_xor(mixed, mixed >> np.uint64(27)).astype(np.uint64) * np.uint64(_MIX[2])
    return np.asarray((mixed >> np.uint64(33)) % np.uint64(_NOISE), dtype=np.int64)
