"""Size and place of the index. It is only a cache: --clear empties it, and nothing is lost."""

from __future__ import annotations

import argparse

from runspect.cli import output
from runspect.errors import EngineError
from runspect.place import engine_place
from runspect.workspace import Workspace


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--clear", action="store_true", help="stop the engine and delete the index; annotations stay")
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Show or empty the cache."""
    place = engine_place()
    if args.clear:
        _stop_engine()
    files = sorted(path for path in place.directory.glob("index.duckdb*") if path.is_file())
    size = sum(path.stat().st_size for path in files)
    if args.clear:
        for path in files:
            path.unlink(missing_ok=True)
    if args.json:
        output.write_json(
            {"directory": str(place.directory), "bytes": 0 if args.clear else size, "cleared": args.clear}
        )
    elif args.clear:
        output.narrate(f"deleted {size / 1e6:,.1f} MB from {place.directory}; the next command indexes anew")
    else:
        output.write_line(f"{place.directory}  {size / 1e6:,.1f} MB")
    return 0


def _stop_engine() -> None:
    try:
        workspace = Workspace.open((), start=False)
    except EngineError:
        return
    try:
        workspace.stop_engine()
    finally:
        workspace.close()
