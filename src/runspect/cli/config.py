"""The settings in effect and where each comes from; `--init` writes a commented file to begin with."""

from __future__ import annotations

import argparse
import json
import os

from runspect import settings
from runspect.cli import output
from runspect.errors import UsageError

ENVIRONMENT = ("RUNSPECT_HOME", "RUNSPECT_WATCH", "RUNSPECT_NICE", "RUNSPECT_ENGINE_IDLE_S", "NO_COLOR")
"""Variables that change what runspect does."""
UNSET = {
    "columns": "what varies, and the main metrics",
    "ignore": "nothing",
    "mouse": "on, but off over SSH",
    "ascii": "by the terminal's encoding",
    "bars": "off",
    "theme": "dark",
    "low_bandwidth": "off",
    "line_diff": "on",
}
"""What a setting comes to where nobody set it."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--path", action="store_true", help="only say where the file is, or would be")
    parser.add_argument("--init", action="store_true", help="write the file, all of it commented out, if there is none")


def run(args: argparse.Namespace) -> int:
    """Print the settings, each with its place.

    Raises:
        UsageError: The file is not understood; or there is one already and a new one is asked for.
    """
    path = settings.settings_path(os.environ)
    if args.init:
        _init()
    if args.path or args.init:
        output.write_line(str(path))
        return 0
    # the ids of commands come with Textual; nothing else of the screen is loaded
    from runspect.tui.commands import BY_ID

    rows = [(each.key, each.value, each.where) for each in settings.origins(os.environ, BY_ID)]
    rows += [(name, os.environ[name], "environment") for name in ENVIRONMENT if name in os.environ]
    if args.json:
        output.write_json([{"key": key, "value": value, "from": where} for key, value, where in rows])
        return 0
    shown = [
        (key, UNSET.get(key, "-") if value in (None, []) else json.dumps(value, ensure_ascii=False))
        for key, value, _ in rows
    ]
    widths = max(len(key) for key, _ in shown), min(max(len(value) for _, value in shown), 60)
    for (key, value), (_, _, where) in zip(shown, rows, strict=True):
        output.write_line(f"{key:<{widths[0]}}  {value:<{widths[1]}}  {where}")
    if not path.exists():
        output.narrate(f"there is no {path}; `runspect config --init` writes one to begin with")
    return 0


def _init() -> None:
    path = settings.settings_path(os.environ)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(settings.example())
    except FileExistsError:
        raise UsageError(f"{path} is there already; it was left alone") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error
