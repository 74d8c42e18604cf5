"""Other programs' SQLite files, read without getting in their way."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from runspect.errors import ReaderFault
from runspect.readers import sqlite_store
from runspect.readers.sqlite_store import opened, signature, tables_in
from tests.readers.entries import entry_of

_HOLDER = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute(sys.argv[2])
for line in sys.argv[3:]:
    db.execute(line)
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def _writer(path: Path, *statements: str, killed: bool = False) -> Iterator[None]:
    """Another process that has the database open after these statements."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(path), *statements], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin and process.stdout
    try:
        assert process.stdout.readline() == b"held\n"
        if killed:
            process.kill()
            process.wait()
        yield
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


def _made(path: Path, rows: int = 3, mode: str = "delete") -> Path:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(f"PRAGMA journal_mode = {mode}")
        db.execute("CREATE TABLE metrics (key TEXT, value REAL)")
        db.executemany("INSERT INTO metrics VALUES (?, ?)", [("loss", float(row)) for row in range(rows)])
    return path


def _values(path: Path, after: int = 0) -> list[float]:
    with opened(path) as store:
        return [row[1] for row in store.rows("metrics", ("value",), after)]


def test_reads_pages_behind_a_rowid(tmp_path: Path) -> None:
    path = _made(tmp_path / "a.db", 25)
    with opened(path) as store:
        pages = list(store.pages("metrics", ("key", "value"), after=5, page=8))
    assert [len(page) for page in pages] == [8, 8, 4]
    assert pages[0][0] == (6, "loss", 5.0)
    assert pages[-1][-1] == (25, "loss", 24.0)


def test_lets_the_writer_write_between_pages(tmp_path: Path) -> None:
    path = _made(tmp_path / "a.db", 20)
    with opened(path) as store:
        pages = store.pages("metrics", ("value",), page=10)
        next(pages)
        with closing(sqlite3.connect(path, timeout=0)) as db, db:
            db.execute("INSERT INTO metrics VALUES ('loss', 99)")
        assert [len(page) for page in pages] == [10, 1]


def test_versions_of_a_schema_lack_columns_and_tables(tmp_path: Path) -> None:
    with opened(_made(tmp_path / "a.db", 1)) as store:
        assert store.tables == {"metrics": frozenset({"key", "value"})}
        assert list(store.rows("metrics", ("value", "is_nan"))) == [(1, 0.0, None)]
        assert list(store.rows("trials", ("number",))) == []
        assert store.has("metrics") and not store.has("metrics", "trials")


def test_a_writer_with_an_exclusive_lock_is_an_os_error(tmp_path: Path) -> None:
    path = _made(tmp_path / "a.db")
    with _writer(path, "BEGIN EXCLUSIVE"), pytest.raises(OSError, match="locked"):
        _values(path)
    assert _values(path) == [0.0, 1.0, 2.0]


def test_a_locked_database_is_asked_again_for_its_tables(tmp_path: Path) -> None:
    path = _made(tmp_path / "a.db")
    with _writer(path, "BEGIN EXCLUSIVE"):
        entry = entry_of(tmp_path, path)
        assert tables_in(entry) == {} and entry.head_failed
    assert set(tables_in(entry_of(tmp_path, path))) == {"metrics"}


def test_reads_what_waits_in_the_wal_of_a_live_writer(tmp_path: Path) -> None:
    path = _made(tmp_path / "a.db", mode="wal")
    with _writer(path, "INSERT INTO metrics VALUES ('loss', 7)"):
        before = sorted(tmp_path.iterdir())
        assert _values(path) == [0.0, 1.0, 2.0, 7.0]
        assert sorted(tmp_path.iterdir()) == before


def test_reads_what_waits_in_the_wal_of_a_killed_writer(tmp_path: Path) -> None:
    path = _made(tmp_path / "a.db", mode="wal")
    with _writer(path, "INSERT INTO metrics VALUES ('loss', 7)", killed=True):
        before = sorted(tmp_path.iterdir())
        assert len(before) == 3
        assert _values(path) == [0.0, 1.0, 2.0, 7.0]
        assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("taken", [("a.db",), ("a.db", "a.db-wal")])
def test_leaves_nothing_beside_a_wal_database(tmp_path: Path, taken: tuple[str, ...]) -> None:
    (tmp_path / "live").mkdir()
    (tmp_path / "copy").mkdir()
    path = _made(tmp_path / "live/a.db", mode="wal")
    with _writer(path, "INSERT INTO metrics VALUES ('loss', 7)"):
        for name in taken:
            shutil.copy(tmp_path / "live" / name, tmp_path / "copy" / name)
    assert len(_values(tmp_path / "copy/a.db")) == 2 + len(taken)
    assert sorted(each.name for each in (tmp_path / "copy").iterdir()) == list(taken)


def test_reads_a_wal_database_in_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "live").mkdir()
    (tmp_path / "shut").mkdir()
    path = _made(tmp_path / "live/a.db", mode="wal")
    with _writer(path, "INSERT INTO metrics VALUES ('loss', 7)"):
        for name in ("a.db", "a.db-wal"):
            shutil.copy(tmp_path / "live" / name, tmp_path / "shut" / name)
    for each in (*(tmp_path / "shut").iterdir(), tmp_path / "shut"):
        each.chmod(0o555 if each.is_dir() else 0o444)
    try:
        assert _values(tmp_path / "shut/a.db") == [0.0, 1.0, 2.0, 7.0]
    finally:
        (tmp_path / "shut").chmod(0o755)


def test_reads_past_the_journal_of_a_writer_that_was_killed(tmp_path: Path) -> None:
    path = _made(tmp_path / "a.db", 3000)
    spill = ("PRAGMA cache_size = 2", "BEGIN", "UPDATE metrics SET value = -1")
    with _writer(path, *spill, killed=True):
        assert (tmp_path / "a.db-journal").stat().st_size
        before = path.read_bytes()
        assert _values(path) == [float(value) for value in range(3000)]
        assert path.read_bytes() == before and (tmp_path / "a.db-journal").exists()


def test_reads_a_private_copy_of_what_lies_on_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_store, "network_file_system", lambda _: "nfs4")
    path = _made(tmp_path / "a.db", mode="wal")
    with _writer(path, "INSERT INTO metrics VALUES ('loss', 7)"):
        assert _values(path) == [0.0, 1.0, 2.0, 7.0]


def test_a_writer_that_comes_meanwhile_is_an_os_error(tmp_path: Path) -> None:
    path = _made(tmp_path / "a.db", mode="wal")
    with pytest.raises(OSError, match="changed"), opened(path) as store:
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("INSERT INTO metrics VALUES ('loss', 7)")
        list(store.rows("metrics", ("value",)))


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_the_signature_tells_each_commit(tmp_path: Path, mode: str) -> None:
    path = _made(tmp_path / "a.db", mode=mode)
    seen = {signature(path)}
    with closing(sqlite3.connect(path)) as db:
        for _ in range(3):
            with db:
                db.execute("UPDATE metrics SET value = value + 1")
            seen.add(signature(path))
    assert len(seen) == 4


def test_a_truncated_database_is_a_fault(tmp_path: Path) -> None:
    path = _made(tmp_path / "a.db", 5000)
    content = path.read_bytes()
    for size in (50, 100, 3000, 5000, len(content) // 2):
        path.write_bytes(content[:size])
        with pytest.raises(ReaderFault):
            _values(path)
        assert set(tables_in(entry_of(tmp_path, path))) <= {"metrics"}


@pytest.mark.parametrize("content", [b"", b"step,loss\n1,2\n", b"SQLite format 3\0" + b"\xff" * 5000])
def test_what_is_no_database_is_a_fault(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(content)
    with pytest.raises(ReaderFault):
        _values(path)
    assert tables_in(entry_of(tmp_path, path)) == {}


def test_a_missing_database_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        _values(tmp_path / "a.db")
    assert not (tmp_path / "a.db").exists()


def test_names_and_texts_may_be_anything(tmp_path: Path) -> None:
    path = tmp_path / "100% of? a#b.db"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute('CREATE TABLE "odd ""name" ("a b" TEXT)')
        db.execute("""INSERT INTO "odd ""name" VALUES (CAST(x'66ff6f' AS TEXT))""")
        db.execute('CREATE VIEW metrics AS SELECT "a b" AS value FROM "odd ""name"')
    with opened(path) as store:
        assert list(store.rows('odd "name', ("a b",))) == [(1, "f�o")]
        assert list(store.rows("metrics", ("value",))) == []
