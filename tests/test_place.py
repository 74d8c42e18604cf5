"""Where the engine's files lie: private, on a local disk, elsewhere when they must."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runspect import place
from runspect.errors import EngineError
from runspect.place import SOCKET_LIMIT, engine_place, has_room, host_name, network_file_system, places, prepare


def test_runspect_home_holds_everything(tmp_path: Path) -> None:
    found = engine_place({"RUNSPECT_HOME": str(tmp_path / "h")})
    assert found.directory == tmp_path / "h" / host_name()
    assert found.journal[0] == tmp_path / "h" / "journal"
    assert found.directory.stat().st_mode & 0o777 == 0o700
    assert found.note == ""


def test_the_usual_place_follows_xdg(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "c"), "XDG_DATA_HOME": "relative/is/ignored"}
    found = places(environ)[0]
    assert found.directory == tmp_path / "c" / "runspect" / host_name()
    assert found.journal[0] == tmp_path / ".local/share/runspect/journal"


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    found = places({"RUNSPECT_HOME": str(deep), "TMPDIR": "/tmp"})[0]
    assert len(os.fsencode(found.socket)) <= SOCKET_LIMIT
    assert found.socket.parent == Path(f"/tmp/runspect-{os.getuid()}")
    assert found.directory.is_relative_to(deep)


def test_a_network_file_system_is_left_for_a_local_disk(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(
        f"/dev/a / ext4 rw 0 0\nserver:/home {tmp_path}/net nfs4 rw 0 0\nx {tmp_path}/net/local tmpfs rw 0 0\n"
    )
    assert network_file_system(tmp_path / "net" / "cache", mounts) == "nfs4"
    assert network_file_system(tmp_path / "net" / "local" / "x", mounts) == ""
    assert network_file_system(tmp_path / "network", mounts) == ""
    found = places({"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "net")}, mounts)
    assert found[0].directory == Path(f"/var/tmp/runspect-{os.getuid()}") / host_name()


def test_a_link_in_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(EngineError, match="is a link"):
        prepare(tmp_path / "link")


def test_a_foreign_directory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "theirs").mkdir()
    monkeypatch.setattr(os, "getuid", lambda: 4242)
    with pytest.raises(EngineError, match="another user"):
        prepare(tmp_path / "theirs")


def test_a_foreign_directory_above_is_refused_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "runspect-4242").mkdir()
    monkeypatch.setattr(os, "getuid", lambda: 4242)
    with pytest.raises(EngineError, match=r"runspect-4242 belongs to another user"):
        prepare(tmp_path / "runspect-4242" / "digest" / "host")


def test_all_directories_of_ours_are_closed_to_others(tmp_path: Path) -> None:
    prepare(tmp_path / "a" / "runspect" / "digest" / "host")
    modes = [path.stat().st_mode & 0o777 for path in (tmp_path / "a").rglob("*")]
    assert modes == [0o700] * 3


def test_an_open_directory_is_closed_to_others(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir(mode=0o777)
    prepare(tmp_path / "d")
    assert (tmp_path / "d").stat().st_mode & 0o777 == 0o700


def test_a_home_that_cannot_be_written_is_left_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home").write_text("no directory")
    monkeypatch.setattr(place, "_var_tmp", lambda: tmp_path / "var")
    found = engine_place({"RUNSPECT_HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path)})
    assert found.directory.is_relative_to(tmp_path / "var")
    assert "cannot be written" in found.note


def test_no_directory_at_all_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(place, "_var_tmp", lambda: tmp_path / "file")
    with pytest.raises(EngineError, match="no directory for the index can be written"):
        engine_place({"RUNSPECT_HOME": str(tmp_path / "file"), "TMPDIR": str(tmp_path / "file")})


def test_room(tmp_path: Path) -> None:
    assert has_room(tmp_path)
    assert not has_room(tmp_path / "missing")
    assert list(tmp_path.iterdir()) == []
