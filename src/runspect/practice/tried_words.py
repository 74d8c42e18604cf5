"""What came of runs with an equal config or a near one, in words: the same on the command line and on the screen.

Each takes an object of `tried --json`, or a run of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runspect.columns.cells import metric_text, moment_text, value_text
from runspect.counted import counted
from runspect.masking import printable

NONE = "─"
LIVE = ("running", "quiet")
MOST_CHANGES = 5
"""Params in which a run differs that are written out, at most."""


def verdict_text(found: Mapping[str, Any]) -> str:
    """`tried: 2 runs with an equal config`."""
    what = "these values" if found["partial"] else "an equal config"
    if not found["equal"]:
        return f"not tried: no run has {what}"
    if found["finished"] is not None:
        return f"tried: {counted(found['equal_runs'], 'run')} with {what}"
    return f"{counted(found['equal_runs'], 'run')} with {what}, none of which finished"


def run_text(run: Mapping[str, Any], now: float) -> str:
    """`baseline  finished  val/loss:best 0.2113  3d  seed 1  commit 1f2e3d4c  “note”`."""
    return "  ".join((printable(run["name"]), *run_parts(run, now)))


def run_parts(run: Mapping[str, Any], now: float) -> list[str]:
    """The same without the name, each by itself."""
    state = run["state"] if run["state"] in ("finished", *LIVE) else f"{run['state']} ({printable(run['reason'])})"
    parts = [state, outcome_text(run), moment_text(run["started"] or run["ended"], now)]
    if run["seed"] is not None:
        parts.append(f"seed {value_text(run['seed'])}")
    if run["commit"]:
        parts.append(f"commit {printable(str(run['commit']))[:8]}")
    if run["note"]:
        parts.append(f"“{printable(str(run['note']))}”")
    return [part for part in parts if part]


def outcome_text(run: Mapping[str, Any]) -> str:
    """`val/loss:best 0.2113`; "" without a value."""
    return "" if run["value"] is None else f"{printable(run['metric'])} {metric_text(run['value'])}"


def changes_text(run: Mapping[str, Any]) -> str:
    """`lr 0.01, not 0.001; opt sgd, not adam`: what the run has, and what was wanted."""
    told = [
        f"{printable(change['param'])} {_value(change['run'])}, not {_value(change['wanted'])}"
        for change in run["changes"][:MOST_CHANGES]
    ]
    more = f"; {len(run['changes']) - MOST_CHANGES:,} more" if len(run["changes"]) > MOST_CHANGES else ""
    return "; ".join(told) + more


def brief_changes(run: Mapping[str, Any]) -> str:
    """`lr 0.01, opt sgd`: what the run has instead."""
    return ", ".join(
        f"{printable(change['param'])} {_value(change['run'])}" for change in run["changes"][:MOST_CHANGES]
    ) + (" …" if len(run["changes"]) > MOST_CHANGES else "")


def _value(value: Any) -> str:
    return NONE if value is None else value_text(value)
