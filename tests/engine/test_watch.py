"""Events are only marks: what a full queue, a full watch table or a lost event hides is found by the next sweep."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from runspect.engine import watch
from runspect.engine.inotify import Inotify
from runspect.engine.watch import Marks, Watcher
from tests.engine.syncing import DEADLINE_S, Bench, bench, log

QUEUE = Path("/proc/sys/fs/inotify/max_queued_events")
pytestmark = pytest.mark.skipif(not QUEUE.exists(), reason="there is no inotify here")


def test_a_full_queue_is_told(tmp_path: Path) -> None:
    free, overflown, first = threading.Event(), threading.Event(), threading.Event()

    def slow(directory: str, name: str, content: bool) -> None:
        first.set()
        free.wait(DEADLINE_S)

    events = Inotify(slow, overflown.set)
    try:
        assert events.add(str(tmp_path))
        (tmp_path / "first").touch()
        assert first.wait(DEADLINE_S)
        names = [tmp_path / "first", tmp_path / "second"]
        for number in range(int(QUEUE.read_text()) // 2 + 100):  # a rename is two events
            names[number % 2].rename(names[1 - number % 2])
        free.set()
        assert overflown.wait(DEADLINE_S)
    finally:
        free.set()
        events.close()


def test_a_directory_that_moves_keeps_one_watch(tmp_path: Path) -> None:
    seen: list[str] = []
    told = threading.Event()

    def event(directory: str, name: str, content: bool) -> None:
        if name == "file":
            seen.append(directory)
            told.set()

    events = Inotify(event, lambda: None)
    try:
        (tmp_path / "one").mkdir()
        events.add(str(tmp_path / "one"))
        (tmp_path / "one").rename(tmp_path / "two")
        events.add(str(tmp_path / "two"))
        (tmp_path / "two/file").touch()
        assert told.wait(DEADLINE_S)
        assert seen[0] == str(tmp_path / "two")
        assert events.watched == {str(tmp_path / "two")}
    finally:
        events.close()


def test_lost_events_last_no_longer_than_a_sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "SWEEP_S", 0.3)
    monkeypatch.setattr(watch, "SWEEP_SHARE", 1)
    monkeypatch.setattr(watch, "CALM_SHARE", 1)
    monkeypatch.setattr(Watcher, "_mark", lambda *args: None)  # the kernel's queue overflowed: every event is lost
    tree = tmp_path / "tree"
    for number in range(30):
        log(tree / f"r{number}", range(1))
    with bench(tmp_path / "index.duckdb") as live:
        live.syncer.watch([tree])
        live.until(lambda: live.syncer.mode_of(tree) == "inotify" and len(live.runs()) == 30, "armed")
        for number in range(30):
            log(tree / f"r{number}", range(1, 3))
        log(tree / "new/deep", range(3))
        live.until(lambda: live.sql("SELECT count(*) FROM series_now WHERE n = 3") == [(31,)], "all of them")


@pytest.mark.parametrize("polled", [False, True])
def test_what_the_kernel_tells_of_is_swept_more_rarely(tmp_path: Path, polled: bool) -> None:
    watcher = Watcher(threading.Event())
    try:
        watcher.arm({str(tmp_path): [str(tmp_path)]}, [str(tmp_path)] if polled else [])
        calm = watch.SWEEP_SHARE if polled else watch.CALM_SHARE
        for is_told, share in ((True, watch.SWEEP_SHARE), (False, calm), (False, calm), (True, watch.SWEEP_SHARE)):
            if is_told:
                watcher._event(str(tmp_path), "log", content=True)
            watcher.take()
            now = time.monotonic()
            watcher.swept(Marks(checks_all=True), 1.0)
            assert now + share <= watcher._sweep_at <= time.monotonic() + share
    finally:
        watcher.stop()


@pytest.mark.parametrize("link", [Path.symlink_to, Path.hardlink_to])
def test_what_links_lead_to_is_swept_as_often_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, link: Callable[[Path, Path], None]
) -> None:
    monkeypatch.setattr(watch, "SWEEP_S", 0.1)
    monkeypatch.setattr(watch, "SWEEP_SHARE", 1)
    monkeypatch.setattr(watch, "CALM_SHARE", 1_000_000)
    tree, elsewhere = tmp_path / "tree", log(tmp_path / "scratch", range(1))
    (tree / "run").mkdir(parents=True)
    link(tree / "run" / "metrics.jsonl", elsewhere)
    with bench(tmp_path / "index.duckdb") as live:
        live.syncer.watch([tree])
        live.until(lambda: live.syncer.mode_of(tree) == "inotify" and len(live.runs()) == 1, "armed")
        for steps in (2, 3, 4):  # the first sweep is due by itself
            log(tmp_path / "scratch", range(steps - 1, steps))
            live.until(partial(_has_steps, live, steps), f"{steps} steps")


def _has_steps(live: Bench, steps: int) -> bool:
    return live.sql("SELECT n FROM series_now") == [(steps,)]


def test_directories_without_a_watch_are_polled_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add = Inotify.add
    monkeypatch.setattr(Inotify, "add", lambda self, path: len(self.watched) < 4 and add(self, path))  # ENOSPC
    tree = tmp_path / "tree"
    for number in range(10):
        log(tree / f"r{number}", range(1))
    with bench(tmp_path / "index.duckdb") as live:
        live.syncer.watch([tree])
        live.until(lambda: live.syncer.mode_of(tree) == "inotify + polling 2 s (no watches left)", "said")
        for number in range(10):
            log(tree / f"r{number}", range(1, 3))
        live.until(lambda: live.sql("SELECT count(*) FROM series_now WHERE n = 3") == [(10,)], "all of them")
