"""Hold runs against the rules of the policy: each finding names the run, what is wrong and what would close it.

runspect lint -C ~/exp                       all rules that are on, and trainings here that write no log
runspect lint 'tag:paper' --rule seed --since 30d
runspect lint --weeks 12                     how many of the runs of each week keep each rule
runspect lint --tidy                         unnamed, untagged, repeated and forgotten runs
runspect lint --tidy --rule stale --archive  put them in order, all at once; `runspect undo` takes it back

Rules: naming, metrics, params, config, commit, seed, hypothesis, late (written behind the result), process. What they ask
for stands in the policy (`runspect.toml`): [naming], [metrics], [params] and [lint].
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from typing import Any

from runspect.cli import output, scope, tidying
from runspect.cli.parser import count
from runspect.columns.lint_rules import BY_ID, PROCESS
from runspect.columns.names import near
from runspect.columns.tidy import KINDS
from runspect.counted import counted
from runspect.errors import UsageError
from runspect.masking import printable
from runspect.workspace import Workspace

Object = Mapping[str, Any]


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("query", nargs="*", metavar="QUERY", help="the runs that count; all without one")
    parser.add_argument(
        "-r", "--rule", dest="rules", action="append", default=[], metavar="RULE", help="only this one (repeatable)"
    )
    parser.add_argument("--since", metavar="WHEN", help="only runs that began since: 7d, 2026-01-01, monday")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--weeks", type=count, metavar="N", help="the share of runs that keep each rule, week by week")
    what.add_argument("--tidy", action="store_true", help=f"what is to be put in order: {', '.join(KINDS)}")
    tidying.add_changes(parser)
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Print what was found; exit code 1 when something was.

    Raises:
        UsageError: A rule or date that is none, or a change without --tidy.
    """
    _check(args)
    with scope.opened(args) as workspace:
        if args.tidy:
            return tidying.run(workspace, args)
        since = None if args.since is None else _moment(args.since)
        if args.weeks is not None:
            return _weeks(workspace, args, since)
        query = " ".join(args.query)
        rules = [rule for rule in args.rules if rule != PROCESS]
        found: dict[str, Any] = {"runs": 0, "judged": 0, "rules": {}, "process": True, "findings": []}
        if rules or not args.rules:
            found = workspace.lint(query, rules, since)
            _refuse_unasked(rules, found)
        seeks = PROCESS in args.rules or (not args.rules and not query and found["process"])
        processes = workspace.strays() if seeks else None
    _tell(args, found, processes)
    return 1 if found["findings"] or (processes and processes["found"]) else 0


def _check(args: argparse.Namespace) -> None:
    known = tuple(KINDS) if args.tidy else (*BY_ID, PROCESS)
    for rule in args.rules:
        if rule not in known:
            close = near(rule, known)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise UsageError(f"no rule is called {rule!r}: there are {', '.join(known)}{hint}")
    if tidying.changes(args) and not args.tidy:
        raise UsageError("--archive, --tag, --star and --name go with --tidy")
    if args.weeks is not None and (args.weeks < 1 or args.rules):
        raise UsageError("--weeks takes a number from 1, and shows all rules")


def _refuse_unasked(rules: Sequence[str], found: Object) -> None:
    """A rule that was asked for by name and cannot be held against anything is no clean answer."""
    missing = {"naming": "[naming] pattern", "metrics": "[metrics] standard", "params": "[params] required"}
    for rule in rules:
        if not found["rules"][rule]["on"]:
            raise UsageError(f"the policy says nothing that {rule} could be held against: `{missing[rule]}`")


def _tell(args: argparse.Namespace, found: Object, processes: Object | None) -> None:
    if args.json:
        listed = [_without_rid(each) for each in found["findings"]]
        output.write_json({**found, "findings": listed, "processes": processes})
        return
    for each in found["findings"]:
        output.write_line(printable(f"{each['name']}: {each['what']}; {each['closes']} [{each['rule']}]"))
    for each in (processes or {}).get("found", ()):
        output.write_line(process_line(each))
    _tell_unseen(processes or {})
    output.narrate(summary(found, processes))


def process_line(each: Object) -> str:
    """A training that nothing is read of, in one line."""
    where = f" in {each['cwd']}" if each["cwd"] else ""
    since = f"since {each['since'][:16].replace('T', ' ')} UTC"
    return printable(
        f"process {each['pid']} ({each['command']}{where}, {since}): {each['what']}; {each['closes']} [process]"
    )


def _tell_unseen(processes: Object) -> None:
    if processes.get("why"):
        output.narrate(f"processes: {processes['why']}")
    for each in processes.get("unseen", ()):
        output.narrate(
            printable(f"process {each['pid']} of {each['user']} trains, too; what it writes may not be looked at")
        )


def summary(found: Object, processes: Object | None) -> str:
    """How many of what, in one line."""
    broken = {rule: told["broken"] for rule, told in found["rules"].items() if told["broken"]}
    if processes and processes["found"]:
        broken[PROCESS] = len(processes["found"])
    before = found["runs"] - found["judged"]
    left = f"; {counted(before)} from before the policy's since" if before else ""
    if not broken and not found["rules"]:
        return (
            "clean: no training here that nothing is read of"
            if processes and processes["known"]
            else "nothing is known"
        )
    if not broken:
        return f"clean: {counted(found['judged'])} held against the rules{left}"
    runs = len({each["uid"] for each in found["findings"]})
    told = ", ".join(f"{rule} {many}" for rule, many in sorted(broken.items(), key=lambda item: -item[1]))
    return f"{counted(sum(broken.values()), 'finding')} in {runs} of {counted(found['judged'])}: {told}{left}"


def _weeks(workspace: Workspace, args: argparse.Namespace, since: float | None) -> int:
    """The table of weeks; exit code 1 where a run broke a rule."""
    from runspect.cli.table import plain_table

    found = workspace.lint(" ".join(args.query), (), since, args.weeks)
    if args.json:
        output.write_json(found)
    else:
        rules = found["rules"]
        titles = ("week", "runs", *(rule if rule != "late" else "in time" for rule in rules))
        rows = [
            (each["week"], str(each["runs"]), *(share(each["rules"][rule]) for rule in rules))
            for each in found["weeks"]
        ]
        rows.append(
            ("all", str(sum(each["runs"] for each in found["weeks"])), *(share(told) for told in rules.values()))
        )
        rows.append(("trend", "", *(trend(told["trend"]) for told in rules.values())))
        right = frozenset(range(1, len(titles)))
        for line in plain_table(titles, rows, output.terminal_width(), right):
            output.write_line(line)
        output.narrate(
            "share of the runs of each week that keep the rule; trend: newer half less older half, in points"
        )
    return 1 if any(told["kept"] < told["about"] for told in found["rules"].values()) else 0


def share(told: Object) -> str:
    """`83%`; `–` where the rule is about no run."""
    return "–" if told["share"] is None else f"{100 * told['share']:.0f}%"


def trend(change: float | None) -> str:
    """`+12`, in points of percent."""
    return "–" if change is None else f"{100 * change:+.0f}" if round(100 * change) else "±0"


def _moment(text: str) -> float:
    from runspect.query.values import Clock, moment

    found = moment(text, Clock(time.time()))
    if found is None:
        raise UsageError(f"{text!r} is no time: write 7d, 2026-01-01, monday or yesterday")
    from datetime import UTC

    return found.low.replace(tzinfo=UTC).timestamp()


def _without_rid(each: Object) -> dict[str, Any]:
    return {key: value for key, value in each.items() if key != "rid"}
