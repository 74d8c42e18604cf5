"""Records in archives, as build artefacts are, and archives that mean no good."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import tracemalloc
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runspect.readers import bounded_tar, bounded_zip, claim_file
from runspect.readers.contract import Batch, Cursor, Entry, read_all
from runspect.readers.runspect_archive import READER
from tests.readers.entries import entry_of

HEAD = json.dumps(
    {"format": "runspect-record", "version": 1, "name": "first", "status": "finished", "config": {"lr": 1}}
)
POINTS = '{"step": 1, "time": 1764115200.5, "loss": 0.5, "epoch": 0}\n{"step": 2, "loss": NaN}\n'
CONSOLE = "".join(f"Epoch {epoch}: loss={2.0**-epoch} acc=0.9\n" for epoch in range(1, 6))
Files = Mapping[str, str | bytes]


def _tar(path: Path, files: Files, form: int = tarfile.PAX_FORMAT) -> Path:
    with tarfile.open(path, "w" if path.suffix == ".tar" else "w:gz", format=form) as archive:
        for name, text in files.items():
            data = text if isinstance(text, bytes) else text.encode()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def _zip(path: Path, files: Files) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def _packed(path: Path, files: Files) -> Path:
    return _zip(path, files) if path.suffix == ".zip" else _tar(path, files)


def _claimed(path: Path) -> bool:
    claim = claim_file(entry_of(path.parent, path))
    return claim is not None and (claim.reader, claim.kind) == (READER.name, "store")


def _runs(path: Path) -> dict[str, list[Batch]]:
    found: dict[str, list[Batch]] = {}
    for batch in read_all(READER, path):
        if batch.run:
            found.setdefault(batch.run, []).append(batch)
    return found


def _problems(path: Path) -> list[str]:
    return [problem.what for batch in read_all(READER, path) for problem in batch.problems]


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz", "a.tgz", "a.zip"])
@pytest.mark.parametrize("below", ["", "./", "first/", "runs/first/"])
def test_one_record(tmp_path: Path, name: str, below: str) -> None:
    path = _packed(tmp_path / name, {f"{below}metrics.jsonl": POINTS, f"{below}run.json": HEAD})
    assert _claimed(path)
    ((key, batches),) = _runs(path).items()
    assert key == (below.removeprefix("./").rstrip("/") or ".")
    head, points = batches
    assert (head.params, head.facts["name"], head.facts["end_state"]) == ({"lr": 1}, "first", "finished")
    assert points.points["loss"].steps.tolist() == [1, 2] and points.points["epoch"].values.tolist() == [0]
    assert points.points["loss"].times[0] == 1764115200.5
    assert read_all(READER, path)[-1].cursor.offset == path.stat().st_size


def test_several_records_and_what_is_none(tmp_path: Path) -> None:
    files = {f"runs/{name}/run.json": HEAD.replace("first", name) for name in "abc"}
    files |= {"runs/a/metrics.jsonl": POINTS, "runs/a/deeper/model.pt": "x", "other/run.json": "{}", "README": "hello"}
    path = _tar(tmp_path / "all.tar.gz", files)
    runs = _runs(path)
    assert {key: batches[0].facts["name"] for key, batches in runs.items()} == {f"runs/{name}": name for name in "abc"}
    assert _problems(path) == ["other/run.json: no runspect record"]


def test_what_the_program_said_counts_more(tmp_path: Path) -> None:
    added = json.dumps({"format": "runspect-record", "version": 1, "name": "mine", "config": {"lr": 2, "bs": 8}})
    ((head, *_),) = _runs(_tar(tmp_path / "a.tgz", {"r/api.json": added, "r/run.json": HEAD})).values()
    assert head.params == {"lr": 2, "bs": 8} and (head.facts["name"], head.facts["end_state"]) == ("mine", "finished")


def test_metrics_of_the_console_where_nothing_else_tells_any(tmp_path: Path) -> None:
    crash = CONSOLE + "Traceback (most recent call last):\n  File 'x'\nValueError: no\n"
    head = HEAD.replace("finished", "running")
    (told,) = _runs(_tar(tmp_path / "a.tgz", {"run.json": head, "console.log": crash})).values()
    assert [batch.points["loss"].values.tolist() for batch in told if batch.points] == [
        [0.5, 0.25, 0.125, 0.0625, 0.03125]
    ]
    assert "traceback: ValueError: no" in str(told[-1].facts["console_verdict"])
    kept = json.dumps({**json.loads(HEAD), "console": "console.log"})
    short = {"run.json": kept, "console.log": "epoch 1 loss 0.5\nepoch 2 loss 0.25\n"}
    (few,) = _runs(_tar(tmp_path / "few.tgz", short)).values()
    assert [batch.points["loss"].values.tolist() for batch in few if batch.points] == [[0.5, 0.25]]
    files = {"run.json": head, "console.log": crash, "metrics.jsonl": POINTS}
    (told,) = _runs(_tar(tmp_path / "b.tgz", files)).values()
    assert {name for batch in told for name in batch.points} == {"loss", "epoch"}


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_long_names(tmp_path: Path, form: int) -> None:
    long = "é" * 40 + "/" + "n" * (60 if form == tarfile.USTAR_FORMAT else 200)
    path = _tar(tmp_path / "a.tar", {f"{long}/run.json": HEAD, f"{long}/metrics.jsonl": POINTS}, form)
    assert _claimed(path) and list(_runs(path)) == [long]


@pytest.mark.parametrize("name", ["../run.json", "/etc/run.json", "a/../../run.json", "a/b/c/d/e/run.json"])
def test_names_that_lead_elsewhere_are_no_runs(tmp_path: Path, name: str) -> None:
    for path in (tmp_path / "a.tar.gz", tmp_path / "a.zip"):
        assert _runs(_packed(path, {name: HEAD, "x/console.log": ""})) == {}
    assert sorted(found.name for found in tmp_path.rglob("*")) == ["a.tar.gz", "a.zip"]


def test_other_archives_are_not_claimed(tmp_path: Path) -> None:
    files = {"data/train.csv": "a,b\n", "data/labels.txt": "x"}
    for name in ("a.tar", "a.tgz", "a.zip"):
        assert not _claimed(_packed(tmp_path / name, files))
    (tmp_path / "b.tar.gz").write_bytes(gzip.compress(b"no archive at all" * 100))
    assert not _claimed(tmp_path / "b.tar.gz")


def test_bombs_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_tar, "MOST_BYTES", 32 << 20)
    monkeypatch.setattr(bounded_zip, "MOST_BYTES", 32 << 20)
    files: Files = {"run.json": HEAD, "metrics.jsonl": bytes(64 << 20)}
    for name in ("a.tgz", "a.zip"):
        path = _packed(tmp_path / name, files)
        tracemalloc.start()
        told = _problems(path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert any("an archive of more than" in what for what in told)
        assert peak < 80 << 20


def test_a_head_that_swells_is_no_run(tmp_path: Path) -> None:
    path = _tar(tmp_path / "a.tgz", {"run.json": b" " * (20 << 20), "b/run.json": HEAD})
    assert list(_runs(path)) == ["b"] and _problems(path) == ["run.json: larger than 8 MB"]


def test_a_name_that_swells_is_damage(tmp_path: Path) -> None:
    info = tarfile.TarInfo("x" * 200)
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    size = b"%011o\0" % (1 << 30)
    header[124:136] = size
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header[:512])
    (tmp_path / "a.tar").write_bytes(bytes(header) + bytes(1 << 20))
    assert _problems(tmp_path / "a.tar") == ["a damaged archive: a name that is too long"]


def test_a_cut_archive_shows_what_is_there(tmp_path: Path) -> None:
    path = _tar(tmp_path / "a.tar", {"run.json": HEAD, "metrics.jsonl": POINTS * 1000})
    path.write_bytes(path.read_bytes()[:6000])
    assert _problems(path) == ["an archive that ends in the middle"]
    packed = _tar(tmp_path / "b.tgz", {"run.json": HEAD, "metrics.jsonl": POINTS * 1000})
    packed.write_bytes(packed.read_bytes()[:-20])
    assert _problems(packed) == ["an archive that ends in the middle"]


@given(st.data())
def test_damage_never_raises(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    directory = tmp_path_factory.mktemp("damage")
    path = _packed(
        directory / data.draw(st.sampled_from(["a.tar", "a.tgz", "a.zip"])), {"run.json": HEAD, "metrics.jsonl": POINTS}
    )
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=20))
    path.write_bytes(content)
    READER.claim(entry_of(directory, path))
    assert all(isinstance(batch, Batch) for batch in READER.read(path, Cursor()))


def test_an_entry_needs_no_more_than_its_ends(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"x/run.json": HEAD, "x/console.log": CONSOLE})
    entry = Entry("a.zip", path, path.stat().st_size, 0.0, frozenset(), frozenset())
    assert READER.claim(entry) is not None
