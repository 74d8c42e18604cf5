"""The best of a data set in words: the same on the command line and on the screen. Each takes an object of `best --json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runspect.columns.cells import metric_text, value_text
from runspect.counted import counted
from runspect.masking import printable

NONE = "─"
MOST_CHANGES = 6
"""Params in which the best and the second differ that are written out, at most."""
BETTER = {"down": ", lower is better", "up": ", higher is better", None: ""}
BY = {"asked": "", "policy": " (policy)", "recorded": " (recorded)", "guess": " (guessed)", None: ""}


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


def judged_text(each: Mapping[str, Any]) -> str:
    """`val/acc:max, higher is better (policy)`, or why nothing could be judged."""
    if each["note"]:
        return str(each["note"])
    return f"{each['metric']}{BETTER[each['direction']]}{by_text(each)}"


def by_text(each: Mapping[str, Any]) -> str:
    """` (policy)`, ` (recorded)`, ` (guessed)`, ` (guessed: no run has test/acc:max of the policy)`; "" of what was asked for."""
    if each.get("unmet"):
        return f"{BY[each['judged_by']][:-1]}: no run has {each['unmet']} of the policy)"
    return BY[each["judged_by"]]


def counts_text(each: Mapping[str, Any]) -> str:
    """`12 runs compared (11 finished, 1 running), 2 without a value`."""
    states = ", ".join(f"{runs:,} {state}" for state, runs in each["states"].items())
    without = each["runs"] - each["compared"]
    parts = [f"{counted(each['compared'], 'run')} compared{f' ({states})' if states else ''}"]
    if without:
        parts.append(f"{without:,} without a value")
    if each["ties"] > 1:
        parts.append(f"{each['ties']:,} share the best value")
    return ", ".join(parts)


def champion_text(each: Mapping[str, Any]) -> str:
    """`champion: resnet50-s1, 0.2113 (-3.1 %), production since 2026-11-26 by ann`; "" where there is none."""
    told = each["champion"]
    if told is None:
        return ""
    change = "" if not told["change"] else f" ({share_text(told['change'])})"
    value = "no value" if told["value"] is None else metric_text(told["value"])
    return f"champion: {printable(told['name'])}, {value}{change}, {told['stage']} since {told['since'][:10]} by {printable(told['who'])}"


def _value(value: Any) -> str:
    return NONE if value is None else value_text(value)
