"""Reach the engine of this user and host: find it, or start one and wait for it."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from runspect import __version__
from runspect.dataclass import dataclass
from runspect.errors import EngineError
from runspect.place import Place, engine_place, places, prepare, take_lock
from runspect.protocol import numbers

START_DEADLINE_S = 15.0
FIRST_WAIT_S = 0.005
LONGEST_WAIT_S = 0.1
PRIVATE_DESCRIPTOR = 3
"""Where a private engine finds its end of the socket pair."""
PATIENCE_S = 4.0
HEIR_S = 10.0
"""How long older clients leave it to a newer one to start its engine."""
LOG_LINES = 5


@dataclass(frozen=True, slots=True)
class Reached:
    """A connection to an engine that has not yet said hello."""

    connection: socket.socket
    note: str = ""


def find(environ: Mapping[str, str]) -> socket.socket | None:
    """Connect to the engine that runs, or None when none does."""
    for place in places(environ):
        connection = _connect(place)
        if connection is not None:
            return connection
    return None


def reach(environ: Mapping[str, str], gave_up: Callable[[], bool]) -> Reached:
    """Connect to the engine; start one when none answers.

    Raises:
        EngineError: None could be started; the message ends with the last lines of its log.
    """
    deadline = time.monotonic() + START_DEADLINE_S
    connection = find(environ)
    if connection is not None:
        return Reached(connection)
    place = engine_place(environ)
    try:
        if not _can_bind(place):
            return _start_private(place, environ)
        return _start_shared(place, environ, deadline, gave_up)
    except OSError as error:
        raise EngineError(f"the engine could not be started in {place.directory}: {error}") from error


def _connect(place: Place) -> socket.socket | None:
    address = _published_socket(place)
    if address is None:
        return None
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(address)
    except OSError:
        connection.close()
        return None
    return connection


def _published_socket(place: Place) -> str | None:
    try:
        found = place.directory.lstat()
        if found.st_uid != os.getuid() or place.directory.is_symlink():
            return None
        published = json.loads(place.lock.read_bytes())
        return str(published["socket"]) if published["socket"] else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _heir_is_due(place: Place) -> bool:
    """Whether the last engine has just made way for a newer version: starting another of ours would only delay it."""
    try:
        heir = str(json.loads(place.lock.read_bytes())["heir"])
        age_s = time.time() - place.lock.stat().st_mtime
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return age_s < HEIR_S and numbers(heir) > numbers(__version__)


def _can_bind(place: Place) -> bool:
    try:
        prepare(place.socket.parent)
        probe = place.socket.with_name(f"{os.urandom(4).hex()}.sock")
        with socket.socket(socket.AF_UNIX) as trial:
            trial.bind(str(probe))
        probe.unlink()
    except (OSError, EngineError):
        return False
    return True


def _start_shared(place: Place, environ: Mapping[str, str], deadline: float, gave_up: Callable[[], bool]) -> Reached:
    log_start = _size(place.log)
    child: threading.Thread | None = None
    starter = _Starter(place.directory / "start.lock")
    wait = FIRST_WAIT_S
    patience = time.monotonic() + PATIENCE_S
    try:
        while time.monotonic() < deadline and not gave_up():
            connection = _connect(place)
            if connection is not None:
                return Reached(connection, place.note)
            if child is not None and not child.is_alive():
                child = None
                starter.release()
                # It lost an election, or cannot start at all: then the log says why, and the deadline ends this.
                wait = LONGEST_WAIT_S
            if _heir_is_due(place):
                time.sleep(LONGEST_WAIT_S)
                continue
            # Whoever should start it may have been stopped (ctrl+z): after a while each starts one, and one wins.
            if child is None and (starter.acquire() or time.monotonic() > patience):
                child = _spawn(place, environ)
            time.sleep(wait)
            wait = min(LONGEST_WAIT_S, wait * 1.5)
    finally:
        starter.release()
    raise EngineError(f"the engine did not start within {START_DEADLINE_S:.0f} s{_last_words(place.log, log_start)}")


def _start_private(place: Place, environ: Mapping[str, str]) -> Reached:
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    try:
        _spawn(place, environ, theirs.fileno())
    except OSError:
        ours.close()
        raise
    finally:
        theirs.close()
    return Reached(ours, f"no socket can be made in {place.socket.parent}; this screen has an engine of its own")


def _spawn(place: Place, environ: Mapping[str, str], connection: int | None = None) -> threading.Thread:
    """Start an engine; the thread that is returned ends when the engine does, so that it leaves no zombie."""
    arguments = [sys.executable, "-P", "-m", "runspect.engine", "--directory", str(place.directory)]
    arguments += ["--socket", str(place.socket), "--note", place.note]
    for directory in place.journal:
        arguments += ["--journal", str(directory)]
    log = os.open(place.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    actions: list[tuple[object, ...]] = [(os.POSIX_SPAWN_DUP2, log, 1), (os.POSIX_SPAWN_DUP2, log, 2)]
    if connection is not None:
        actions.append((os.POSIX_SPAWN_DUP2, connection, PRIVATE_DESCRIPTOR))
        arguments += ["--connection", str(PRIVATE_DESCRIPTOR)]
    actions.append((os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0))
    try:
        child = os.posix_spawn(sys.executable, arguments, _environment(environ), file_actions=actions, setsid=True)
    finally:
        os.close(log)
    reaper = threading.Thread(target=os.waitpid, args=(child, 0), name="runspect-reaper", daemon=True)
    reaper.start()
    return reaper


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    # The engine leaves the current directory, which may be on a disk that is to be unmounted.
    found = dict(environ)
    if found.get("PYTHONPATH"):
        parts = found["PYTHONPATH"].split(os.pathsep)
        found["PYTHONPATH"] = os.pathsep.join(str(Path(part).absolute()) for part in parts)
    # glibc keeps what was freed for each of eight arenas a core: 15 MB after a large tree
    found.setdefault("MALLOC_ARENA_MAX", "2")
    return found


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _last_words(log: Path, start: int) -> str:
    try:
        with log.open("rb") as file:
            file.seek(start if start <= _size(log) else 0)
            lines = file.read().decode(errors="replace").strip().splitlines()[-LOG_LINES:]
    except OSError:
        lines = []
    return "; its log ends: " + " | ".join(lines) if lines else f"; its log {log} says nothing"


class _Starter:
    """Of many clients that find no engine, the one that holds this lock starts it; the others wait."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        if self._descriptor is None:
            self._descriptor = take_lock(self._path)
        return self._descriptor is not None

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
