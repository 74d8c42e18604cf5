"""What is kept of runs while they are written to is, after each write, what the index says."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from runspect.index.kept import Kept
from runspect.index.reads.told import PLAIN, Runs
from tests.engine.syncing import Bench, bench, log


def same(running: Bench, runs: Runs, rids: list[int]) -> None:
    """The kept answers are those of the index."""
    with running.store.cursor() as cursor:
        for name in ("heads", "series", "params", "facts", "said"):
            found, stored = (getattr(each, name)(cursor, rids) for each in (runs, PLAIN))
            # as text, in which NaN equals NaN
            assert {rid: repr(found[rid]) for rid in found} == {rid: repr(stored[rid]) for rid in stored}, name


class Counting:
    """A cursor that is not there: whoever asks it asked too much."""

    def execute(self, *_: object) -> None:
        raise AssertionError("the index was asked")


def test_whatever_is_written_the_kept_answers_are_those_of_the_index(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for name in ("live", "other"):
        log(tree / name, range(3))
    with bench(tmp_path / "index.duckdb") as running:
        kept = Kept(running.store.generations).runs
        running.syncer.sync([tree])
        rids = [int(str(rid)) for (rid,) in running.sql("SELECT rid FROM runs_now ORDER BY rid")] + [99]
        same(running, kept, rids)
        changes = (
            lambda: log(tree / "live", range(3, 4)),
            lambda: log(tree / "live", range(4, 9), acc=0.5),
            lambda: log(tree / "live", range(9, 10), acc=float("nan")),
            lambda: log(tree / "other", range(1, 3)),  # goes back: a resumed run
            lambda: (tree / "live" / "config.json").write_text(json.dumps({"lr": 0.1, "name": "[/x]"})),
            lambda: (tree / "other" / "metrics.jsonl").write_text('{"step": 1, "lo\\u0000ss": 1e400}\n{"step": 2}\n'),
            lambda: shutil.rmtree(tree / "other"),
            lambda: log(tree / "other", range(5), name="again.jsonl"),
            lambda: log(tree / "live", range(10, 40), acc=1.0),
        )
        for change in changes:
            change()
            running.syncer.sync([tree])
            same(running, kept, rids)
        for uid in [row[0] for row in running.sql("SELECT uid FROM runs_now")]:
            running.annotate(str(uid), "name", "mine")
            same(running, kept, rids)


def test_a_line_more_costs_who_reads_the_run_no_statement(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    log(tree / "live", range(3))
    with bench(tmp_path / "index.duckdb") as running:
        kept = Kept(running.store.generations).runs
        running.syncer.sync([tree])
        log(tree / "live", range(3, 4))
        running.syncer.sync([tree])
        with running.store.cursor() as cursor:
            kept.heads(cursor, [1]), kept.series(cursor, [1])
        log(tree / "live", range(4, 5))
        running.syncer.sync([tree])
        found = kept.series(Counting(), [1])  # type: ignore[arg-type]
        assert found[1]["loss"].n == 5 and found[1]["loss"].last_step == 4
        assert kept.heads(Counting(), [1])[1].steps == 4  # type: ignore[arg-type]
