"""Whether a rebuilt run came to the same as the original: how it ended, and each metric's points and last value."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from runspect.dataclass import dataclass
from runspect.model import Json

_OF_THE_MACHINE = re.compile(
    r"(?:^|[^a-z])(?:time|times|seconds|secs?|ms|elapsed|duration|runtime|walltime|eta|throughput|fps|speed|per_sec(?:ond)?|"
    r"per_s|it_s|tps|memory|mem|vram|gpu|cpu|power|temp|temperature|timestamp|latency|rss|utili[sz]ation)(?:$|[^a-z])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One metric of both runs; None where one of them does not have it."""

    metric: str
    original: Mapping[str, Json] | None
    rebuilt: Mapping[str, Json] | None
    same: bool
    counts: bool
    """Clocks and meters of the machine, and ignored ones, do not."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """All of it."""

    metrics: tuple[Measured, ...]
    ended: tuple[str, str]
    """The state of both."""

    @property
    def differences(self) -> tuple[Measured, ...]:
        """The metrics that count and differ."""
        return tuple(each for each in self.metrics if each.counts and not each.same)

    @property
    def same(self) -> bool:
        """Whether both ended alike, with the same metrics."""
        return not self.differences and self.ended[0] == self.ended[1]

    def as_json(self) -> dict[str, Json]:
        """As `repro --json` has it."""
        return {
            "same": self.same,
            "states": list(self.ended),
            "metrics": [
                {
                    "metric": each.metric, "same": each.same, "counts": each.counts,
                    "original": _shown(each.original), "rebuilt": _shown(each.rebuilt),
                }
                for each in self.metrics
            ],
        }  # fmt: skip


def compare(
    original: Mapping[str, Any], rebuilt: Mapping[str, Any], tolerance: float = 0.0, ignore: Sequence[str] = ()
) -> Comparison:
    """Compare two objects of `show --json`.

    Args:
        tolerance: The largest relative difference of two last values that are the same.
        ignore: Globs of metrics that do not count.
    """
    one, two = original["metrics"], rebuilt["metrics"]
    listed = [
        Measured(
            name, one.get(name), two.get(name), _same(one.get(name), two.get(name), tolerance), _counts(name, ignore)
        )
        for name in sorted({*one, *two})
    ]
    return Comparison(tuple(listed), (original["state"], rebuilt["state"]))


def _counts(metric: str, ignore: Sequence[str]) -> bool:
    if any(fnmatchcase(metric, glob) for glob in ignore):
        return False
    return _OF_THE_MACHINE.search(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", metric)) is None


def _same(one: Mapping[str, Json] | None, two: Mapping[str, Json] | None, tolerance: float) -> bool:
    if one is None or two is None or one["n"] != two["n"]:
        return False
    a, b = one["last"], two["last"]
    if isinstance(a, int | float) and isinstance(b, int | float):
        return a == b or (tolerance > 0 and math.isclose(a, b, rel_tol=tolerance))
    return bool(a == b)


def _shown(series: Mapping[str, Json] | None) -> Json:
    return None if series is None else {"n": series["n"], "last": series["last"]}
