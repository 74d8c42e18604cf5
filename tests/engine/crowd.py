"""Tools of the engine's tests: clients, other versions of runspect, and the ways an engine dies."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import runspect
from runspect.place import Place, places

DEADLINE_S = 30.0
SOURCE = Path(runspect.__file__).parent


def until(condition: Callable[[], bool], what: str, deadline_s: float = DEADLINE_S) -> None:
    """Poll a condition; fail with `what` when it does not come true."""
    end = time.monotonic() + deadline_s
    tick = threading.Event()
    while not condition():
        assert time.monotonic() < end, f"not within {deadline_s} s: {what}"
        tick.wait(0.01)


def place() -> Place:
    """Where this test's engine lives."""
    return places(os.environ)[0]


def engine_pid() -> int | None:
    """The process id that the last engine published; None when there never was one."""
    try:
        return int(json.loads(place().lock.read_bytes())["pid"])
    except (OSError, ValueError, KeyError):
        return None


def is_engine(pid: int | None) -> bool:
    """Whether the process is an engine that still runs (a zombie does not)."""
    if pid is None:
        return False
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return b"runspect.engine" in words


def kill_engine() -> int | None:
    """`kill -9` the engine, if one runs; returns the process that was killed."""
    pid = engine_pid()
    if not is_engine(pid):
        return None
    assert pid is not None
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return None
    return pid


def other_version(directory: Path, version: str) -> dict[str, str]:
    """The environment in which Python finds a copy of runspect that calls itself `version`."""
    if not directory.exists():
        shutil.copytree(SOURCE, directory / "runspect", ignore=shutil.ignore_patterns("__pycache__", "history"))
        (directory / "runspect" / "__init__.py").write_text(f'"""Another version."""\n\n__version__ = "{version}"\n')
    return {**os.environ, "PYTHONPATH": str(directory)}


STATUS = """
import json, sys
from pathlib import Path
from runspect.errors import RunspectError
from runspect.workspace import Workspace
workspace = Workspace.open([Path(part) for part in sys.argv[1:]])
try:
    print(json.dumps({"version": workspace.status()["version"]}))
except RunspectError as error:
    print(json.dumps({"error": type(error).__name__, "message": str(error)}))
workspace.close()
"""


def status_of(environment: dict[str, str]) -> dict[str, str]:
    """What a client in another environment learns of the engine: its version, or its error."""
    found = subprocess.run([sys.executable, "-c", STATUS], env=environment, capture_output=True, text=True, timeout=60)
    assert found.returncode == 0, found.stderr
    answer: dict[str, str] = json.loads(found.stdout)
    return answer


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """Environment variables for the body alone."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
