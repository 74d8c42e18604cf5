"""What a query means: in words, and as the SQL that it is made into.

runspect query explain -C ~/exp 'train/loss < val/loss * 0.5 and started >= monday'
"""

from __future__ import annotations

import argparse

from runspect.cli import output, scope
from runspect.masking import printable


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("query", nargs="*", metavar="explain QUERY", help="the word `explain` may be left out")
    parser.add_argument("--json", action="store_true", help="query, words, sql and params")


def run(args: argparse.Namespace) -> int:
    """Print it."""
    with scope.opened(args) as workspace:
        words = args.query[1:] if args.query[:1] == ["explain"] else args.query
        found = workspace.explain(" ".join(words))
    if args.json:
        output.write_json(found)
        return 0
    for line in found["words"]:
        output.write_line(printable(line))
    output.write_line()
    output.write_line(found["sql"])
    output.write_line()
    for number, value in enumerate(found["params"], start=1):
        output.write_line(f"{number:>3}  {printable(str(value))}")
    return 0
