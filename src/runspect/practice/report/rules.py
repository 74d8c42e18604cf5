"""How many of the newest runs keep the rules of the policy, and whether that gets better."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runspect.practice.report.document import Cell, Section, Table, Tone, Words
from runspect.practice.report.words import NONE


def rules(told: Mapping[str, Any]) -> Section:
    """A row a rule: the newest week that has runs, and all weeks.

    Args:
        told: {weeks: [{week, runs, rules: {id: {about, kept, share}}}], rules: {id: {title, about, kept, share, trend}}}.
    """
    newest = next((week for week in reversed(told["weeks"]) if week["runs"]), None)
    if newest is None:
        return Section("Rules", (Words("no run began in these weeks", "dim"),))
    rows = tuple(
        (Cell(rule["title"]), _share(newest["rules"][id]), _share(rule), _trend(rule["trend"]))
        for id, rule in told["rules"].items()
        if rule["about"]
    )
    weeks = f"{len(told['weeks']):,} weeks"
    return Section("Rules", (Table(("kept by", newest["week"], weeks, "trend"), rows, frozenset((1, 2, 3))),))


def _share(kept: Mapping[str, Any]) -> Cell:
    if kept["share"] is None:
        return NONE
    tone: Tone = "good" if kept["share"] == 1 else "plain"
    return Cell(f"{100 * kept['share']:.0f} % of {kept['about']:,}", tone)


def _trend(trend: float | None) -> Cell:
    """In points of percent, from the older half of the weeks to the newer one."""
    if trend is None:
        return Cell("unknown", "dim")
    return Cell("no change" if abs(trend) < 0.005 else f"{100 * trend:+.0f} points", "bad" if trend < 0 else "plain")
