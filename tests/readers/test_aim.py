"""Aim's repository, and the files of RocksDB below it."""

from __future__ import annotations

import shutil
import sqlite3
import struct
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest

from runspect.errors import ReaderFault
from runspect.readers import claim_file, reader_named
from runspect.readers.aim_tree import Branch, path_of, tree, value_of
from runspect.readers.rocksdb import contents
from tests.conftest import FIXTURES
from tests.readers.entries import entry_of
from tests.readers.kept import Kept
from tests.readers.make_aim import double, integer, key, log_of, varint

READER = reader_named("aim")
RUN = "8610275e22b745fdbeea551a"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A copy of a repository of one run."""
    return Path(shutil.copytree(FIXTURES / "aim/.aim", tmp_path / ".aim"))


def test_the_repository_is_claimed_by_its_list_of_runs(repository: Path) -> None:
    claim = claim_file(entry_of(repository.parent, repository / "run_metadata.sqlite"))
    assert claim is not None and (claim.reader, claim.kind, claim.root) == ("aim", "store", ".aim")


def test_a_run_is_told_whole_and_again_when_its_files_changed(repository: Path) -> None:
    path, kept = repository / "run_metadata.sqlite", Kept()
    assert kept.add(READER.read(path, kept.cursor)) == [RUN]
    assert kept.params[RUN] == {"lr": 0.5, "layers": [1, 2], "model.h": 8}
    assert kept.add(READER.read(path, kept.cursor)) == []
    place = ("seqs", "v2", "chunks", RUN, 0x877498E10D416F95, "loss")
    point = {key(*place, "val", 7): double(0.125), key(*place, "step", 7): integer(20)}
    log_of(repository / f"seqs/chunks/{RUN}/000012.log", (900, dict(point)))
    (batch, _) = READER.read(path, kept.cursor)
    assert batch.whole and batch.points["loss"].steps.tolist() == list(range(21))
    assert batch.points["loss"].values[-1] == 0.125


def test_a_run_in_progress_has_no_end(repository: Path) -> None:
    (repository / "meta/progress").mkdir(exist_ok=True)
    (repository / f"meta/progress/{RUN}").touch()
    kept = Kept()
    kept.add(READER.read(repository / "run_metadata.sqlite", kept.cursor))
    assert "end_state" not in kept.facts[RUN]
    (repository / f"meta/progress/{RUN}").unlink()
    kept.add(READER.read(repository / "run_metadata.sqlite", kept.cursor))
    assert kept.facts[RUN]["end_state"] == "finished"


def test_a_metric_in_several_contexts_is_told_apart(repository: Path) -> None:
    place, meta = ("seqs", "v2", "chunks", RUN, 5, "loss"), ("meta", "chunks", RUN, "contexts", 5, "subset")
    log_of(
        repository / f"seqs/chunks/{RUN}/000012.log",
        (900, {key(*place, "val", 3): double(1.0), key(*place, "step", 3): integer(0)}),
    )
    log_of(repository / f"meta/chunks/{RUN}/000012.log", (900, {key(*meta): b"\x04val"}))
    kept = Kept()
    kept.add(READER.read(repository / "run_metadata.sqlite", kept.cursor))
    assert sorted(kept.values[RUN]) == ["acc", "train/loss", "val/loss"]
    assert kept.values[RUN]["val/loss"] == [1.0]


def test_older_repositories_keep_values_by_their_steps(repository: Path) -> None:
    shutil.rmtree(repository / f"seqs/chunks/{RUN}")
    (repository / f"seqs/chunks/{RUN}").mkdir()
    place = ("seqs", "chunks", RUN, 5, "loss", "val")
    log_of(
        repository / f"seqs/chunks/{RUN}/000012.log",
        (1, {key(*place, 30): double(0.5), key(*place, 20): double(1.0)}),
    )
    kept = Kept()
    kept.add(READER.read(repository / "run_metadata.sqlite", kept.cursor))
    assert (kept.steps[RUN], kept.values[RUN]) == ({"loss": [20, 30]}, {"loss": [1.0, 0.5]})


def test_a_damaged_table_is_told_and_the_run_stays(repository: Path) -> None:
    table = next((repository / f"seqs/chunks/{RUN}").glob("*.sst"))
    table.write_bytes(table.read_bytes()[:-10])
    (batch, _) = READER.read(repository / "run_metadata.sqlite", Kept().cursor)
    assert batch.params and not batch.points
    assert "no whole RocksDB table" in batch.problems[0].what


def test_a_run_that_was_deleted_is_told_no_more(repository: Path) -> None:
    path, kept = repository / "run_metadata.sqlite", Kept()
    kept.add(READER.read(path, kept.cursor))
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DELETE FROM run")
    assert kept.add(READER.read(path, kept.cursor)) == [] and kept.restarts == 2


def test_a_run_named_by_a_path_leads_nowhere(repository: Path) -> None:
    with closing(sqlite3.connect(repository / "run_metadata.sqlite")) as db, db:
        db.execute(f"UPDATE run SET hash = '../chunks/{RUN}'")
    kept = Kept()
    kept.add(READER.read(repository / "run_metadata.sqlite", kept.cursor))
    assert kept.values == {}


# ---------------------------------------------------------------- RocksDB


def _block(entries: list[tuple[int, bytes, bytes | None]], restarts: tuple[int, ...] = (0,)) -> bytes:
    """(bytes shared with the key before, rest of the key, value) of each entry; no value: an index of version 5."""
    data = b""
    for shared, rest, value in entries:
        data += (
            varint(shared) + varint(len(rest)) + (b"" if value is None else varint(len(value))) + rest + (value or b"")
        )
    return data + b"".join(struct.pack("<I", at) for at in restarts) + struct.pack("<I", len(restarts))


def _internal(key: bytes, sequence: int, kind: int = 1) -> bytes:
    return key + struct.pack("<Q", sequence << 8 | kind)


def _table(path: Path, block: bytes, kind: int = 0, packed: bytes | None = None) -> None:
    body = (block if packed is None else packed) + bytes([kind]) + bytes(4)
    place = varint(0) + varint(len(body) - 5)
    index = varint(0) + varint(1) + b"z" + place + struct.pack("<II", 0, 1)
    footer = bytes([1]) + varint(0) + varint(0) + varint(len(body)) + varint(len(index))
    footer = footer.ljust(41, b"\0") + struct.pack("<IQ", 5, 0x88E241B785F4CFF7)
    path.write_bytes(body + index + bytes(5) + footer)


def test_the_newest_write_to_a_key_counts(tmp_path: Path) -> None:
    _table(tmp_path / "000004.sst", _block([(0, _internal(b"abc", 5), b"old"), (2, _internal(b"d", 6), b"2")]))
    log_of(tmp_path / "000005.log", (7, {b"abc": b"new", b"gone": b"x"}), (9, {b"gone": None}))
    assert contents(tmp_path) == {b"abc": b"new", b"abd": b"2"}


@pytest.mark.parametrize(("kind", "codec"), [(1, "snappy"), (7, "zstd"), (4, "lz4_raw")])
def test_blocks_may_be_packed(tmp_path: Path, kind: int, codec: str) -> None:
    block = _block([(0, _internal(b"a", 5), b"x" * 500)])
    packed = pa.compress(block, codec=codec, asbytes=True)
    _table(tmp_path / "000004.sst", block, kind, packed if kind == 1 else varint(len(block)) + packed)
    assert contents(tmp_path) == {b"a": b"x" * 500}


def test_a_block_that_swells_is_a_fault(tmp_path: Path) -> None:
    _table(tmp_path / "000004.sst", b"", 1, varint(1 << 40) + b"xx")
    with pytest.raises(ReaderFault, match="swells"):
        contents(tmp_path)


def test_a_log_may_end_in_the_middle_or_in_zeros(tmp_path: Path) -> None:
    path = tmp_path / "000005.log"
    log_of(path, (1, {b"a": b"1"}), (2, {b"b": b"2"}))
    whole = path.read_bytes()
    path.write_bytes(whole + bytes(5000))
    assert contents(tmp_path) == {b"a": b"1", b"b": b"2"}
    path.write_bytes(whole[:-3])
    assert contents(tmp_path) == {b"a": b"1"}


def test_any_damage_is_a_fault(tmp_path: Path) -> None:
    source = next((FIXTURES / "aim").rglob("*.sst")).read_bytes()
    for at in range(0, len(source), max(1, len(source) // 200)):
        (tmp_path / "000004.sst").write_bytes(source[:at] + b"\xff" * 9 + source[at + 9 :])
        try:
            contents(tmp_path)
        except ReaderFault:
            continue


def test_keys_are_paths_and_values_carry_their_type() -> None:
    assert path_of(key("a", 3, "b")) == ("a", 3, "b")
    assert path_of(b"a\xfe\xfe12") is None and path_of(b"a") is None
    values = [b"\x00", b"\x01\x01", integer(-2), double(0.5), b"\x04x", b"\x02short", b"\x99", b""]
    assert [value_of(value) for value in values] == [None, True, -2, 0.5, "x", None, None, None]
    leaves = [(("a",), Branch(True)), (("a", 1), 2), (("a", 0), 1), (("b", "c"), 3), (("d",), Branch(False))]
    assert tree(leaves) == {"a": [1, 2], "b": {"c": 3}, "d": {}}
