"""Open the screen on a bundled history of runs and a small training that really runs. Nothing is left behind."""

from __future__ import annotations

import argparse
import os

from runspect.cli import screen
from runspect.errors import UsageError


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--ascii", action="store_true", help="no braille, no block characters")
    parser.add_argument("--low-bandwidth", action="store_true")
    parser.add_argument("--no-color", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Open the screen on the demo; its directory, engine and training end with it."""
    if not screen.can_draw():
        raise UsageError("the demo needs a terminal; 'runspect ls -C DIR' works without one")
    from runspect.tui.environment import prepare

    prepare(no_color=args.no_color)
    from runspect import demo
    from runspect.tui.app import run_screen
    from runspect.workspace import Workspace

    playground = demo.start()
    try:
        os.environ["RUNSPECT_HOME"] = str(playground.home)
        workspace = Workspace.open((playground.directory,))
        try:
            return run_screen(workspace, ascii_only=args.ascii, low_bandwidth=args.low_bandwidth)
        finally:
            workspace.stop_engine()
            workspace.close()
    finally:
        playground.stop()
