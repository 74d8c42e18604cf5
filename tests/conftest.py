"""What all tests share: a home of their own, so that no test touches the user's index or annotations."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

# No deadline for a single example: the machine may be busy.
hypothesis.settings.register_profile("runspect", deadline=None)
hypothesis.settings.load_profile("runspect")

FIXTURES = Path(__file__).parent / "fixtures"
DAY_S = 86_400.0


def pytest_configure(config: pytest.Config) -> None:
    """Once, before any worker starts: the fixtures of a fresh clone are a day old.

    Else their runs without an end mark are alive when the first test looks at them, and silent when the last one does.
    """
    if hasattr(config, "workerinput"):
        return
    now = time.time()
    for file in FIXTURES.rglob("*"):
        written = file.stat().st_mtime
        if now - written < DAY_S:
            os.utime(file, (written - DAY_S, written - DAY_S))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A fresh RUNSPECT_HOME; an engine that a test started there is stopped with it."""
    directory = tmp_path / "home"
    monkeypatch.setenv("RUNSPECT_HOME", str(directory))
    monkeypatch.setenv("RUNSPECT_ENGINE_IDLE_S", "5")
    yield directory
    if directory.exists():
        _stop_engine()


def _stop_engine() -> None:
    from runspect.errors import EngineError
    from runspect.workspace import Workspace

    try:
        workspace = Workspace.open((), start=False)
    except EngineError:
        return
    try:
        workspace.stop_engine()
    finally:
        workspace.close()


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The logs that the real tools wrote, each directory with its truth.json; tests that need it skip without."""
    return _directory("RUNSPECT_CORPUS")


@pytest.fixture(scope="session")
def real_logs() -> Path:
    """Run logs that people committed to public repositories; tests that need them skip without."""
    return _directory("RUNSPECT_REAL")


def _directory(variable: str) -> Path:
    place = os.environ.get(variable)
    if not place or not Path(place).is_dir():
        pytest.skip(f"${variable} names no directory")
    return Path(place)
