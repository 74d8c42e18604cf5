"""The shared folder: made once, found from below, with its id whatever git did to the file."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from runspect.errors import UsageError
from runspect.folder import Folder, folder_in, folders_around, innermost, make_folder


def test_it_is_made_once_and_found_from_below(tmp_path: Path) -> None:
    made = make_folder(str(tmp_path))
    assert make_folder(str(tmp_path)) == made == folder_in(str(tmp_path))
    assert made.journal.is_dir()
    (tmp_path / "a/b").mkdir(parents=True)
    inner = make_folder(str(tmp_path / "a"))
    assert folders_around(str(tmp_path / "a/b")) == (inner, made)
    assert folders_around(str(tmp_path / "c")) == (made,)


def test_two_who_make_it_at_once_agree(tmp_path: Path) -> None:
    found: list[Folder] = []
    threads = [threading.Thread(target=lambda: found.append(make_folder(str(tmp_path)))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert sorted(path.name for path in (tmp_path / ".runspect").iterdir()) == [".gitattributes", "id", "journal"]


def test_who_may_write_beside_the_runs_may_write_in_it(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o2775)
    before = os.umask(0o077)
    try:
        folder = make_folder(str(shared))
    finally:
        os.umask(before)
    assert folder.journal.stat().st_mode & 0o7777 == 0o2775
    assert (shared / ".runspect/id").stat().st_mode & 0o777 == 0o664


def test_an_id_is_found_among_what_git_wrote_around_two(tmp_path: Path) -> None:
    (tmp_path / ".runspect").mkdir()
    lines = ["<<<<<<< HEAD", "b" * 32, "=======", "a" * 32 + "\r", ">>>>>>> theirs", "", "no id"]
    (tmp_path / ".runspect/id").write_text("\n".join(lines))
    assert folder_in(str(tmp_path)) == Folder(str(tmp_path), ("a" * 32, "b" * 32))


@pytest.mark.parametrize("how", ["link", "fifo", "binary", "empty", "directory"])
def test_what_is_no_folder_is_none(tmp_path: Path, how: str) -> None:
    place, real = tmp_path / "runs/.runspect", tmp_path / "elsewhere"
    real.mkdir()
    make_folder(str(real))
    place.parent.mkdir()
    if how == "link":
        place.symlink_to(real / ".runspect")
    else:
        place.mkdir()
    match how:
        case "fifo":
            os.mkfifo(place / "id")
        case "binary":
            (place / "id").write_bytes(bytes(range(256)) * 100)
        case "empty":
            (place / "id").write_text("")
        case "directory":
            (place / "id").mkdir()
    assert folder_in(str(tmp_path / "runs")) is None
    with pytest.raises(UsageError, match="runspect"):
        make_folder(str(tmp_path / "runs"))


def test_a_directory_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file")
    with pytest.raises(UsageError, match="cannot be made"):
        make_folder(str(tmp_path / "runs"))


def test_the_innermost_folder_comes_first() -> None:
    outer, inner, other = Folder("/e", ("a" * 32,)), Folder("/e/x", ("b" * 32,)), Folder("/e/xy", ("c" * 32,))
    assert innermost([outer, inner, other], "/e/x/run") == (inner, outer)
    assert innermost([outer, inner, other], "/e/xyz") == (outer,)
    assert innermost([outer], "/f") == ()
