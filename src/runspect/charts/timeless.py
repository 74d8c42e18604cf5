"""Which runs a time axis cannot show: their points were recorded without times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Sized
from typing import Any, Protocol

from runspect.counted import counted


class Drawn(Protocol):
    """A curve, as far as it matters here: whose it is and whether it has points."""

    @property
    def rid(self) -> int: ...
    @property
    def metric(self) -> str: ...
    @property
    def x(self) -> Sized: ...


def timeless(runs: Iterable[Mapping[str, Any]], metrics: Sequence[str], curves: Iterable[Drawn]) -> tuple[str, ...]:
    """Names of the runs whose points have no times; "(some metrics)" behind those of which others have.

    Args:
        runs: Objects of `runspect ls --json`, with their `rid`.
        metrics: The metrics that are drawn.
        curves: The curves over a time axis; a metric that has points and no curve here has no times.
    """
    drawn = {(curve.rid, curve.metric) for curve in curves if len(curve.x)}
    found: list[str] = []
    for run in runs:
        recorded = [name for name in metrics if run["metrics"].get(name, {}).get("n")]
        shown = [name for name in recorded if (run["rid"], name) in drawn]
        if len(shown) < len(recorded):
            found.append(f"{run['name']} (some metrics)" if shown else str(run["name"]))
    return tuple(found)


def told(names: Sequence[str]) -> str:
    """What is said of these runs."""
    return f"{counted(len(names)) + (' have' if len(names) > 1 else ' has')} no times: {', '.join(names)}"
