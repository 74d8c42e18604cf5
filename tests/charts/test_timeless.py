"""Runs that a time axis cannot show."""

from __future__ import annotations

from typing import Any

import numpy as np

from runspect.charts.timeless import timeless, told
from runspect.workspace import Curve


def run(rid: int, name: str, **points: int) -> dict[str, Any]:
    return {"rid": rid, "name": name, "metrics": {metric: {"n": n} for metric, n in points.items()}}


def curve(rid: int, metric: str, points: int = 2) -> Curve:
    return Curve(rid, metric, np.arange(points, dtype=np.float64), np.zeros(points))


def test_a_run_is_without_times_when_points_have_no_curve() -> None:
    runs = [
        run(1, "a", loss=5, acc=5),
        run(2, "b", loss=5, acc=5),
        run(3, "c", loss=5),
        run(4, "d", other=5),
        run(5, "e", loss=0),
    ]
    curves = [curve(1, "loss"), curve(1, "acc"), curve(2, "loss"), curve(3, "loss", 0)]
    assert timeless(runs, ("loss", "acc"), curves) == ("b (some metrics)", "c")
    assert timeless(runs[:1], ("loss", "acc"), curves) == ()


def test_what_is_said_of_them() -> None:
    assert told(["a"]) == "1 run has no times: a"
    assert told(["a", "b (some metrics)"]) == "2 runs have no times: a, b (some metrics)"
