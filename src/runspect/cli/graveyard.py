"""Runs that ended badly, by cause: how many, the hours they took, the reasons, the last one, and whether it gets more.

runspect graveyard -C ~/exp 'started > 30d'

Failed, crashed and killed runs, and those that ended with a loss of NaN. The cause is the column `cause`, so that
`runspect ls 'cause = "out of memory"'` lists the runs of a line. Reasons are told without numbers, paths and addresses.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping
from typing import Any

from runspect.cli import output, scope
from runspect.cli.parser import positive
from runspect.cli.table import plain_table
from runspect.columns.cells import moment_text
from runspect.counted import counted
from runspect.masking import printable
from runspect.practice.history_words import TRENDS, bars_text, cause_text, hours_text
from runspect.practice.lengths import length_text


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("query", nargs="*", metavar="QUERY", help="the runs to look at; all without one")
    parser.add_argument(
        "--weeks", type=positive, default=12, metavar="N", help="weeks of the trend, up to that of the newest one (12)"
    )
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Print the causes; exit code 1 when no run ended badly."""
    with scope.opened(args) as workspace:
        found = workspace.graveyard(" ".join(args.query), args.weeks, args.show_secrets)
    if args.json:
        output.write_json(plain(found))
    else:
        for line in as_text(found, output.terminal_width(), time.time()):
            output.write_line(line)
    return 0 if found["failed"] else 1


def plain(found: Mapping[str, Any]) -> dict[str, Any]:
    """For `--json`: without the numbers that runs have in the index."""
    return {
        **found,
        "causes": [
            {**each, "last": {key: value for key, value in each["last"].items() if key != "rid"}}
            for each in found["causes"]
        ],
    }


def as_text(found: Mapping[str, Any], total: int, now: float) -> Iterator[str]:
    """Lines for people: a cause a line, its reasons and its last run below."""
    if not found["runs"]:
        yield "no run matches"
        return
    if not found["failed"]:
        yield f"none of {counted(found['runs'])} ended badly"
        return
    yield (
        f"{found['failed']:,} of {counted(found['runs'])} ended badly, after {length_text(3600 * found['hours'])} together"
        f"; weeks up to {found['weeks'][-1]}" if found["weeks"] else f"{found['failed']:,} of {counted(found['runs'])} ended badly"
    )  # fmt: skip
    titles = ("runs", "took", "cause", "weeks", "trend", "last")
    rows = [_row(each, now) for each in found["causes"]]
    for place, line in enumerate(plain_table(titles, rows, total, frozenset((0, 1)))):
        yield line
        if place:
            each = found["causes"][place - 1]
            for reason in each["reasons"]:
                many = f"{reason['runs']:,} × " if len(each["reasons"]) > 1 else ""
                yield f"      {many}{printable(reason['text'])}"[:total]


def _row(each: Mapping[str, Any], now: float) -> list[str]:
    last = each["last"]
    when = moment_text(last["ended"], now) if last["ended"] else ""
    return [
        f"{each['runs']:,}", hours_text(each), cause_text(each["cause"]), bars_text(each["per_week"]),
        TRENDS[each["trend"]], f"{printable(last['name'])} {when}".strip(),
    ]  # fmt: skip
