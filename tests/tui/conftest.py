"""What the tests of the screen share: one engine, small trees of runs, the screen as text."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot

from runspect.errors import EngineError
from runspect.tui.app import RunspectApp
from runspect.tui.desk import Options
from runspect.tui.screens.main import MainScreen
from runspect.workspace import Workspace

DEADLINE_S = 20.0

ScreenText = Callable[[App[None]], str]
Until = Callable[[Pilot[None], Callable[[], bool]], Awaitable[None]]
OpenApp = Callable[..., RunspectApp]


@pytest.fixture(scope="session")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One RUNSPECT_HOME, and so one engine, for all tests of the screen."""
    directory = tmp_path_factory.mktemp("tui-home")
    yield directory
    os.environ["RUNSPECT_HOME"] = str(directory)
    try:
        workspace = Workspace.open((), start=False)
    except EngineError:
        return
    workspace.stop_engine()
    workspace.close()


@pytest.fixture(autouse=True)
def home(shared_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Instead of a home for each test: starting an engine takes longer than most of these tests."""
    monkeypatch.setenv("RUNSPECT_HOME", str(shared_home))
    return shared_home


def write_run(directory: Path, *, lr: float, losses: list[float], console: str = "", name: str = "") -> Path:
    """A run as plain tools write it: metrics.jsonl, config.json, perhaps a console log."""
    directory.mkdir(parents=True)
    rows = [{"step": step, "loss": loss, "acc": 1 - loss / 3} for step, loss in enumerate(losses)]
    (directory / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (directory / "config.json").write_text(json.dumps({"lr": lr, "opt": "adamw" if lr < 0.01 else "sgd", "depth": 18}))
    if console:
        (directory / "train.log").write_text(console)
    return directory


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Four runs: alpha, beta, gamma, delta."""
    root = tmp_path / "exp"
    for number, (name, lr) in enumerate((("alpha", 0.1), ("beta", 0.01), ("gamma", 0.001), ("delta", 0.0001)), 1):
        losses = [2.0 / (1 + step * number / 4) for step in range(20)]
        console = (
            "epoch 1 loss 2.0\nTraceback (most recent call last):\nValueError: no\nend\n" if name == "alpha" else ""
        )
        directory = write_run(root / name, lr=lr, losses=losses, console=console)
        for file in directory.iterdir():
            os.utime(file, (1_700_000_000 + number, 1_700_000_000 + number))
    return root


@pytest.fixture
def open_app() -> Iterator[OpenApp]:
    """Makes applications over real workspaces; they are closed at the end."""
    opened: list[Workspace] = []

    def make(*scope: Path, **options: object) -> RunspectApp:
        workspace = Workspace.open(scope)
        opened.append(workspace)
        return RunspectApp(workspace, Options(**options))  # type: ignore[arg-type]

    yield make
    for workspace in opened:
        workspace.close()


@pytest.fixture
def screen_text() -> ScreenText:
    """The screen as text, without blanks at the ends of lines."""

    def text(app: App[None]) -> str:
        strips = app.screen._compositor.render_strips()  # the only way to what is really shown
        return "\n".join(strip.text.rstrip() for strip in strips)

    return text


@pytest.fixture
def until() -> Until:
    """Waits until something holds, letting the application work; fails with the screen after a deadline."""

    async def wait(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while not holds():
            if time.monotonic() > deadline:
                strips = pilot.app.screen._compositor.render_strips()
                raise AssertionError("did not come about:\n" + "\n".join(strip.text.rstrip() for strip in strips))
            await pilot.pause(0.02)
        await pilot.pause()

    return wait


def main_screen(app: App[None]) -> MainScreen:
    """The screen of an application."""
    screen = app.screen
    assert isinstance(screen, MainScreen)
    return screen
