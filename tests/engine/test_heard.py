"""A known tree is not walked again: a change of just before a sync is seen all the same."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runspect.engine.inotify import Inotify
from runspect.engine.tree import Tree
from runspect.engine.watch import Watcher
from runspect.errors import NotFound
from tests.engine.syncing import Bench, bench, log

RUNS = 12
pytestmark = pytest.mark.skipif(not Path("/proc/sys/fs/inotify").exists(), reason="there is no inotify here")


def tree(place: Path) -> Path:
    """Runs in two levels."""
    for number in range(RUNS):
        log(place / "runs" / f"sweep-{number % 3}" / f"run-{number:02}", range(3))
    return place / "runs"


def heard(one: Bench, root: Path) -> None:
    """Walk a tree and listen to all of it."""
    one.syncer.watch([root])
    one.syncer.sync([root])
    one.until(lambda: one.syncer.mode_of(root) == "inotify", "followed")


def walks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Roots that are walked, or compared with the disk, from now on."""
    found, scan, check = list[str](), Tree.scan, Tree.check

    def scanned(self: Tree, *args: Any, **more: Any) -> Any:
        found.append(self.root)
        return scan(self, *args, **more)

    def checked(self: Tree, *args: Any, **more: Any) -> Any:
        found.append(f"check {self.root}")
        return check(self, *args, **more)

    monkeypatch.setattr(Tree, "scan", scanned)
    monkeypatch.setattr(Tree, "check", checked)
    return found


def shape(one: Bench, root: Path) -> list[Any]:
    """What is there, without what only history tells."""
    live = [run for run in one.runs(root) if run["state"] != "gone"]
    return [(run["path"], run["name"], run["updated"], run["params"], run["metrics"]) for run in live]


def clean(root: Path, place: Path) -> list[Any]:
    """What an index that never saw the tree says."""
    with bench(place) as one:
        one.syncer.sync([root])
        return shape(one, root)


def append(root: Path, order: random.Random) -> None:
    log(order.choice(sorted(root.glob("*/run-*"))), range(3, 3 + order.randrange(1, 5)))


def add(root: Path, order: random.Random) -> None:
    log(root / f"new-{order.random():.5f}" / "deep" / f"run-{order.random():.5f}", range(order.randrange(1, 4)))


def remove(root: Path, order: random.Random) -> None:
    shutil.rmtree(order.choice(sorted(root.glob("*/run-*"))))


def move(root: Path, order: random.Random) -> None:
    run = order.choice(sorted(root.glob("*/run-*")))
    run.rename(run.with_name(f"run-moved-{order.random():.5f}"))


def rewrite(root: Path, order: random.Random) -> None:
    """In place, of the same size, with the times set back."""
    path = order.choice(sorted(root.glob("*/run-*/metrics.jsonl")))
    before = path.stat()
    text = path.read_text()
    with path.open("r+") as file:
        file.write(text.replace('"loss": 1.0', '"loss": 7.0'))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def make_again(root: Path, order: random.Random) -> None:
    """A directory of the name of one that was removed."""
    run = order.choice(sorted(root.glob("*/run-*")))
    shutil.rmtree(run)
    log(run, range(9))


CHANGES: tuple[Callable[[Path, random.Random], None], ...] = (append, add, remove, move, rewrite, make_again)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("listens", [True, False])
def test_whatever_happens_just_before_is_seen_without_a_walk(
    listens: bool, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, order = tree(tmp_path), random.Random(seed)
    with bench(tmp_path / "index.duckdb") as one:
        if listens:
            heard(one, root)
        else:
            one.syncer.sync([root])
        walked = walks(monkeypatch)
        for number in range(5):
            for change in order.sample(CHANGES, order.randrange(1, 4)):
                change(root, order)
            one.syncer.sync([root])
            assert walked == ([] if listens else [f"check {root}"])
            assert shape(one, root) == clean(root, tmp_path / f"clean-{number}.duckdb")
            walked.clear()


def test_files_that_change_elsewhere_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, elsewhere = tree(tmp_path), tmp_path / "elsewhere"
    linked, named = log(elsewhere / "a", range(2)), log(elsewhere / "b", range(2))
    for name, path in (("linked", linked), ("named", named)):
        (root / name).mkdir()
        if name == "linked":
            (root / name / path.name).symlink_to(path)
        else:
            (root / name / path.name).hardlink_to(path)
    (root / "store").mkdir()
    with sqlite3.connect(root / "store/optuna.db") as database:
        database.execute("CREATE TABLE t (x)")
    with bench(tmp_path / "index.duckdb") as one:
        heard(one, root)
        walked = walks(monkeypatch)
        log(linked.parent, range(2, 7))
        log(named.parent, range(2, 8))
        one.syncer.sync([root])
        steps = {run["path"]: run["metrics"]["loss"]["last_step"] for run in one.runs(root)}
        assert (steps["linked"], steps["named"], walked) == (6, 7, [])


def test_lost_events_of_a_full_queue_are_found_by_the_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tree(tmp_path)
    with bench(tmp_path / "index.duckdb") as one:
        heard(one, root)
        walked = walks(monkeypatch)
        mark = Watcher._mark
        monkeypatch.setattr(Watcher, "_mark", lambda self, *_: self._overflow())
        append(root, random.Random(0))
        add(root, random.Random(0))
        one.syncer.sync([root])
        monkeypatch.setattr(Watcher, "_mark", mark)
        assert walked == []
        assert shape(one, root) == clean(root, tmp_path / "clean.duckdb")


def test_another_directory_in_its_place_is_walked(tmp_path: Path) -> None:
    root = tree(tmp_path / "above")
    with bench(tmp_path / "index.duckdb") as one:
        heard(one, root)
        (tmp_path / "above").rename(tmp_path / "old")
        log(root / "other", range(4))
        one.syncer.sync([root])
        assert [path for path, *_ in shape(one, root)] == ["other"]
        shutil.rmtree(root)
        one.syncer.sync([root])
        assert shape(one, root) == []
        with pytest.raises(NotFound):
            one.syncer.sync([root.parent / "never"])


def test_a_tree_of_which_a_part_is_not_heard_is_walked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, add_watch = tree(tmp_path), Inotify.add
    monkeypatch.setattr(Inotify, "add", lambda self, path: len(self.watched) < 4 and add_watch(self, path))  # ENOSPC
    with bench(tmp_path / "index.duckdb") as one:
        one.syncer.watch([root])
        one.syncer.sync([root])
        one.until(lambda: "inotify + polling" in one.syncer.mode_of(root))
        walked = walks(monkeypatch)
        append(root, random.Random(1))
        one.syncer.sync([root])
        assert walked == [f"check {root}"]
        assert shape(one, root) == clean(root, tmp_path / "clean.duckdb")


def test_a_cancelled_look_is_made_up_for(tmp_path: Path) -> None:
    root = tree(tmp_path)
    with bench(tmp_path / "index.duckdb") as one:
        heard(one, root)
        cancel = threading.Event()
        cancel.set()
        append(root, random.Random(2))
        one.syncer.sync([root], cancel=cancel)
        one.syncer.sync([root])
        assert shape(one, root) == clean(root, tmp_path / "clean.duckdb")
