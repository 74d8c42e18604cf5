"""Write the note of a run; without a text, show it. `-` reads the text from stdin."""

from __future__ import annotations

import argparse
import sys

from runspect.cli import marking, output, scope


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    marking.add_runs(parser)
    parser.add_argument("words", nargs="*", metavar="RUN TEXT", help="a run and the note; with --query the note alone")
    parser.add_argument("--clear", action="store_true", help="remove the note")


def run(args: argparse.Namespace) -> int:
    """Write or show the note."""
    runs, words = ([], args.words) if args.query is not None else (args.words[:1], args.words[1:])
    text = sys.stdin.read().strip() if words == ["-"] else " ".join(words)
    if args.clear:
        return marking.change(args, runs, lambda: {"note": None}, "cleared the note of")
    if text:
        return marking.change(args, runs, lambda: {"note": text}, "noted")
    with scope.opened(args) as workspace:
        notes = [workspace.run(uid) for uid in marking.targets(workspace, runs, args.query)]
    if args.json:
        output.write_json([{"uid": run["uid"], "name": run["name"], "note": run["note"]} for run in notes])
    else:
        for each in notes:
            output.write_line(each["note"] or "")
    return 0
