"""The index file: made, found broken, found busy; superseded rows go away."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest

from runspect.errors import IndexFault
from runspect.index import compaction, faults
from runspect.index.annotations import load_ops
from runspect.index.store import Store


def rows(opened: Store, sql: str) -> list[tuple[object, ...]]:
    with opened.cursor() as cursor:
        return list(cursor.execute(sql).fetchall())


def test_every_view_can_be_read_when_empty(tmp_path: Path) -> None:
    opened = Store.open(tmp_path / "index.duckdb")
    views = rows(opened, "SELECT view_name FROM duckdb_views() WHERE NOT internal")
    assert len(views) >= 12
    for (view,) in views:
        assert rows(opened, f"SELECT * FROM {view}") == []
    opened.close()


def test_what_is_committed_stays_and_what_is_not_goes(tmp_path: Path) -> None:
    opened = Store.open(tmp_path / "index.duckdb")
    with opened.writing() as (cursor, upd):
        cursor.execute("INSERT INTO ids VALUES ('a', 1, ?)", [upd])
    with pytest.raises(ZeroDivisionError), opened.writing() as (cursor, upd):
        cursor.execute("INSERT INTO ids VALUES ('b', 2, ?)", [upd])
        raise ZeroDivisionError
    opened.close()
    again = Store.open(tmp_path / "index.duckdb")
    assert (again.note, again.generation) == ("", 1)
    assert rows(again, "SELECT uid FROM ids") == [("a",)]
    again.close()


@pytest.mark.parametrize("content", [b"garbage" * 1000, b"", b"\0" * 20_000])
def test_an_unreadable_file_is_moved_aside(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "index.duckdb"
    path.write_bytes(content)
    opened = Store.open(path)
    assert rows(opened, "SELECT * FROM runs_now") == []
    if content:
        assert "moved to" in opened.note and "\n" not in opened.note
        assert [each.read_bytes() for each in tmp_path.glob("*.aside")] == [content]
    opened.close()


def test_a_file_damaged_in_the_middle_is_moved_aside(tmp_path: Path) -> None:
    path = tmp_path / "index.duckdb"
    opened = Store.open(path)
    with opened.writing() as (cursor, upd):
        cursor.execute("INSERT INTO ids SELECT 'x' || i, i, ? FROM range(50000) t(i)", [upd])
    opened.checkpoint()
    opened.close()
    damaged = bytearray(path.read_bytes())
    damaged[4096:12288] = b"\x5a" * 8192
    path.write_bytes(damaged)
    opened = Store.open(path)
    assert "moved to" in opened.note
    opened.close()


def test_an_index_of_another_schema_is_moved_aside(tmp_path: Path) -> None:
    path = tmp_path / "index.duckdb"
    with duckdb.connect(str(path), config={"storage_compatibility_version": "v1.5.0"}) as other:
        other.execute("CREATE TABLE meta(key VARCHAR, val VARCHAR)")
        other.execute("INSERT INTO meta VALUES ('schema', 'older')")
    opened = Store.open(path)
    assert "another version" in opened.note
    opened.close()


def test_a_locked_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "index.duckdb"
    Store.open(path).close()
    before = path.read_bytes()
    program = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
        with pytest.raises(IndexFault, match="another process"):
            Store.open(path)
        holder.communicate(b"")
    assert path.read_bytes() == before
    assert not list(tmp_path.glob("*.aside"))


@pytest.mark.parametrize(
    ("message", "broken"),
    [
        ("IO Error: Could not set lock on file", False),
        ("IO Error: No space left on device", False),
        ("IO Error: Cannot open file: Permission denied", False),
        ("Out of Memory Error: could not allocate", False),
        ("Serialization Error: Failed to deserialize", True),
        ("IO Error: Corrupt database file: computed checksum does not match", True),
    ],
)
def test_the_disk_is_not_blamed_on_the_file(message: str, broken: bool) -> None:
    assert faults.is_broken(duckdb.Error(message)) is broken


def test_a_file_that_was_replaced_is_neither_written_nor_its_log_touched(tmp_path: Path) -> None:
    path = tmp_path / "index.duckdb"
    old = Store.open(path)
    with old.writing() as (cursor, _):
        cursor.execute("INSERT INTO meta VALUES ('old', '1')")
    path.unlink()
    Path(f"{path}.wal").unlink()
    assert not old.stands()
    code = (
        "import sys, os, pathlib; from runspect.index.store import Store; s = Store.open(pathlib.Path(sys.argv[1]))\n"
    )
    code += "with s.writing() as (c, _): c.execute(\"INSERT INTO meta VALUES ('new', '2')\")\n"
    subprocess.run([sys.executable, "-c", f"{code}os._exit(0)", str(path)], check=True)
    with pytest.raises(IndexFault, match="was removed or replaced"), old.writing():
        pass
    old.checkpoint()
    old.close()
    new = Store.open(path)
    assert rows(new, "SELECT key FROM meta WHERE key IN ('old', 'new')") == [("new",)]
    new.close()
    assert not Path(f"{path}.wal").exists()


def test_superseded_rows_go_away_and_readers_are_not_disturbed(tmp_path: Path) -> None:
    opened = Store.open(tmp_path / "index.duckdb")
    for _ in range(6):
        with opened.writing() as (cursor, upd):
            cursor.execute(
                "INSERT INTO runs SELECT i, 'u' || i, '/w', 'r' || i, '', 'n', NULL, NULL, '', '{}', 'unknown', ?::VARCHAR, "
                "NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, false, ? FROM range(100) t(i)",
                [str(upd), upd],
            )
    newest = rows(opened, "SELECT rid, reason FROM runs_now ORDER BY rid")
    faults: list[str] = []
    stop = threading.Event()

    def read() -> None:
        with opened.cursor() as cursor:
            while not stop.is_set():
                found = cursor.execute("SELECT rid, reason FROM runs_now ORDER BY rid").fetchall()
                if found != newest:
                    faults.append(str(found)[:200])

    reader = threading.Thread(target=read)
    reader.start()
    with opened.writing() as (cursor, _):
        assert compaction.compact(cursor, small=0) == ("runs",)
    opened.checkpoint()
    stop.set()
    reader.join()
    assert not faults
    assert rows(opened, "SELECT count(*) FROM runs") == [(100,)]
    assert rows(opened, "SELECT rid, reason FROM runs_now ORDER BY rid") == newest
    opened.close()


def test_the_newest_annotation_wins_through_any_id(tmp_path: Path) -> None:
    opened = Store.open(tmp_path / "index.duckdb")
    with opened.writing() as (cursor, upd):
        cursor.execute("INSERT INTO ids VALUES ('path:1', 7, ?), ('wandb:e/p:x', 7, ?)", [upd, upd])
        cursor.execute("INSERT INTO facts VALUES (7, 'tags', NULL, '[\"told\",\"kept\"]', 'f', true, ?)", [upd])
    changed = load_ops(
        opened,
        [
            ("1", 1, "me", "run:path:1", "tag:good", True),
            ("2", 2, "me", "run:wandb:e/p:x", "tag:good", False),
            ("3", 3, "me", "run:wandb:e/p:x", "note", "second"),
            ("4", 2, "me", "run:path:1", "note", "first"),
            ("5", 5, "me", "run:path:1", "tag:told", False),
        ],
    )
    assert changed == {7}
    assert load_ops(opened, [("3", 3, "me", "run:wandb:e/p:x", "note", "again")]) == frozenset()
    assert rows(opened, "SELECT tag FROM tags_now") == [("kept",)]
    assert rows(opened, "SELECT key, val FROM ann_now") == [("note", '"second"')]
    opened.close()
