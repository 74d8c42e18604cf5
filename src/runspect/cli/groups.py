"""Runs in groups: mean and spread over seeds, or by any column.

runspect groups -C ~/exp                                   configs that differ only in the seed
runspect groups -C ~/exp --by opt --cols val/acc:max,took 'started > 30d' --sort -val/acc:max
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from typing import Any

from runspect.cli import output, scope
from runspect.cli.parser import count
from runspect.cli.specs import listed_in, sort_keys
from runspect.cli.table import plain_table
from runspect.columns import parse_column
from runspect.columns.cells import value_text
from runspect.columns.spec import judged
from runspect.counted import counted
from runspect.errors import UsageError
from runspect.masking import printable
from runspect.model import Json, SortKey
from runspect.objective import Direction
from runspect.practice.grouping import SEEDS, Spread, spread_text
from runspect.settings import load_settings
from runspect.text_width import cut
from runspect.workspace import Workspace

MAX_NAME = 48
USUAL = 3
"""Metrics that are summed up when nobody says which."""
_MEANS, _ENDS = ("mean", "std", "n"), ("min", "max")
_TOLD = {"min": "low", "max": "high"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("query", nargs="*", metavar="QUERY", help="the runs to look at; all without one")
    parser.add_argument(
        "--by",
        metavar="A,B",
        default=SEEDS,
        help="columns to group by; `seeds` (as without it): equal configs but for seed, paths and names",
    )
    parser.add_argument("--cols", metavar="A,B", help="columns to sum up; without it, the main metrics")
    parser.add_argument(
        "-s",
        "--sort",
        action="append",
        default=[],
        metavar="COLUMN",
        help="sort by the mean of a column, a key, or `n`; -COLUMN for descending (repeatable)",
    )
    parser.add_argument("--least", type=count, default=1, metavar="N", help="only groups of at least N runs")
    parser.add_argument(
        "-i",
        "--ignore",
        action="append",
        default=[],
        metavar="KEY",
        help="a param that makes no other config, globs allowed (repeatable)",
    )
    parser.add_argument("-a", "--archived", action="store_true", help="archived runs too")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true")
    form.add_argument("--csv", action="store_true", help="mean, std and n of each column, then min and max of each")
    form.add_argument("--md", action="store_true", help="a Markdown table")


def run(args: argparse.Namespace) -> int:
    """Print the groups; exit code 1 when there is none.

    Raises:
        UsageError: A name that nothing has, or a sort by what is not shown.
    """
    query = " ".join(args.query)
    ignore = (*load_settings(os.environ).ignore, *args.ignore)
    with scope.opened(args) as workspace:
        by, sort = listed_in(workspace, args.by), sort_keys(workspace, args.sort)
        specs = listed_in(workspace, args.cols) if args.cols else _usual(workspace, query)
        _check_sort(sort, by, specs)
        found = workspace.groups(by, specs, query, sort, args.archived, ignore, args.show_secrets)
        directions = workspace.choices().directions if found and not (args.json or args.csv) else {}
    found = [group for group in found if group["n"] >= args.least]
    if args.json:
        output.write_json([{key: value for key, value in group.items() if key != "rids"} for group in found])
    elif args.csv:
        _csv(found, by, specs)
    else:
        _table(found, by, specs, directions, markdown=args.md)
    return 0 if found else 1


def _usual(workspace: Workspace, query: str) -> list[str]:
    choices = workspace.choices(query)
    specs = [f"{metric}:best" for metric in choices.usual_metrics[:USUAL]]
    return [choices.objective, *specs[1:]] if specs else []


def _check_sort(sort: Sequence[SortKey], by: Sequence[str], specs: Sequence[str]) -> None:
    shown = (*by, *specs, "n")
    if strange := [level.column for level in sort if level.column not in shown]:
        raise UsageError(f"groups are sorted by what is shown, {', '.join(shown)}, not by {', '.join(strange)}")


def _table(
    found: Sequence[Mapping[str, Any]],
    by: Sequence[str],
    specs: Sequence[str],
    directions: Mapping[str, Direction],
    *,
    markdown: bool,
) -> None:
    titles = [*(key if key != SEEDS else "config" for key in by), "runs", *specs]
    bests = {spec: _best(found, spec, directions) for spec in specs}
    rows = [
        [
            *(cut(_key(group["keys"][key]), MAX_NAME) for key in by),
            str(group["n"]),
            *(
                (spread_text(_spread(group["values"][spec]), group["n"]) or "─")
                + ("" if bests[spec] is None else " *" if bests[spec] == at else "" if markdown else "  ")
                for spec in specs
            ),
        ]
        for at, group in enumerate(found)
    ]
    if markdown:
        output.write_markdown(titles, rows)
        return
    right = frozenset(range(len(by), len(titles)))
    for line in plain_table(titles, rows, output.terminal_width(), right):
        output.write_line(line)
    many = sum(group["n"] > 1 for group in found)
    groups, runs = len(found), sum(group["n"] for group in found)
    star = "; mean ± standard deviation, * the best mean" if any(at is not None for at in bests.values()) else ""
    output.narrate(f"{counted(groups, 'group')} of {counted(runs)}, {many:,} with more than one{star}")


def _best(found: Sequence[Mapping[str, Any]], spec: str, directions: Mapping[str, Direction]) -> int | None:
    """The group with the best mean of a metric; None where nobody knows which way is better, or there is one group."""
    column = parse_column(spec)
    better = judged(column, directions) if column.kind in ("metric", "at", "formula") else None
    if better is None or column.step or column.aggregate in ("n", "nan"):
        return None
    means = {at: mean for at, group in enumerate(found) if (mean := group["values"][spec]["mean"]) is not None}
    return (min if better == "down" else max)(means, key=lambda at: means[at]) if len(means) > 1 else None


def _csv(found: Sequence[Mapping[str, Any]], by: Sequence[str], specs: Sequence[str]) -> None:
    output.write_line(
        output.csv_line(
            [*by, "n", *(f"{spec} {what}" for kinds in (_MEANS, _ENDS) for spec in specs for what in kinds)]
        )
    )
    for group in found:
        values = group["values"]
        told = [values[spec][_TOLD.get(what, what)] for kinds in (_MEANS, _ENDS) for spec in specs for what in kinds]
        keys = [_key(group["keys"][key]) for key in by]
        output.write_line(
            output.csv_line([*keys, str(group["n"]), *("" if value is None else str(value) for value in told)])
        )


def _key(value: Json) -> str:
    return "─" if value is None else printable(value_text(value))


def _spread(told: Mapping[str, Any]) -> Spread:
    return Spread(**told)
