"""Live runs do not wait for what is being indexed."""

from __future__ import annotations

from pathlib import Path

from runspect.model import Progress
from tests.engine.syncing import Bench, bench, log

RUNS = 160


def tree(root: Path) -> Path:
    """Runs that take a while to index."""
    for number in range(RUNS):
        log(root / f"run-{number:03}", range(20))
    return root


def points(one: Bench, rid: int) -> int:
    """How many points of a run are stored."""
    return int(str(one.sql(f"SELECT count(*) FROM points_now WHERE rid = {rid}")[0][0]))


def told_before(one: Bench, begun: int, rid: int) -> int:
    """How many other runs were told of after the first news of `rid`."""
    news = [rids for _, rids in one.notified[begun:] if rids]
    first = next(at for at, rids in enumerate(news) if rid in rids)
    return len(frozenset().union(*news[first + 1 :]))


def test_a_live_run_is_followed_while_another_tree_is_indexed(tmp_path: Path) -> None:
    live, cold = tmp_path / "live", tree(tmp_path / "cold")
    log(live / "run", range(3))
    with bench(tmp_path / "index.duckdb") as one:
        one.syncer.watch([live])
        one.syncer.sync([live])
        one.until(lambda: one.syncer.mode_of(live))
        ((rid,),) = one.sql("SELECT rid FROM runs_now")
        begun, seen = len(one.notified), list[str]()

        def progress(news: Progress) -> None:
            if not seen:
                log(live / "run", range(3, 5))
            seen.append(news.phase)

        one.syncer.sync([cold], progress)
        one.until(lambda: points(one, rid) == 5)
        assert told_before(one, begun, rid) > RUNS // 2
        assert len(one.runs(cold)) == RUNS


def test_a_known_run_is_read_on_while_its_own_tree_is_walked_again(tmp_path: Path) -> None:
    root = tree(tmp_path / "runs")
    grown, changed = root / "run-000", root / "run-001"
    with bench(tmp_path / "index.duckdb") as one:
        one.syncer.watch([root])
        one.syncer.sync([root])
        one.until(lambda: one.syncer.mode_of(root))
        ((rid,),) = one.sql("SELECT rid FROM runs_now WHERE path = 'run-000'")
        appended = list[str]()

        def progress(news: Progress) -> None:
            if not appended:
                log(grown, range(20, 30))
                (changed / "metrics.jsonl").unlink()
                log(root / "run-new", range(4))
            appended.append(news.phase)

        one.syncer.sync([root], progress)
        one.until(lambda: points(one, rid) == 30)
        one.until(lambda: {"run-new"} <= {run["path"] for run in one.runs(root)})
        one.until(lambda: [run["state"] for run in one.runs(root) if run["path"] == "run-001"] == ["gone"])
        assert one.sql("SELECT count(*) FROM points_now")[0][0] == (RUNS - 1) * 20 + 30 + 4
