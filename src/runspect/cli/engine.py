"""The background engine: `runspect engine status`, `stop` or `log`. It starts by itself and leaves when unused."""

from __future__ import annotations

import argparse
from pathlib import Path

from runspect.cli import output
from runspect.cli.parser import count
from runspect.errors import EngineError
from runspect.workspace import Workspace


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("what", choices=("status", "stop", "log"))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("-n", dest="lines", type=count, default=40, help="lines of the log (default 40)")


def run(args: argparse.Namespace) -> int:
    """Ask the engine, without starting one; exit code 1 when none runs."""
    if args.what == "log":
        return _log(args.lines)
    try:
        workspace = Workspace.open((), start=False)
    except EngineError:
        output.write_json(None) if args.json else output.narrate("no engine is running")
        return 1
    try:
        if args.what == "stop":
            workspace.stop_engine()
            output.narrate("stopped")
            return 0
        status = workspace.status()
    finally:
        workspace.close()
    if args.json:
        output.write_json(status)
        return 0
    for key, value in status.items():
        output.write_line(f"{key:<12} {value}")
    return 0


def _log(lines: int) -> int:
    from runspect.place import engine_place

    path = Path(engine_place().log)
    if not path.exists():
        output.narrate("the engine has written no log yet")
        return 1
    for line in path.read_text(errors="replace").splitlines()[-lines:]:
        output.write_line(line)
    return 0
