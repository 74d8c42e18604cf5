"""One engine: started on demand, shared, replaced, refused, left behind, and without a socket."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from runspect import place as place_module
from runspect.errors import EngineError, UsageError
from runspect.model import Op, Push
from runspect.protocol import numbers
from runspect.workspace import Workspace
from tests.engine.crowd import engine_pid, environment, is_engine, kill_engine, other_version, place, status_of, until


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A client of an engine of its own."""
    (tmp_path / "runs").mkdir()
    opened = Workspace.open([tmp_path / "runs"])
    yield opened
    opened.close()


def test_the_first_call_starts_the_engine(workspace: Workspace) -> None:
    status = workspace.status()
    assert status["pid"] == engine_pid()
    assert {"version", "uptime_s", "clients", "roots", "watching", "index", "index_bytes", "rss_bytes", "lag_s",
            "behind", "note"} <= set(status)  # fmt: skip


def test_two_clients_share_one_engine(workspace: Workspace, tmp_path: Path) -> None:
    other = Workspace.open([tmp_path])
    assert other.status()["pid"] == workspace.status()["pid"]
    assert workspace.status()["clients"] == 2
    other.close()


def test_many_clients_at_once_start_one_engine(home: Path, tmp_path: Path) -> None:
    workspaces = [Workspace.open([tmp_path]) for _ in range(8)]
    pids = {opened.status()["pid"] for opened in workspaces}
    assert len(pids) == 1
    for opened in workspaces:
        opened.close()


def test_everything_is_closed_to_others(workspace: Workspace) -> None:
    workspace.status()
    found = place()
    assert found.directory.stat().st_mode & 0o777 == 0o700
    for path in (found.socket, found.lock, found.index, found.log):
        assert path.stat().st_mode & 0o077 == 0, path


def test_without_an_engine_and_leave_to_start_one_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no engine is running"):
        Workspace.open([tmp_path], start=False)


def test_the_engine_leaves_after_its_last_client(home: Path, tmp_path: Path) -> None:
    with environment(RUNSPECT_ENGINE_IDLE_S="0.2"):
        workspace = Workspace.open([tmp_path])
        pid = workspace.status()["pid"]
        workspace.close()
        until(lambda: not is_engine(pid), "the engine leaves")
    assert not place().socket.exists()


def test_stop_waits_until_the_engine_has_closed_its_files(workspace: Workspace) -> None:
    pid = workspace.status()["pid"]
    workspace.stop_engine()
    assert not place().socket.exists()
    until(lambda: not is_engine(pid), "the engine leaves", 2)
    assert workspace.status()["pid"] != pid


def test_sigterm_drains(workspace: Workspace) -> None:
    pid = workspace.status()["pid"]
    workspace.annotate([Op("run:a", "note", "kept")])
    os.kill(pid, signal.SIGTERM)
    until(lambda: bool(workspace.status()["pid"] != pid), "another engine")
    assert workspace.sql("SELECT val FROM ann").rows == (('"kept"',),)


def test_a_killed_engine_is_replaced_within_the_call(workspace: Workspace) -> None:
    workspace.annotate([Op("run:a", "note", "one")])
    pid = kill_engine()
    assert workspace.annotate([Op("run:a", "note", "two")]) == 1
    assert workspace.status()["pid"] != pid
    assert workspace.undo() == "undid note"
    assert workspace.sql("SELECT val FROM ann ORDER BY ts DESC LIMIT 1").rows == (('"one"',),)


def test_a_killed_engine_leaves_no_zombie(workspace: Workspace) -> None:
    workspace.status()
    pid = kill_engine()
    workspace.status()
    until(lambda: not Path(f"/proc/{pid}").exists(), "the killed engine is reaped", 5)


def test_a_screen_is_told_of_the_break_and_watches_again(tmp_path: Path) -> None:
    pushes: list[Push] = []
    (tmp_path / "runs").mkdir()
    workspace = Workspace.open([tmp_path / "runs"], on_push=pushes.append)
    workspace.watch()
    pid = kill_engine()
    until(lambda: any(push.lost and push.everything for push in pushes), "the push of the break")
    until(lambda: engine_pid() != pid and bool(workspace.status()["watching"]), "the watch goes on")
    workspace.close()


def test_a_stale_socket_and_lock_file_are_no_hindrance(workspace: Workspace) -> None:
    workspace.status()
    kill_engine()
    place().socket.unlink(missing_ok=True)
    place().socket.write_text("no socket")
    assert workspace.status()["pid"] == engine_pid()


def test_garbage_at_the_door_ends_that_connection_alone(workspace: Workspace) -> None:
    pid = workspace.status()["pid"]
    for garbage in (b"GET / HTTP/1.1\r\n\r\n" * 10, b"\x05\x00\x00\x00hello", b"\xff" * 64):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(place().socket))
            connection.sendall(garbage)
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(10)
            assert connection.recv(1000) == b""
    assert workspace.status()["pid"] == pid


def test_an_unknown_request_is_refused(workspace: Workspace) -> None:
    with pytest.raises(UsageError, match="knows no request"):
        workspace._link.call("dance", {})
    with pytest.raises(UsageError, match="lacks 'rids'"):
        workspace._link.call("window", {})


def test_a_newer_client_replaces_the_engine_and_refuses_the_older(workspace: Workspace, tmp_path: Path) -> None:
    pid = workspace.status()["pid"]
    assert status_of(other_version(tmp_path / "newer", "9.0")) == {"version": "9.0"}
    assert not is_engine(pid)
    with pytest.raises(EngineError, match=r"the running engine is runspect 9\.0"):
        workspace.status()


def test_an_older_engine_makes_way(home: Path, tmp_path: Path) -> None:
    assert status_of(other_version(tmp_path / "older", "0.0.1")) == {"version": "0.0.1"}
    pid = engine_pid()
    assert is_engine(pid)
    workspace = Workspace.open([tmp_path])
    assert workspace.status()["pid"] != pid
    workspace.close()


def test_where_no_socket_can_be_made_the_client_has_its_own_engine(tmp_path: Path) -> None:
    deep = tmp_path / ("long" * 15) / ("path" * 15)
    (tmp_path / "file").write_text("")
    with environment(RUNSPECT_HOME=str(deep), TMPDIR=str(tmp_path / "file")):
        first, second = Workspace.open([tmp_path]), Workspace.open([tmp_path])
        pids = {first.status()["pid"], second.status()["pid"]}
        assert len(pids) == 2
        assert "engine of its own" in first.note
        first.annotate([Op("run:a", "note", "seen by both")])
        until(lambda: bool(second.sql("SELECT 1 FROM ann").rows), "the other engine reads the journal")
        first.close()
        second.close()
        until(lambda: not any(is_engine(pid) for pid in pids), "both engines leave with their clients")


def test_an_engine_that_cannot_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "broken" / "runspect" / "engine"
    broken.mkdir(parents=True)
    (broken.parent / "__init__.py").write_text("")
    (broken / "__init__.py").write_text("")
    (broken / "__main__.py").write_text("raise SystemExit('the library is broken')")
    monkeypatch.setattr("runspect.workspace.starting.START_DEADLINE_S", 1.0)
    with environment(PYTHONPATH=str(tmp_path / "broken")):
        workspace = Workspace.open([tmp_path])
        with pytest.raises(EngineError, match="the library is broken"):
            workspace.status()
        workspace.close()


def test_a_stopped_client_does_not_hold_up_the_others(workspace: Workspace) -> None:
    """A screen under ctrl+z reads nothing; news for the others go on."""
    workspace.status()
    script = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom runspect.workspace import Workspace\n"
        "w = Workspace.open([Path('.')])\nw.watch()\nprint('watching', flush=True)\nsys.stdin.read()\n"
    )
    stopped = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert stopped.stdout is not None
    assert stopped.stdout.readline() == "watching\n"
    stopped.send_signal(signal.SIGSTOP)
    begun = time.monotonic()
    for number in range(20):
        workspace.annotate([Op("run:a", f"tag:{number}", True)])
    assert time.monotonic() - begun < 10
    stopped.kill()
    stopped.communicate()


def test_calls_from_many_threads_are_answered_each_with_its_own(workspace: Workspace) -> None:
    wrong: list[object] = []

    def ask(number: int) -> None:
        for turn in range(10):
            value = number * 100 + turn
            if workspace.sql(f"SELECT {value}").rows != ((value,),):
                wrong.append(value)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_request_is_cancelled_when_its_client_goes(home: Path, tmp_path: Path) -> None:
    endless = "SELECT count(*) FROM range(100000000) a(i), range(100000000) b(j) WHERE i * j = 7"
    script = (
        "import threading\nfrom pathlib import Path\nfrom runspect.workspace import Workspace\nimport os\n"
        f"w = Workspace.open([Path('.')])\nw.status()\n"
        f"threading.Thread(target=lambda: w.sql({endless!r}), daemon=True).start()\n"
        "print(w.status()['pid'], flush=True)\nimport time\ntime.sleep(0.3)\nos._exit(0)\n"
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "RUNSPECT_ENGINE_IDLE_S": "0.2"}
    ran = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True, timeout=60)
    pid = int(ran.stdout)
    until(lambda: not is_engine(pid), "the engine leaves, its endless statement interrupted", 15)
    assert "Traceback" not in place().log.read_text()


@pytest.mark.parametrize(
    ("older", "newer"), [("0.9", "0.10"), ("0.1", "0.1.1"), ("1.0", "2"), ("", "0.1"), ("0.1.0", "1.0rc1")]
)
def test_versions_compare_as_numbers(older: str, newer: str) -> None:
    assert numbers(older) < numbers(newer)


def test_versions_that_differ_in_zeros_alone_are_equal() -> None:
    assert numbers("1.0.0") == numbers("1") == numbers("1.0.dev3")


def test_a_home_on_a_long_path_works(tmp_path: Path) -> None:
    with environment(RUNSPECT_HOME=str(tmp_path / ("long" * 15) / ("path" * 15)), TMPDIR=str(tmp_path)):
        assert len(str(place_module.places(os.environ)[0].socket)) < 108
        workspace = Workspace.open([tmp_path])
        assert workspace.status()["note"] == ""
        workspace.stop_engine()
        workspace.close()


def test_a_client_may_want_polling_of_an_engine_that_runs_already(tmp_path: Path) -> None:
    def modes(client: Workspace) -> dict[str, str]:
        return {Path(str(root["root"])).name: str(root["mode"]) for root in client.roots()}

    for name in ("heard", "asked"):
        (tmp_path / name).mkdir()
    hearing = Workspace.open([tmp_path / "heard"])
    hearing.watch()
    until(lambda: modes(hearing) == {"heard": "inotify"}, "events")
    with environment(RUNSPECT_WATCH="poll"):
        polling = Workspace.open([tmp_path / "asked"])
    polling.watch()
    until(lambda: modes(hearing) == {"heard": "inotify", "asked": "polling 2 s"}, "one of each")
    polling.close()
    also = Workspace.open([tmp_path / "asked"])
    also.watch()
    until(lambda: modes(hearing) == {"heard": "inotify", "asked": "inotify"}, "events for both")
    also.stop_engine()
    also.close()
    hearing.close()
