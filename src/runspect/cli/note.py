"""Write the note of a run; without a text, show it. `-` reads the text from stdin."""

from __future__ import annotations

import argparse
import sys

from runspect.cli import marking, output, scope


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    marking.add_runs(parser)
    parser.add_argument("words", nargs="*", metavar="RUN TEXT", help="a run and the note; with --query the note alone")
    parser.add_argument("--append", action="store_true", help="put the text behind the note that is there")
    parser.add_argument("--clear", action="store_true", help="remove the note")


def run(args: argparse.Namespace) -> int:
    """Write or show the note."""
    runs, words = ([], args.words) if args.query is not None else (args.words[:1], args.words[1:])
    text = sys.stdin.read().strip() if words == ["-"] else " ".join(words)
    if args.clear:
        return marking.change(args, runs, lambda: {"note": None}, "cleared the note of")
    if text and args.append:
        with scope.opened(args) as workspace:
            found = marking.targets(workspace, runs, args.query)
            before = [workspace.run(target.rid)["note"] for target in found]
            keys = [{"note": f"{note}\n{text}" if note else text} for note in before]
            marking.write(workspace, args, found, keys, "noted")
        return 0
    if text:
        return marking.change(args, runs, lambda: {"note": text}, "noted")
    with scope.opened(args) as workspace:
        notes = [workspace.run(target.rid) for target in marking.targets(workspace, runs, args.query)]
    if args.json:
        output.write_json([{"uid": run["uid"], "name": run["name"], "note": run["note"]} for run in notes])
    else:
        for each in notes:
            output.write_line(each["note"] or "")
    return 0
