"""Run a command and record it: code, packages, machine, console, metrics, how it ended. It runs as it would without.

    runspect record -n lr-3e-4 --hypothesis "a lower rate is calmer" -- python train.py --lr 3e-4

Everything behind the options is the command, with or without `--` before it. Terminal, stdin, signals, process group and
exit code are those of the command. The record is a directory below ./runs, $RUNSPECT_RUNS or what the policy says.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from runspect.errors import UsageError


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.usage = "%(prog)s [options] [--] COMMAND ..."
    named = parser.add_mutually_exclusive_group()
    named.add_argument(
        "-n", "--name", default="", help="the run's name (default: the policy's pattern, else PROGRAM-DATE-N)"
    )
    named.add_argument(
        "--name-from-policy",
        action="store_true",
        help="the name must come from [naming] pattern, or nothing is started",
    )
    parser.add_argument(
        "--hypothesis", default="", metavar="TEXT|ID", help="what the run is to show (default: $RUNSPECT_HYPOTHESIS)"
    )
    parser.add_argument("--note", default="", metavar="TEXT", help="its note")
    parser.add_argument(
        "-t", "--tag", action="append", default=[], dest="tags", metavar="TAG", help="a tag (repeatable)"
    )
    parser.add_argument("--project", default="", help="the project it belongs to")
    parser.add_argument(
        "--data",
        action="append",
        default=[],
        metavar="PATH",
        help="data to be digested: a file or directory (repeatable)",
    )
    parser.add_argument("--runs", default="", metavar="DIR", help="where records are made")
    parser.add_argument("-q", "--quiet", action="store_true", help="do not say where the record is")
    parser.add_argument("--json", action="store_true", help="say it at the end, as one JSON object on stderr")


def parse_command(parser: argparse.ArgumentParser, words: Sequence[str]) -> argparse.Namespace:
    """The options up to the command, and the command as it is: none of its words is looked at."""
    at = command_at(parser, words)
    args = parser.parse_args(list(words[:at]))
    args.command = list(words[at + 1 :] if words[at : at + 1] == ["--"] else words[at:])
    if not args.command:
        parser.error("no command: say 'runspect record [options] -- COMMAND ...'")
    return args


def run(args: argparse.Namespace) -> int:
    """Record the command; returns its exit code."""
    import os

    from runspect.recorder.launch.front import launch
    from runspect.recorder.launch.plan import Plan
    from runspect.recorder.layout import HYPOTHESIS

    hypothesis = args.hypothesis or os.environ.get(HYPOTHESIS, "").strip()
    for text in (args.name, hypothesis, args.note, args.project, *args.tags):
        if "\0" in text:
            raise UsageError("a text holds a NUL character")
    return launch(
        Plan(
            args.command, name=args.name, name_from_policy=args.name_from_policy, hypothesis=hypothesis,
            tags=args.tags, note=args.note, project=args.project, data=args.data, runs=args.runs, quiet=args.quiet,
            as_json=args.json,
        )
    )  # fmt: skip


def command_at(parser: argparse.ArgumentParser, words: Sequence[str]) -> int:
    """Where the options end: at `--` or at the first word that is neither an option nor the value of one."""
    takes = {name for action in parser._actions for name in action.option_strings if action.nargs is None}
    at = 0
    while at < len(words):
        word = words[at]
        if word == "--" or not word.startswith("-") or word == "-":
            return at
        at += 2 if word in takes else 1
    return len(words)
