"""The table of requests, and curves on their way to the screen."""

from __future__ import annotations

import numpy as np

from runspect.engine.answers import TABLE
from runspect.engine.arrow import curves_stream
from runspect.index.reads import CurvePoints
from runspect.protocol import REQUESTS
from runspect.workspace.answers import curves_from


def test_every_request_of_the_protocol_is_answered() -> None:
    assert set(TABLE) == set(REQUESTS) - {"hello", "stop"}


def curve(rid: int, metric: str, values: list[float]) -> CurvePoints:
    steps = np.arange(len(values), dtype=np.int64)
    return CurvePoints(rid, metric, steps.astype(np.float64), np.array(values), steps)


def test_curves_arrive_as_they_were_sent() -> None:
    sent = [
        curve(7, "loss", [1.0, np.nan, 3.0]),
        curve(7, "größe", [2.0]),
        curve(9, "größe", [4.0, 5.0]),
        curve(9, "x", []),
    ]
    received = curves_from(curves_stream(sent))
    assert [(one.rid, one.metric, len(one.x)) for one in received] == [(7, "loss", 3), (7, "größe", 1), (9, "größe", 2)]
    for one, other in zip(sent, received, strict=False):
        np.testing.assert_array_equal(one.x, other.x)
        np.testing.assert_array_equal(one.y, other.y)


def test_no_curves_are_none() -> None:
    assert curves_from(curves_stream([])) == ()
