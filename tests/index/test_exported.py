"""Pages of points: put together, they are what `series` tells, whatever their size."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runspect.index import reads
from tests.engine.syncing import Bench, bench, log
from tests.readers.make_tfevents import event, record, simple, summary, version


def _paged(found: Bench, rids: list[int], most: int) -> dict[tuple[int, str], list[tuple[int, float, int]]]:
    after: tuple[int, int] | None = None
    told: dict[tuple[int, str], list[tuple[int, float, int]]] = {}
    for _ in range(10_000):
        with found.store.cursor() as cursor:
            page = reads.points_page(cursor, rids, after, most)
        assert page is not None and len(page.steps) <= max(most, 0)
        rows = zip(page.rids, page.codes, page.steps, page.values, page.segments, strict=True)
        for rid, code, step, value, segment in rows:
            told.setdefault((int(rid), page.metrics[code]), []).append((int(step), float(value), int(segment)))
        after = page.after
        if after is None:
            return told
    raise AssertionError("pages do not end")


@pytest.mark.parametrize("most", [1, 7, 1000])
def test_pages_of_a_resumed_run_and_its_neighbour(tmp_path: Path, most: int) -> None:
    root = tmp_path / "exp"
    log(root / "plain", range(20), acc=0.5)
    resumed = root / "resumed"
    resumed.mkdir()
    for start, steps in ((100.0, range(12)), (200.0, range(5, 15))):
        events = [event(start + step, step, summary(simple("loss", step + start))) for step in steps]
        content = b"".join(map(record, (version(start), *events)))
        (resumed / f"events.out.tfevents.{start:.0f}.here.1.0").write_bytes(content)
    with bench(tmp_path / "index.duckdb") as found:
        found.syncer.sync([str(root)])
        with found.store.cursor() as cursor:
            rids = list(reads.order(cursor, (str(root),)).rids)
            wanted: dict[tuple[int, str], list[Any]] = {}
            for rid in rids:
                run = json.loads(reads.run_json(cursor, (), rid))
                for metric in run["metrics"]:
                    series = reads.series(cursor, (), rid, metric)
                    wanted[rid, metric] = list(zip(series["step"], series["value"], strict=True))
        told = _paged(found, rids, most)
    assert {key: [(step, value) for step, value, _ in points] for key, points in told.items()} == wanted
    assert {segment for (_, metric), points in told.items() if metric == "loss" for *_, segment in points} == {0, 1}


def test_a_place_that_is_no_more_is_told(tmp_path: Path) -> None:
    log(tmp_path / "exp" / "a", range(5))
    with bench(tmp_path / "index.duckdb") as found:
        found.syncer.sync([str(tmp_path / "exp")])
        with found.store.cursor() as cursor:
            (rid,) = reads.order(cursor, ()).rids
            assert reads.points_page(cursor, [rid], (10**9, 0), 10) is None
            (run,) = reads.exported(cursor, (), [rid, rid + 99])
    assert run["metrics"]["loss"]["n"] == 5 and np.isfinite(run["metrics"]["loss"]["last"])
    assert run["ids"] == [run["uid"]] and run["texts"] == 0 and run["consoles"] == []
