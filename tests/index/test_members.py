"""Groups without their cells, and the cells of some of them, over runs with a known answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from runspect.errors import UsageError
from runspect.index import reads
from runspect.model import SortKey
from runspect.practice.grouping import PARENT, SEEDS
from tests.engine.syncing import Bench, bench


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Bench]:
    """Three learning rates of three, two and one seed; a larger one is better, and one loss of the best is NaN."""
    root = tmp_path / "exp"
    for at, lr in enumerate((1e-3, 1e-2, 1e-1)):
        for seed in range(3 - at):
            run = root / f"lr{at}-s{seed}"
            run.mkdir(parents=True)
            (run / "config.json").write_text(json.dumps({"lr": lr, "seed": seed, "opt": "adam" if at else "sgd"}))
            loss = 3.0 - at + seed / 10
            last = float("nan") if (at, seed) == (1, 1) else loss
            rows = [{"step": step, "loss": value} for step, value in enumerate((9.0, loss, last))]
            (run / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with bench(tmp_path / "index.duckdb") as opened:
        opened.syncer.sync((root,))
        opened.until(lambda: len(opened.runs(root)) == 6)
        yield opened


def test_groups_and_their_runs_are_sorted(made: Bench) -> None:
    with made.store.cursor() as cursor:
        found = reads.members(cursor, (), "", (SEEDS,), (SortKey("loss:min", descending=False),))
        by_name = reads.members(cursor, (), "", ("opt",), (SortKey("name", descending=True),))
    assert [(each.title, len(each.rids)) for each in found] == [("lr2-s0", 1), ("lr1", 2), ("lr0", 3)]
    assert [each.keys for each in by_name] == [("adam",), ("sgd",)]
    assert [len(each.rids) for each in by_name] == [3, 3]


def test_groups_are_sorted_by_words_before_means(made: Bench) -> None:
    """Of sgd there is only the smallest learning rate."""
    largest = SortKey("loss:min", descending=True)
    with made.store.cursor() as cursor:
        by = ("opt", "lr")
        up = reads.members(cursor, (), "", by, (SortKey("opt", descending=False), largest))
        down = reads.members(cursor, (), "", by, (SortKey("opt", descending=True), SortKey("lr", descending=True)))
        states = reads.members(cursor, (), "", by, (SortKey("state", descending=False), largest))
        nowhere = reads.members(cursor, (), "", ("opt",), (SortKey("project", descending=False), largest))
    assert [each.keys for each in up] == [("adam", 1e-2), ("adam", 1e-1), ("sgd", 1e-3)]
    assert [each.keys for each in down] == [("sgd", 1e-3), ("adam", 1e-1), ("adam", 1e-2)]
    assert [each.keys for each in states] == [("sgd", 1e-3), ("adam", 1e-2), ("adam", 1e-1)]
    assert [each.keys for each in nowhere] == [("sgd",), ("adam",)]


def test_cells_tell_the_best_run_and_what_is_not_finite(made: Bench) -> None:
    with made.store.cursor() as cursor:
        found = reads.members(cursor, (), "", ("lr",), (SortKey("lr", descending=False),))
        summed = reads.spreads(cursor, (), [each.rids for each in found], ("loss", "lr", "seed"), judge="loss")
        best = [reads.window(cursor, (), (each.best,), ())[0].name for each in summed if each.best is not None]
    assert [each.keys for each in found] == [(1e-3,), (1e-2,), (1e-1,)]
    assert best == ["lr0-s0", "lr1-s0", "lr2-s0"]
    loss, lr, seed = summed[1].cells
    assert (loss.n, loss.nonfinite, loss.mean) == (2, 1, 2.0)
    assert lr.value == 1e-2
    assert seed.distinct == 2
    assert sum(summed[0].states.values()) == 3


def test_a_name_that_nothing_has_is_an_error(made: Bench) -> None:
    with made.store.cursor() as cursor:
        with pytest.raises(UsageError):
            reads.members(cursor, (), "", ("nosuch",))
        with pytest.raises(UsageError):
            reads.members(cursor, (), "", ())
        assert len(reads.members(cursor, (), "", (PARENT,))) == 1
