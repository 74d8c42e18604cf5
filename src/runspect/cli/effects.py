"""What one change alone did to the result: pairs of runs whose configs differ in exactly one param.

runspect effects -C ~/exp                            which changes tended to help, the best supported ones first
runspect effects -C ~/exp --param warmup             one param, with every change of it and what was said of those runs
runspect effects -C ~/exp --dataset cifar10 --metric test/acc:max 'started > 90d'

Runs that finished (or whose log tells no end) are compared, within one version of one data set. Runs that differ only in the seed are one, with the mean of
their results. What differs in more than one param is confounded: it is counted, and shows no effect. Seeds, paths, names and
what the policy ignores make no other config. Exit code 1 where no two runs differ in one param.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from typing import Any

from runspect.cli import output, scope
from runspect.cli.parser import count
from runspect.counted import counted
from runspect.practice import effect_words as words

MOST_CHANGES = 3
"""Changes of a param that are shown where all params are asked for."""
MOST_SAID = 5


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("query", nargs="*", metavar="QUERY", help="only among the runs that match")
    parser.add_argument(
        "-m",
        "--metric",
        default="",
        metavar="M:AGG",
        help="such as val/loss:min; without it, what each data set is judged by",
    )
    parser.add_argument("--direction", choices=("down", "up"), help="which way the metric is better")
    parser.add_argument("-p", "--param", default="", metavar="K", help="only this param, all that is known of it")
    parser.add_argument("-d", "--dataset", default="", metavar="D", help="a data set, a glob, or cifar10@VERSION")
    parser.add_argument(
        "-n", dest="limit", type=count, default=20, metavar="N", help="the first N params (20); 0 for all"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true")
    form.add_argument("--md", action="store_true", help="a Markdown table")


def run(args: argparse.Namespace) -> int:
    """Print the changes; exit code 1 when no pair exists."""
    with scope.opened(args) as workspace:
        found = workspace.effects(
            " ".join(args.query), args.dataset, args.metric, args.direction, args.param, args.show_secrets
        )
    if args.json:
        output.write_json(_plain(found))
    elif args.md:
        rows = [_md_row(effect, change) for effect in found["effects"] for change in effect["changes"]]
        output.write_markdown(("change", "pairs", "median", "better", "p"), rows)
    else:
        for line in as_text(found, args.limit or None, whole=bool(args.param)):
            output.write_line(line[: output.terminal_width()])
    return 0 if found["effects"] else 1


def as_text(found: Mapping[str, Any], limit: int | None, *, whole: bool) -> Iterator[str]:
    """Lines for people: what was compared, then each param with its changes, the best supported ones first."""
    effects = found["effects"]
    if not found["runs"]:
        yield "no run matches"
        return
    if found["judged"]:
        yield words.judged_text(found)
        yield words.counts_text(found)
    if left_out := "; ".join(words.left_out(found)):
        yield f"left out: {left_out}"
    if not effects:
        yield (
            "no two runs differ in this param alone"
            if whole and found["pairs"]
            else "no two runs differ in one param alone"
        )
        return
    several = len(found["judged"]) > 1
    for effect in effects[:limit]:
        yield ""
        yield from _effect(effect, whole=whole, several=several)
    if limit is not None and len(effects) > limit:
        yield f"{counted(len(effects) - limit, 'more param')}; -n 0 shows all"
    if chance := words.by_chance(effects):
        yield ""
        yield chance


def _effect(effect: Mapping[str, Any], *, whole: bool, several: bool) -> Iterator[str]:
    metric = f"   {effect['metric']}" if several else ""
    if effect["trend"] is not None:
        yield f"{words.trend_words(effect['param'], effect['trend'])}: {words.trend_text(effect['trend'])}{metric}"
    shown = effect["changes"] if whole else effect["changes"][:MOST_CHANGES]
    for change in shown:
        indent = "  " if effect["trend"] is not None else ""
        yield f"{indent}{words.change_words(effect['param'], change)}: {words.tally_text(change)}{'' if indent else metric}"
        if change["other_code"]:
            yield f"{indent}  {change['other_code']:,} of them of different commits: the code may have done it"
        for said in change["said"][: MOST_SAID if whole else 1]:
            yield f"{indent}  {words.said_text(said)}"
        hidden = change["said_in_all"] - min(len(change["said"]), MOST_SAID if whole else 1)
        if hidden:
            yield f"{indent}  {hidden:,} more with a hypothesis or a note"
    more = len(effect["changes"]) - len(shown) + effect["more"]
    if more:
        yield f"  {counted(more, 'more change')}" + ("" if whole else f"; --param {effect['param']} shows them")
    if whole:
        yield f"  {effect['confounded']:,} pairs differ in it and in other params: confounded"


def _md_row(effect: Mapping[str, Any], change: Mapping[str, Any]) -> list[str]:
    what = words.change_words(effect["param"], change)
    return [
        what,
        f"{change['n']:,}",
        words.size_text(change).removeprefix("median "),
        words.share_text(change),
        words.chance_text(change),
    ]


def _plain(found: Any) -> Any:
    """Without the numbers of this index."""
    if isinstance(found, dict):
        return {key: _plain(value) for key, value in found.items() if key not in ("rid", "rids")}
    return [_plain(value) for value in found] if isinstance(found, list) else found
