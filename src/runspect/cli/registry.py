"""What came beyond the first stage: models and their versions, candidates and productions, with all that was kept of them.

runspect registry -C ~/exp
runspect registry -C ~/exp --json > registry.json

Exit code 1: there is nothing yet.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from typing import Any

from runspect.cli import output, scope
from runspect.cli.saying import local_text
from runspect.cli.table import plain_table
from runspect.masking import printable

DIGEST = 12


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Print the registry."""
    with scope.opened(args) as workspace:
        found = workspace.registry(args.show_secrets)
    there = bool(found["models"] or found["without_model"])
    if args.json:
        output.write_json(found)
    elif not there:
        output.narrate("nothing was promoted yet; `runspect promote RUN --why TEXT` does so")
    else:
        for line in lines(found, output.terminal_width()):
            output.write_line(line)
    return 0 if there else 1


def lines(found: Mapping[str, Any], total: int) -> Iterator[str]:
    """A line a version, newest first within its model."""
    titles = ["model", "version", "stage", "run", "data set", "when", "who", "sha256"]
    versions = [version for model in found["models"] for version in model["versions"]] + list(found["without_model"])
    yield from plain_table(titles, [_row(each) for each in versions], total, frozenset((1,)))


def _row(each: Mapping[str, Any]) -> list[str]:
    return [
        printable(each["name"] or "─"),
        "─" if each["version"] is None else str(each["version"]),
        f"{each['stage']}{' (champion)' if each['champion'] else ''}",
        printable(each["run"]["name"]),
        printable(each["dataset"] or "─"),
        local_text(each["when"]),
        printable(each["who"]),
        (each["sha256"] or "─")[:DIGEST],
    ]
