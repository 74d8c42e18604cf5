"""Start and stop the demo: a temporary directory with the bundled history and a training that really runs.

    playground = demo.start()
    try:
        ...                      # RUNSPECT_HOME=playground.home, explore playground.directory
    finally:
        playground.stop()

Nothing stays behind, however this process ends: a keeper in a session of its own waits for the end of a pipe that
only this process holds open. `stop`, `q`, ctrl+c, SIGTERM, SIGHUP and `kill -9` all close it; the keeper then ends the
training and the demo's engine and removes the directory.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from runspect.demo.history import copy_history

PATIENCE_S = 15.0
"""How long `stop` waits for the keeper to tidy up before it does so itself."""


class Demo:
    """A demo that is under way; mutable."""

    def __init__(self, place: Path, keeper: subprocess.Popen[bytes], pipe: int) -> None:
        self._place = place
        self._keeper = keeper
        self._pipe: int | None = pipe

    @property
    def directory(self) -> Path:
        """What to explore: the history and the running training."""
        return self._place / "runs"

    @property
    def home(self) -> Path:
        """The demo's own RUNSPECT_HOME: its index and annotations, apart from the user's."""
        return self._place / "home"

    @property
    def training(self) -> Path:
        """Directory of the run that is being trained."""
        return self.directory / TRAINING

    def stop(self) -> None:
        """End the training and the demo's engine and remove the directory. Later calls do nothing."""
        if self._pipe is None:
            return
        os.close(self._pipe)
        self._pipe = None
        try:
            self._keeper.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._keeper.kill()
            self._keeper.wait()
        shutil.rmtree(self._place, ignore_errors=True)

    def __enter__(self) -> Demo:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


TRAINING = "spirals/mlp-adam-s3"


def start(parent: Path | None = None, *, seconds: float = 90.0) -> Demo:
    """Begin a demo in a fresh directory below `parent` (the system's temporary directory).

    Args:
        parent: Where to make the directory.
        seconds: How long the training takes.

    Raises:
        OSError: The directory cannot be made or filled.
    """
    place = Path(tempfile.mkdtemp(prefix="runspect-demo-", dir=parent)).resolve()
    reading, writing = os.pipe()
    try:
        keeper = _start_keeper(place, reading, ("--seconds", str(seconds)))
    except OSError:
        os.close(writing)
        shutil.rmtree(place, ignore_errors=True)
        raise
    finally:
        os.close(reading)
    demo = Demo(place, keeper, writing)
    try:
        demo.home.mkdir(mode=0o700)
        copy_history(demo.directory, time.time())
    except OSError:
        demo.stop()
        raise
    return demo


def _start_keeper(place: Path, pipe: int, options: Sequence[str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-m", "runspect.demo.keeper", str(place), TRAINING, str(pipe), *options]
    environment = {**os.environ, "RUNSPECT_HOME": str(place / "home")}
    if environment.get("PYTHONPATH"):
        parts = environment["PYTHONPATH"].split(os.pathsep)
        environment["PYTHONPATH"] = os.pathsep.join(str(Path(part).absolute()) for part in parts)
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(pipe,),
        start_new_session=True,  # keys and hang-ups of the terminal do not reach it
        cwd="/",
        env=environment,
    )
