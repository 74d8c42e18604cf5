"""`runspect [DIR…]`: the screen, or a table where there is no terminal."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from runspect.cli import scope
from runspect.errors import UsageError

if TYPE_CHECKING:
    from runspect.tui.skeleton import Skeleton


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("directories", nargs="*", metavar="DIR")
    parser.add_argument("--query", default="", help="start with this filter")
    parser.add_argument("--sort", default="", help="start sorted by this column; -COLUMN for descending")
    parser.add_argument("--ascii", action="store_true", help="no braille, no block characters")
    parser.add_argument("--low-bandwidth", action="store_true", help="fewer repaints, no charts under the table")
    parser.add_argument("--no-color", action="store_true")
    parser.add_argument("--show-secrets", action="store_true")


def run(args: argparse.Namespace, skeleton: Skeleton | None = None) -> int:
    """Open the screen on the directories; without a terminal print the table instead."""
    directories = tuple(scope.existing(directory) for directory in args.directories) or known()
    if not can_draw():
        from runspect.cli import ls

        return ls.run(ls.defaults(directories, args.query, args.sort, args.show_secrets))
    from runspect.tui.environment import prepare

    prepare(no_color=args.no_color)
    from runspect.tui.app import run_screen
    from runspect.workspace import Workspace

    workspace = Workspace.open(directories)
    try:
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
