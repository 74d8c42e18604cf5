"""The end of a run's console log; -f follows it."""

from __future__ import annotations

import argparse
import threading

from runspect.cli import output, scope
from runspect.cli.parser import count
from runspect.errors import NotFound
from runspect.model import LogPage, Push
from runspect.workspace import Workspace


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("run", metavar="RUN")
    parser.add_argument("-n", dest="lines", type=count, default=40, help="lines (default 40)")
    parser.add_argument("-f", "--follow", action="store_true", help="go on as the log grows, until ctrl+c")
    parser.add_argument("--file", help="which console log, if the run has several")
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Print the tail."""
    with scope.opened(args) as workspace:
        rid, _uid, name = workspace.resolve(args.run)
        page = workspace.tail(rid, file=args.file, lines=args.lines)
        if not page.path:
            raise NotFound(f"{name}: no console log was found among its files")
        _print(page, args)
        if args.follow:
            _follow(workspace, rid, page, args)
        elif page.pending and not args.json:
            output.write_line(page.pending)
    return 0


def _follow(workspace: Workspace, rid: int, page: LogPage, args: argparse.Namespace) -> None:
    # A console log changes without any change of the index, so this asks by the clock as well.
    changed = threading.Event()
    workspace.on_push = lambda push: changed.set() if _concerns(push, rid) else None
    workspace.watch()
    while True:
        changed.wait(0.5)
        changed.clear()
        page = workspace.tail(rid, file=page.path, offset=page.next_offset, lines=1000)
        if page.lines:
            _print(page, args)


def _concerns(push: Push, rid: int) -> bool:
    return push.everything or rid in push.rids


def _print(page: LogPage, args: argparse.Namespace) -> None:
    if args.json:
        output.write_json(
            {"path": page.path, "lines": list(page.lines), "next_offset": page.next_offset, "size": page.size}
        )
        return
    for line in page.lines:
        output.write_line(line)
