"""Pages of a console in an archive are those of the same console on the disk, however long it is."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path

import pytest

from runspect.engine.console import read_page
from runspect.engine.packed_console import read_packed
from runspect.errors import NotFound
from runspect.readers.archived_console import BLOCK

HEAD = '{"format": "runspect-record", "version": 1}'
LINES = [f"line {number} {'x' * 200}" for number in range(4 * BLOCK // 200)]


def _packed(place: Path, kind: str, console: str | None) -> tuple[Path, Path]:
    """An archive of a record `runs/a`, and its console on the disk."""
    record = place / "a"
    record.mkdir()
    (record / "run.json").write_text(HEAD)
    if console is not None:
        (record / "console.log").write_text(console)
    archive = place / f"all.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
            for path in sorted(record.iterdir()):
                packed.write(path, f"runs/a/{path.name}")
    else:
        with tarfile.open(archive, "w:gz" if kind == "tgz" else "w") as packed:
            packed.add(record, "runs/a")
    return archive, record / "console.log"


@pytest.mark.parametrize("kind", ["tar", "tgz", "zip"])
def test_pages_at_its_end_in_its_middle_and_beyond(kind: str, tmp_path: Path) -> None:
    archive, console = _packed(tmp_path, kind, "\n".join(LINES))
    size = console.stat().st_size
    assert size > 4 * BLOCK
    far = [None, 0, 5, BLOCK, 2 * BLOCK - 3, 3 * BLOCK + 7, size - 100, size, size + 1000]
    for offset in far:
        for lines in (-50, 1, 300):
            page = read_packed(archive, "runs/a", offset, lines)
            assert page == read_page(console, offset, lines, clock=lambda: 1e12), (offset, lines)


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_a_record_without_a_console_and_an_archive_that_is_none(kind: str, tmp_path: Path) -> None:
    archive, _ = _packed(tmp_path, kind, None)
    assert read_packed(archive, "runs/a", None, 10) is None
    archive.write_bytes(b"PK\3\4 damaged" * 100)
    with pytest.raises(NotFound):
        read_packed(archive, "runs/a", None, 10)
