"""`runspect [DIR…]`: the screen, or a table where there is no terminal."""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from runspect.cli import scope
from runspect.errors import NotFound, RunspectError, UsageError

if TYPE_CHECKING:
    from runspect.tui.skeleton import Skeleton
    from runspect.workspace import Workspace

SWITCH_S = 0.001
"""An answer that is being read does not keep the interpreter longer than this from a key."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("directories", nargs="*", metavar="DIR")
    parser.add_argument("--query", default="", help="start with this filter")
    parser.add_argument(
        "--sort", default="", help="start sorted by these columns, commas between; -COLUMN for descending"
    )
    parser.add_argument("--ascii", action="store_true", help="no braille, no block characters")
    parser.add_argument("--low-bandwidth", action="store_true", help="fewer repaints, no charts under the table")
    parser.add_argument("--no-color", action="store_true")
    parser.add_argument("--show-secrets", action="store_true")


def run(args: argparse.Namespace, skeleton: Skeleton | None = None) -> int:
    """Open the screen on the directories; without a terminal print the table instead."""
    directories = tuple(_there(directory) for directory in args.directories) or known()
    if not can_draw():
        from runspect.cli import ls

        return ls.run(ls.defaults(directories, args.query, args.sort, args.show_secrets))
    from runspect.settings import load_settings
    from runspect.tui.environment import prepare

    load_settings(os.environ)  # its faults are told before anything is started
    prepare(no_color=args.no_color)
    from runspect.workspace import Workspace

    workspace = Workspace.open(directories)
    try:
        run_screen = _screen_loaded(workspace, was_there=skeleton is not None and skeleton.shows_rows)
        return run_screen(
            workspace,
            query=args.query,
            sort=args.sort,
            ascii_only=args.ascii,
            low_bandwidth=args.low_bandwidth,
            show_secrets=args.show_secrets,
            directories=[os.fspath(scope.existing(directory)) for directory in args.directories],
            skeleton=skeleton,
        )
    finally:
        workspace.close()


def _there(directory: str) -> Path:
    """The directory; a word that is none may be a command with a slip in it."""
    try:
        return scope.existing(directory)
    except NotFound as error:
        import difflib

        from runspect.cli.commands import COMMANDS

        if close := difflib.get_close_matches(directory, COMMANDS, n=1):
            raise NotFound(f"{error}, and no such command; did you mean 'runspect {close[0]}'?") from error
        raise


def _screen_loaded(workspace: Workspace, *, was_there: bool) -> Callable[..., int]:
    """Import the screen while the engine starts, loads its index and finds what the first rows need."""
    ahead = threading.Thread(target=_ask_ahead, args=(workspace, was_there), name="runspect-ahead", daemon=True)
    ahead.start()
    sys.setswitchinterval(SWITCH_S)
    gc.disable()  # the import makes only what stays
    from runspect.tui.spare_imports import left_out

    try:
        with left_out():
            from runspect.tui.app import run_screen
            from runspect.tui.widgets.chart_drawing import load_drawing
    finally:
        gc.freeze()
        gc.enable()
    if ahead.is_alive():  # the engine still starts: there is time for what the first curves need
        threading.Thread(target=load_drawing, name="runspect-drawing", daemon=True).start()
    return run_screen


def _ask_ahead(workspace: Workspace, was_there: bool) -> None:
    """The first questions of the screen: the engine keeps the answers.

    Where there was a screen before, the first rows come in its columns: to find out which are usual now takes longer.
    """
    with contextlib.suppress(RunspectError):
        workspace.order()
        if was_there:
            workspace.complete("", 0)  # for the names that the columns may have
        else:
            workspace.choices()


def can_draw() -> bool:
    """Whether a screen can be drawn: stdin, stdout and stderr are terminals that understand cursor movement."""
    streams = (sys.stdin, sys.stdout, sys.stderr)
    return all(stream.isatty() for stream in streams) and os.environ.get("TERM", "dumb") not in ("dumb", "")


def known() -> tuple[Path, ...]:
    """All known roots that are there, for when no directory was named.

    Raises:
        UsageError: Nothing is known yet; the message says how to begin.
    """
    from runspect.workspace import Workspace

    workspace = Workspace.open(())
    try:
        roots = tuple(Path(str(root["root"])) for root in workspace.roots())
    finally:
        workspace.close()
    if not roots:
        raise UsageError("no directory of runs is known yet: begin with 'runspect DIR', or see 'runspect demo'")
    return tuple(root for root in roots if root.is_dir()) or roots
