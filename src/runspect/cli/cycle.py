"""Is our cycle getting shorter? Week by week how long it takes from an idea to a result, and from the result to a verdict.

runspect cycle -C ~/exp
runspect cycle -C ~/exp --of commit --weeks 26 'project:resnet'

Exit code 0: shorter; 1: longer, no trend, or it cannot be told. The parts are: hypothesis (written down → first result),
commit (→ the first result on it), verdict (start → verdict), queue (submitted → started) and run (start → end). Of these the
first one that has enough to tell answers, unless --of names one; run only answers when it is named.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from typing import Any

from runspect.cli import output, scope
from runspect.cli.parser import positive
from runspect.cli.table import plain_table
from runspect.practice.history_words import bars_text
from runspect.practice.lengths import length_text

MEASURES = ("hypothesis", "commit", "verdict", "queue", "run")
"""As `practice.cycle.TITLES`, whose module takes NumPy."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("query", nargs="*", metavar="QUERY", help="the runs to look at; all without one")
    parser.add_argument("--of", choices=MEASURES, default="", help="which part answers")
    parser.add_argument(
        "--weeks", type=positive, default=12, metavar="N", help="so many weeks, up to that of the newest result (12)"
    )
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Print the answer and the weeks; exit code 0 when it gets shorter."""
    with scope.opened(args) as workspace:
        found = workspace.cycle(" ".join(args.query), args.weeks, args.of)
    if args.json:
        output.write_json(found)
    else:
        for line in as_text(found, output.terminal_width()):
            output.write_line(line)
    return 0 if found["answer"] == "shorter" else 1


def as_text(found: Mapping[str, Any], total: int) -> Iterator[str]:
    """Lines for people: the answer, each part in a sentence, and the weeks of the part that answers."""
    if not found["runs"]:
        yield "no run matches"
        return
    title = f"{found['title']}: " if found["title"] else ""
    yield f"{title}{found['sentence']}"
    told = [each for each in found["measures"] if each["n"]]
    if told:
        yield ""
        titles = ("", "n", "median", "90 %", "weeks", "")
        rows = [
            [each["title"], f"{each['n']:,}", length_text(each["median"]), length_text(each["p90"]),
             bars_text([week["median"] for week in each["weeks"]]), each["sentence"]]
            for each in told
        ]  # fmt: skip
        yield from plain_table(titles, rows, total, frozenset((1, 2, 3)))
    answers = next((each for each in told if each["measure"] == found["measure"]), None)
    if answers is not None:
        yield ""
        yield from plain_table(("week", "n", "median", "90 %"), _weeks(answers), total, frozenset((1, 2, 3)))


def _weeks(answers: Mapping[str, Any]) -> list[list[str]]:
    return [
        [
            week["week"],
            f"{week['n']:,}",
            *("" if week[key] is None else length_text(week[key]) for key in ("median", "p90")),
        ]
        for week in answers["weeks"]
    ]
