"""The index follows the disk: first look, growth, replacement, vanishing, coming back."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from runspect.errors import NotFound
from runspect.readers import reader_named
from runspect.readers.contract import Batch, Cursor, Entry, Reader
from tests.engine.syncing import Bench, bench, log


def test_a_tree_is_indexed_and_an_unchanged_one_opens_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        log(tmp_path / f"tree/run{number}", range(10))
    with bench(tmp_path / "index.duckdb") as first:
        first.syncer.sync([tmp_path / "tree"])
        assert [run["metrics"]["loss"]["n"] for run in first.runs()] == [10] * 5
        uids = [run["uid"] for run in first.runs()]
    opened: list[str] = []

    def head(entry: Entry) -> bytes:
        opened.append(entry.path)
        return b""

    def read(reader: Reader, path: Path, cursor: Cursor) -> Iterator[Batch]:
        opened.append(str(path))
        return iter(())

    monkeypatch.setattr(type(reader_named("jsonl")), "read", read)
    monkeypatch.setattr(Entry, "head", head)
    with bench(tmp_path / "index.duckdb") as again:
        again.syncer.sync([tmp_path / "tree"])
        assert [run["uid"] for run in again.runs()] == uids
    assert opened == []


def test_a_run_whose_files_became_part_of_another_is_not_gone(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    log(tree / "job/logs", range(5))
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([tree])
        (uid,) = (run["uid"] for run in made.runs())
        (tree / "job/.hydra").mkdir()
        (tree / "job/.hydra/config.yaml").write_text("lr: 1\n")
        (tree / "job/.hydra/overrides.yaml").write_text("- lr=1\n")
        (tree / "job/.hydra/hydra.yaml").write_text("hydra: {job: {name: job}}\n")
        made.syncer.sync([tree])
        assert [(run["path"], run["metrics"]["loss"]["n"]) for run in made.runs()] == [("job", 5)]
        assert made.sql(f"SELECT count(DISTINCT rid) FROM ids WHERE uid = '{uid}'") == [(1,)]


def test_growth_is_followed_and_equals_a_clean_index(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    log(tree / "a", range(3))
    with bench(tmp_path / "index.duckdb") as live:
        live.syncer.sync([tree])
        live.syncer.watch([tree])
        live.until(lambda: live.syncer.mode_of(tree) == "inotify", "armed")
        for step in range(3, 30):
            log(tree / "a", range(step, step + 1))
            if step % 9 == 0:
                log(tree / f"new{step}/deep", range(2))
        live.until(
            lambda: live.sql("SELECT n FROM series_now JOIN runs_now USING (rid) WHERE path = 'a'") == [(30,)], "30"
        )
        live.until(lambda: len(live.runs()) == 4, "new runs")
        live.until(lambda: all(run["metrics"] for run in live.runs()), "their metrics")
        followed = [(run["path"], run["uid"], run["metrics"]) for run in live.runs()]
    with bench(tmp_path / "clean.duckdb") as clean:
        clean.syncer.sync([tree])
        assert [(run["path"], run["uid"], run["metrics"]) for run in clean.runs()] == followed


def test_a_run_whose_files_vanish_stays_and_comes_back(tmp_path: Path) -> None:
    tree, away = tmp_path / "tree", tmp_path / "away"
    log(tree / "a", range(5))
    (tree / "a/config.yaml").write_text("lr: 0.1\n")
    log(tree / "b", range(5))
    now_s = time.time()
    with bench(tmp_path / "index.duckdb", lambda: now_s) as live:
        live.syncer.sync([tree])
        before = {run["path"]: run for run in live.runs()}
        shutil.move(tree / "a", away)
        live.syncer.sync([tree])
        now = {run["path"]: run for run in live.runs()}
        assert now["a"]["state"] == "gone"
        assert (now["a"]["params"], now["a"]["metrics"]) == (before["a"]["params"], before["a"]["metrics"])
        shutil.move(away, tree / "a")
        live.syncer.sync([tree])
        back = {run["path"]: run for run in live.runs()}
        assert back["a"]["state"] != "gone"
        assert back == {**before, "a": {**before["a"], "updated": back["a"]["updated"]}}
        shutil.rmtree(tree)
        live.syncer.sync([tree])
        assert {run["state"] for run in live.runs()} == {"gone"}


def test_roots_that_hold_each_other_are_one_watch(tmp_path: Path) -> None:
    log(tmp_path / "exp/a/one", range(4))
    log(tmp_path / "exp/b", range(4))
    with bench(tmp_path / "index.duckdb") as live:
        live.syncer.sync([tmp_path / "exp/a"])
        inner = live.sql("SELECT rid, uid FROM runs_now")
        live.syncer.sync([tmp_path / "exp"])
        assert live.sql("SELECT watch FROM watches_now") == [(str(tmp_path / "exp"),)]
        assert live.sql("SELECT rid, uid FROM runs_now WHERE path = 'a/one'") == inner
        live.syncer.sync([tmp_path / "exp/a"])
        assert [(run["root"], run["path"]) for run in live.runs(tmp_path / "exp/a")] == [
            (str(tmp_path / "exp/a"), "one")
        ]
        assert len(live.runs()) == 2
        assert live.sql("SELECT count(*) FROM points_now") == [(8,)]


def test_a_replaced_file_is_read_anew(tmp_path: Path) -> None:
    path = log(tmp_path / "tree/a", range(50))
    with bench(tmp_path / "index.duckdb") as live:
        live.syncer.sync([tmp_path / "tree"])
        path.unlink()
        log(tmp_path / "tree/a", range(100, 105))
        live.syncer.sync([tmp_path / "tree"])
        assert [(m["n"], m["first_step"]) for run in live.runs() for m in run["metrics"].values()] == [(5, 100)]


def test_a_line_that_is_written_in_two_pieces_is_read_once(tmp_path: Path) -> None:
    path = log(tmp_path / "tree/a", range(3))
    with bench(tmp_path / "index.duckdb") as live:
        for piece in ('{"step": 3, "lo', 'ss": 7.5}\n'):
            with path.open("a") as file:
                file.write(piece)
            live.syncer.sync([tmp_path / "tree"])
        assert [(m["n"], m["last"]) for run in live.runs() for m in run["metrics"].values()] == [(4, 7.5)]
        assert live.sql("SELECT * FROM problems_now") == []


def test_a_run_grows_quiet_as_time_passes(tmp_path: Path) -> None:
    now = [time.time()]
    log(tmp_path / "tree/a", range(3))
    with bench(tmp_path / "index.duckdb", lambda: now[0]) as live:
        live.syncer.sync([tmp_path / "tree"])
        assert [run["state"] for run in live.runs()] == ["running"]
        now[0] += 86400
        live.until(lambda: [run["state"] for run in live.runs()] == ["unknown"], "unknown")


def test_who_asks_gets_the_state_of_now(tmp_path: Path) -> None:
    now = [time.time()]
    log(tmp_path / "tree/a", range(3))
    with bench(tmp_path / "index.duckdb", lambda: now[0]) as live:
        live.syncer.sync([tmp_path / "tree"])
        (before,) = live.runs()
        assert before["state"] == "running" and " ago" not in before["reason"]
    now[0] += 240
    log(tmp_path / "tree/b", range(3))
    os.utime(tmp_path / "tree/b/metrics.jsonl", (now[0], now[0]))
    now[0] += 100
    # a fresh engine, which never judged before
    with bench(tmp_path / "index.duckdb", lambda: now[0]) as live:
        live.syncer.sync([tmp_path / "tree"])
        assert [run["state"] for run in live.runs()] == ["unknown", "running"]


def test_a_run_with_nothing_but_a_config_never_got_to_log(tmp_path: Path) -> None:
    now = [time.time()]
    for place in ("job/.hydra/config.yaml", "job/.hydra/overrides.yaml"):
        (tmp_path / "tree" / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tree" / place).write_text("lr: 1\n" if "config" in place else "[]\n")
    with bench(tmp_path / "index.duckdb", lambda: now[0]) as live:
        live.syncer.sync([tmp_path / "tree"])
        assert [run["state"] for run in live.runs()] == ["running"]
        now[0] += 7200
        live.syncer.sync([tmp_path / "tree"])
        (run,) = live.runs()
        assert run["state"] == "unknown" and run["reason"].startswith("nothing was logged, silent since 20")
        log(tmp_path / "tree/job", range(3))
        live.syncer.sync([tmp_path / "tree"])
        (run,) = live.runs()
        assert not run["reason"].startswith("nothing")


def test_polling_finds_what_inotify_would(tmp_path: Path) -> None:
    log(tmp_path / "tree/a", range(3))
    with bench(tmp_path / "index.duckdb") as live:
        live.syncer.watch([tmp_path / "tree"], polled=[tmp_path / "tree"])
        live.until(lambda: live.syncer.mode_of(tmp_path / "tree") == "polling 2 s", "armed")
        log(tmp_path / "tree/a", range(3, 6))
        log(tmp_path / "tree/b", range(2))
        live.until(lambda: live.sql("SELECT n FROM series_now ORDER BY n") == [(2,), (6,)], "both")


def rewritten(file: Path, old: bytes, new: bytes) -> None:
    """Write in place, so that neither size nor modification time tells."""
    before = file.stat()
    file.write_bytes(file.read_bytes().replace(old, new))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = file.stat()
    assert (after.st_size, after.st_mtime_ns, after.st_ino) == (before.st_size, before.st_mtime_ns, before.st_ino)


@pytest.mark.parametrize("followed", [True, False])
def test_a_file_that_was_rewritten_under_its_old_times_is_read_anew(tmp_path: Path, followed: bool) -> None:
    file = log(tmp_path / "tree/a", range(3))
    config = tmp_path / "tree/a/config.json"
    config.write_text('{"lr": 1}')

    def told(live: Bench) -> list[object]:
        return [(run["metrics"]["loss"]["first"], run["params"]["lr"]) for run in live.runs()]

    with bench(tmp_path / "index.duckdb") as live:
        live.syncer.sync([tmp_path / "tree"])
        if followed:
            live.syncer.watch([tmp_path / "tree"])
            live.until(lambda: live.syncer.mode_of(tmp_path / "tree") == "inotify", "armed")
        assert told(live) == [(1.0, 1)]
        if followed:
            rewritten(file, b"1.0", b"7.0")
            rewritten(config, b"1", b"2")
            live.until(lambda: told(live) == [(7.0, 2)], "both")
    rewritten(file, b"7.0" if followed else b"1.0", b"8.0")
    rewritten(config, b"2" if followed else b"1", b"3")
    with bench(tmp_path / "index.duckdb") as live:
        live.syncer.sync([tmp_path / "tree"])
        assert told(live) == [(8.0, 3)]


def test_other_rights_alone_are_no_other_file(tmp_path: Path) -> None:
    file = log(tmp_path / "tree/a", range(3))
    with bench(tmp_path / "index.duckdb") as live:
        live.syncer.sync([tmp_path / "tree"])
        before = live.sql("SELECT count(*), max(segment) FROM points")
        file.chmod(0o600)
        live.syncer.sync([tmp_path / "tree"])
        assert live.sql("SELECT count(*), max(segment) FROM points") == before
        assert live.sql("SELECT ctime FROM sources_now") == [(file.stat().st_ctime_ns,)]


def test_a_directory_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with bench(tmp_path / "index.duckdb") as live, pytest.raises(NotFound, match="nowhere"):
        live.syncer.sync([tmp_path / "nowhere"])


def test_a_cancelled_look_leaves_what_it_found(tmp_path: Path) -> None:
    log(tmp_path / "tree/a", range(3))
    with bench(tmp_path / "index.duckdb") as live:
        cancel = threading.Event()
        cancel.set()
        live.syncer.sync([tmp_path / "tree"], None, cancel)
        live.syncer.sync([tmp_path / "tree"])
        assert len(live.runs()) == 1


def test_many_files_are_read_by_workers_as_one_would(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(40):
        log(tmp_path / f"tree/r{number:02}", range(number))
    with bench(tmp_path / "one.duckdb") as one:
        one.syncer.sync([tmp_path / "tree"])
        expected = [(run["path"], run["metrics"]) for run in one.runs()]
    monkeypatch.setattr("runspect.engine.pool.INLINE_FILES", 3)
    with bench(tmp_path / "many.duckdb") as many:
        many.syncer.sync([tmp_path / "tree"])
        assert [(run["path"], run["metrics"]) for run in many.runs()] == expected


def test_unreadable_files_and_hostile_names_are_one_line_each(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    log(tree / "good", range(3))
    log(tree / "[/x]\n\x1b[31m", range(3))
    (tree / "bad").mkdir()
    (tree / "bad/metrics.jsonl").write_bytes(b"\xff\xfe\0{{{{" * 1000)
    (tree / "good/dangling.jsonl").symlink_to("nowhere")
    if os.geteuid() != 0:
        log(tree / "locked", range(3)).chmod(0)
    with bench(tmp_path / "index.duckdb") as live:
        live.syncer.sync([tree])
        assert {"good", "[/x]\n\x1b[31m"} <= {run["path"] for run in live.runs() if run["metrics"]}
        assert ("good/dangling.jsonl",) in live.sql("SELECT path FROM problems_now")


def test_what_may_not_be_read_for_a_while_is_not_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree, shut = tmp_path / "tree", set[str]()
    log(tree / "a", range(3))
    log(tree / "b", range(3))
    # The tests may run as root, whom no mode keeps out.
    scandir, opened, os_open = os.scandir, Path.open, os.open

    def guarded_scandir(path: str) -> object:
        if path in shut:
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    def guarded_open(path: Path, *arguments: object, **named: object) -> object:
        if str(path) in shut:
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *arguments, **named)  # type: ignore[call-overload]  # passed on as they came

    monkeypatch.setattr(os, "scandir", guarded_scandir)

    def guarded_os_open(path: str, flags: int) -> int:
        if str(path) in shut:
            raise PermissionError(13, "Permission denied", str(path))
        return os_open(path, flags)

    monkeypatch.setattr(Path, "open", guarded_open)
    monkeypatch.setattr(os, "open", guarded_os_open)
    shut.add(str(tree / "b/metrics.jsonl"))
    problems = "SELECT path, what FROM problems_now ORDER BY path"
    now_s = time.time()
    with bench(tmp_path / "index.duckdb", lambda: now_s) as live:
        live.syncer.sync([tree])
        assert live.sql("SELECT path FROM problems_now") == [("b/metrics.jsonl",)]
        shut.clear()
        live.syncer.sync([tree])
        before = live.runs()
        assert [run["path"] for run in before if run["metrics"]] == ["a", "b"] and not live.sql(problems)
        shut.add(str(tree / "b"))
        live.syncer.sync([tree])
        assert live.sql(problems) == [(".", "1 directory cannot be read: b (Permission denied)")]
        assert live.runs() == before
        shut.add(str(tree))
        live.syncer.sync([tree])
        assert live.sql(problems) == [(".", "cannot be read: Permission denied")] and live.runs() == before
        shut.clear()
        live.syncer.sync([tree])
        assert not live.sql(problems) and live.runs() == before
