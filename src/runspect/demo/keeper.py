"""Runs the demo's training and, once the demo's parent is gone, tidies up everything that the demo made.

`python -m runspect.demo.keeper PLACE TRAINING PIPE [options of the trainer]`, with RUNSPECT_HOME set to the demo's own:
PIPE is the reading end of a pipe that the parent holds open and never writes to.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

GRACE_S = 3.0
"""How long the training and the engine get to leave by themselves."""


def keep(place: Path, training: str, pipe: int, options: Sequence[str]) -> None:
    """Train, wait for the end of the pipe, then leave nothing behind."""
    command = [sys.executable, "-P", "-m", "runspect.demo.trainer", str(place / "runs" / training)]
    command += ["--name", training.rpartition("/")[2], "--parent-fd", str(pipe), *options]
    quiet = subprocess.DEVNULL
    # such small matrices gain nothing from several threads, and the other cores belong to whoever looks
    alone = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    trainer = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, pass_fds=(pipe,), cwd=place, env=alone)
    try:
        select.select([pipe], [], [])
    finally:
        _end(trainer)
        end_engine(GRACE_S)
        remove(place)


def end_engine(patience_s: float) -> None:
    """Stop the engine of this RUNSPECT_HOME, if there is one, and wait until its process is gone."""
    from runspect.place import places

    for own in places(os.environ):
        for number in (signal.SIGTERM, signal.SIGKILL):
            pid = _holder(own.lock)
            if pid is None:
                break
            os.kill(pid, number)
            _gone(pid, patience_s)


def remove(place: Path) -> None:
    """Remove the demo's directory, and what its engine kept elsewhere because `place` could not hold it."""
    from runspect.place import places

    for own in places(os.environ):
        own.socket.unlink(missing_ok=True)
        if not own.directory.is_relative_to(place):
            shutil.rmtree(own.directory, ignore_errors=True)
    shutil.rmtree(place, ignore_errors=True)


def _holder(lock: Path) -> int | None:
    """The process that holds an engine's lock; None when nobody does, whatever the file says."""
    try:
        with lock.open("rb") as file:
            text = file.read()
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return int(json.loads(text)["pid"]) if text else None
    except OSError:
        pass
    return None


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _gone(pid: int, patience_s: float) -> bool:
    """Wait until no process has this id."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    except (AttributeError, OSError):  # not Linux 5.3 or newer
        return _gone_by_asking(pid, patience_s)
    try:
        ready, _, _ = select.select([descriptor], [], [], patience_s)
    finally:
        os.close(descriptor)
    return bool(ready)


def _gone_by_asking(pid: int, patience_s: float) -> bool:
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def main(arguments: Sequence[str]) -> int:
    """Keep the demo named on the command line; a polite signal ends it as the pipe does."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _leave)
    place, training, pipe, *options = arguments
    keep(Path(place), training, int(pipe), options)
    return 0


def _leave(number: int, frame: object) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
