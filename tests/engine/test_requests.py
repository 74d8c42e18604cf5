"""The table of requests, and curves on their way to the screen."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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


def test_curves_on_their_way_load_no_pandas(tmp_path: Path) -> None:
    """It takes longer than all else that is done for a first chart, and most trainings have it installed."""
    (tmp_path / "pandas.py").write_text("__version__ = '3.1.1'\n")
    script = (
        "import sys, duckdb, numpy as np, pyarrow as pa\n"
        "from runspect.arrow_numbers import numbers\n"
        "from runspect.engine.arrow import bands_stream, curves_stream, page_stream\n"
        "from runspect.index.reads import BandPoints, CurvePoints, Page\n"
        "from runspect.workspace.answers import bands_from, curves_from, points_from\n"
        "x, n = np.arange(3.0), np.arange(3)\n"
        "assert len(curves_from(curves_stream([CurvePoints(7, 'loss', x, x, n)]))) == 1\n"
        "assert len(bands_from(bands_stream([BandPoints(7, 'loss', x, x, x, n, n)]), range(9))) == 1\n"
        "page = page_stream(Page(n, ('loss',), n, n, n, x, x, None))\n"
        "assert len(points_from({'stamp': 0, 'lost': False, 'after': None, 'metrics': []}, page).arrays['time']) == 3\n"
        "stored = duckdb.sql('SELECT i, nullif(i, 1)::DOUBLE FROM range(3) t(i)')\n"
        "for batch in pa.RecordBatchReader.from_stream(stored):\n"
        "    print(*map(numbers, batch.columns), sorted({'pandas', 'pyarrow.compute'} & set(sys.modules)))"
    )
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    ran = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True
    )
    assert (ran.stdout.strip(), ran.stderr) == ("[0 1 2] [ 0. nan  2.] []", "")
