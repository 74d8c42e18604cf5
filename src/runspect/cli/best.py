"""The best results ever: on each data set the best runs, how far ahead of the second, and what they did differently.

runspect best -C ~/exp
runspect best -C ~/exp --dataset cifar10 -m test/acc:max -n 5 'started > 30d'

runspect best -C ~/exp --history -d cifar10          every record over time, what changed at each, and what led nowhere

Runs are compared on one version of one data set, by the objective of the policy (`runspect.toml`); where it names none, by
the objective that the logs name (an Optuna study's); else by the metric that most runs have and whose name tells which way it
is better, and the answer says that it was guessed.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from runspect.cli import output, scope
from runspect.cli.parser import positive
from runspect.cli.table import plain_table
from runspect.columns.cells import count_text, metric_text, moment_text
from runspect.masking import printable
from runspect.practice.best_words import BY, champion_text, changes_text, counts_text, judged_text, share_text

NONE = "─"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("query", nargs="*", metavar="QUERY", help="the runs that count; all without one")
    parser.add_argument(
        "-d",
        "--dataset",
        default="",
        metavar="D",
        help="only this data set; globs, and @VERSION behind it, are understood",
    )
    parser.add_argument(
        "-m",
        "--metric",
        default="",
        metavar="M:agg",
        help="such as val/loss:min; without it, what the policy says or a guess",
    )
    parser.add_argument(
        "--direction", choices=("down", "up"), help="which way the metric is better, where nothing tells"
    )
    parser.add_argument(
        "-n", dest="most", type=positive, default=1, metavar="N", help="so many runs of each data set (1)"
    )
    parser.add_argument(
        "--history", action="store_true", help="every record over time, what changed at each, and what led nowhere"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true")
    form.add_argument("--md", action="store_true", help="a Markdown table")


def run(args: argparse.Namespace) -> int:
    """Print the best runs; exit code 1 when no run could be ranked."""
    if args.history:
        return _history(args)
    with scope.opened(args) as workspace:
        found = workspace.best(
            " ".join(args.query), args.dataset, args.metric, args.direction, args.most, args.show_secrets
        )
    if args.json:
        output.write_json([_without_rids(each) for each in found])
    elif args.md:
        rows = [_md_row(each, run) for each in found for run in each["best"]]
        output.write_markdown(("data set", "metric", "#", "run", "value", "step", "when", "state", "of runs"), rows)
    else:
        for line in as_text(found, output.terminal_width(), time.time()):
            output.write_line(line)
    return 0 if any(each["best"] for each in found) else 1


def _history(args: argparse.Namespace) -> int:
    from runspect.cli import best_history

    with scope.opened(args) as workspace:
        found = workspace.trajectory(" ".join(args.query), args.dataset, args.metric, args.direction, args.show_secrets)
    if args.json:
        output.write_json(best_history.plain(found))
    elif args.md:
        output.write_markdown(best_history.TITLES, list(best_history.as_rows(found)))
    else:
        for line in best_history.as_text(found, output.terminal_width(), time.time()):
            output.write_line(line)
    return 0 if any(each["improvements"] for each in found) else 1


def as_text(found: Sequence[Mapping[str, Any]], total: int, now: float) -> Iterator[str]:
    """Lines for people: a heading for each data set, its runs, and what the best did that the second did not."""
    if not found:
        yield "no run matches"
    for at, each in enumerate(found):
        if at:
            yield ""
        yield printable(f"{each['title']}: {judged_text(each)}")
        yield f"  {counts_text(each)}"
        runs = _shown(each)
        if runs:
            titles = ("#", "value", "", "run", "step", "when", "state")
            rows = [_row(run, now, is_first=run is runs[0]) for run in runs]
            yield from (f"  {line}" for line in plain_table(titles, rows, total - 2, frozenset((0, 1, 2, 4))))
        if each["second"] is not None:
            yield f"  {changes_text(each)}"[:total]
        if each["champion"] is not None:
            yield f"  {champion_text(each)}"[:total]


def _shown(each: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    runs = list(each["best"])
    return [*runs, each["second"]] if len(runs) == 1 and each["second"] is not None else runs


def _row(run: Mapping[str, Any], now: float, *, is_first: bool) -> list[str]:
    change = "" if is_first or run["change"] is None else share_text(run["change"])
    return [
        str(run["rank"]),
        metric_text(run["value"]),
        change,
        printable(run["name"]),
        NONE if run["step"] is None else count_text(run["step"]),
        moment_text(run["time"] or run["started"] or run["ended"], now),
        run["state"],
    ]


def _md_row(each: Mapping[str, Any], run: Mapping[str, Any]) -> list[str]:
    step = "" if run["step"] is None else str(run["step"])
    return [
        printable(each["title"]),
        printable(f"{each['metric']}{BY[each['judged_by']]}"),
        str(run["rank"]),
        printable(run["name"]),
        metric_text(run["value"]),
        step,
        (run["time"] or run["started"] or run["ended"] or "")[:19],
        run["state"],
        f"{each['compared']:,}",
    ]


def _without_rids(each: Mapping[str, Any]) -> dict[str, Any]:
    def plain(run: Mapping[str, Any] | None) -> dict[str, Any] | None:
        return None if run is None else {key: value for key, value in run.items() if key != "rid"}

    return {
        **each,
        "best": [plain(run) for run in each["best"]],
        "second": plain(each["second"]),
        "champion": plain(each["champion"]),
    }
