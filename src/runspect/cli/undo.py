"""Take back the last annotation made on the command line; --redo makes it again."""

from __future__ import annotations

import argparse

from runspect.cli import output, scope


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("--redo", action="store_true")
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Undo or redo; exit code 1 when there is nothing to take back."""
    with scope.opened(args) as workspace:
        text = workspace.redo() if args.redo else workspace.undo()
    if args.json:
        output.write_json({"text": text or None})
    else:
        output.narrate(text or f"nothing to {'redo' if args.redo else 'undo'}")
    return 0 if text else 1
