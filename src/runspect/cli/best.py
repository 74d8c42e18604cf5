"""The best results ever: on each data set the best runs, how far ahead of the second, and what they did differently.

runspect best -C ~/exp
runspect best -C ~/exp --dataset cifar10 -m test/acc:max -n 5 'started > 30d'

Runs are compared on one version of one data set, by the objective of the policy (`runspect.toml`); where it names none, by
the metric that most runs have and whose name tells which way it is better, and the answer says that it was guessed.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from runspect.cli import output, scope
from runspect.cli.parser import count
from runspect.cli.table import plain_table
from runspect.columns.cells import count_text, metric_text, moment_text, value_text
from runspect.counted import counted
from runspect.masking import printable

NONE = "─"
MOST_CHANGES = 6
"""Params in which the best and the second differ that are written out, at most."""
_BETTER = {"down": ", lower is better", "up": ", higher is better", None: ""}
_BY = {"asked": "", "policy": " (policy)", "guess": " (guessed)", None: ""}


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
    parser.add_argument("-n", dest="most", type=count, default=1, metavar="N", help="so many runs of each data set (1)")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true")
    form.add_argument("--md", action="store_true", help="a Markdown table")


def run(args: argparse.Namespace) -> int:
    """Print the best runs; exit code 1 when no run could be ranked."""
    with scope.opened(args) as workspace:
        found = workspace.best(
            " ".join(args.query), args.dataset, args.metric, args.direction, max(1, args.most), args.show_secrets
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


def as_text(found: Sequence[Mapping[str, Any]], total: int, now: float) -> Iterator[str]:
    """Lines for people: a heading for each data set, its runs, and what the best did that the second did not."""
    if not found:
        yield "no run matches"
    for at, each in enumerate(found):
        if at:
            yield ""
        yield printable(f"{each['title']}: {_judged(each)}")
        yield f"  {_counts(each)}"
        runs = _shown(each)
        if runs:
            titles = ("#", "value", "", "run", "step", "when", "state")
            rows = [_row(run, now, is_first=run is runs[0]) for run in runs]
            yield from (f"  {line}" for line in plain_table(titles, rows, total - 2, frozenset((0, 1, 2, 4))))
        if each["second"] is not None:
            yield f"  {changes_text(each)}"[:total]


def share_text(percent: float) -> str:
    """`+0.12 %`, `-64 %`, `+1,310 %`."""
    return f"{percent:+,.0f} %" if abs(percent) >= 99.5 else f"{percent:+.2g} %"


def changes_text(each: Mapping[str, Any]) -> str:
    """`the best and the second differ in lr 0.1, not 0.01`."""
    differs = each["differs"]
    if differs is None:
        return "what the best did differently is unknown: a config is missing"
    if not differs:
        return "best and second have the same config but for seeds, paths and what the policy ignores"
    told = [
        f"{printable(change['param'])} {_value(change['best'])}, not {_value(change['second'])}"
        for change in differs[:MOST_CHANGES]
    ]
    more = f"; {len(differs) - MOST_CHANGES:,} more" if len(differs) > MOST_CHANGES else ""
    return f"unlike the second: {'; '.join(told)}{more}"


def _judged(each: Mapping[str, Any]) -> str:
    if each["note"]:
        return str(each["note"])
    return f"{each['metric']}{_BETTER[each['direction']]}{_BY[each['judged_by']]}"


def _counts(each: Mapping[str, Any]) -> str:
    states = ", ".join(f"{runs:,} {state}" for state, runs in each["states"].items())
    without = each["runs"] - each["compared"]
    parts = [f"{counted(each['compared'], 'run')} compared{f' ({states})' if states else ''}"]
    if without:
        parts.append(f"{without:,} without a value")
    if each["ties"] > 1:
        parts.append(f"{each['ties']:,} share the best value")
    return ", ".join(parts)


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
        printable(f"{each['metric']}{_BY[each['judged_by']]}"),
        str(run["rank"]),
        printable(run["name"]),
        metric_text(run["value"]),
        step,
        (run["time"] or run["started"] or run["ended"] or "")[:19],
        run["state"],
        f"{each['compared']:,}",
    ]


def _value(value: Any) -> str:
    return NONE if value is None else value_text(value)


def _without_rids(each: Mapping[str, Any]) -> dict[str, Any]:
    def plain(run: Mapping[str, Any] | None) -> dict[str, Any] | None:
        return None if run is None else {key: value for key, value in run.items() if key != "rid"}

    return {**each, "best": [plain(run) for run in each["best"]], "second": plain(each["second"])}
