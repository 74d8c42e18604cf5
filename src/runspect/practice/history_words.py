"""Records over time, dead ends and graves in words: the same on the command line, on the screen and in reports.

Each takes an object of `best --history --json` or `graveyard --json`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from runspect.columns.cells import metric_text, value_text
from runspect.counted import counted
from runspect.masking import printable
from runspect.practice.best_words import share_text
from runspect.practice.lengths import length_text
from runspect.practice.versus import Noise
from runspect.practice.versus_words import noise_text

NONE = "─"
MOST_CHANGES = 6
"""Params that are written out, at most."""
TRENDS = {"more": "more and more", "fewer": "fewer and fewer", "no trend": "no trend", "too few": "too few to tell"}
_CAUSES = {
    "failed": "failed, cause unknown",
    "killed": "killed, cause unknown",
    "crashed": "crashed, cause unknown",
}


def step_text(each: Mapping[str, Any]) -> str:
    """By how much a record was broken: `+1.2 %`; `first` of the first result."""
    if each["before"] is None or each["from_version"]:
        return "first"
    if each["delta"] is None:
        return NONE
    if each["percent"] is None:
        return ("+" if each["delta"] > 0 else "") + metric_text(each["delta"])
    return share_text(each["percent"])


def step_noise_text(each: Mapping[str, Any]) -> str:
    """`5.2 σ of 5 seeds`, `noise unknown (1 seed)`; "" of the first result."""
    found = each["noise"]
    if found is None:
        return ""
    told = (found[key] for key in ("sigma", "sigmas", "limit", "recorded"))
    return noise_text(Noise(found["kind"], found["n"], None, *told))


def changed_text(each: Mapping[str, Any]) -> str:
    """What is new against the record before: `lr 0.1 → 0.01; commit 9f2c17d → 1a2b3c4`."""
    parts = []
    if each["from_version"]:
        parts.append(
            f"against {printable(each['before_name'])} on {printable(each['from_version'])}, whose results are not compared"
        )
    elif each["before"] is None:
        return "the first result"
    changes = each["changes"]
    if changes is None:
        parts.append("what is new in its config is unknown: one is missing")
    else:
        parts += [
            f"{printable(change['param'])} {_value(change['before'])} → {_value(change['after'])}"
            for change in changes[:MOST_CHANGES]
        ]
        if len(changes) > MOST_CHANGES:
            parts.append(f"{len(changes) - MOST_CHANGES:,} params more")
    before, after = each["commit"]["before"], each["commit"]["after"]
    if before and after and before != after:
        parts.append(f"commit {printable(before)[:7]} → {printable(after)[:7]}")
    return "; ".join(parts) or "the same config but for seeds, paths and what the policy ignores"


def said_text(each: Mapping[str, Any]) -> str:
    """What people say of a record: its hypothesis, verdict and note; "" where nothing."""
    told = []
    if each["hypothesis"]:
        verdict = f" ({printable(each['verdict'])})" if each["verdict"] else ""
        told.append(f"hypothesis: {printable(value_text(each['hypothesis']))}{verdict}")
    elif each["verdict"]:
        told.append(f"verdict: {printable(each['verdict'])}")
    if each["note"]:
        told.append(f"note: {printable(value_text(each['note']))}")
    return "; ".join(told)


def summary_text(each: Mapping[str, Any]) -> str:
    """`4 records in 41 runs; the last one has stood since 12 runs`."""
    if not each["improvements"]:
        return str(each["note"]) or "no record"
    parts = [f"{counted(len(each['improvements']), 'record')} in {counted(each['compared'])}"]
    since = each["compared"] - 1 - sum(step["tries"] + 1 for step in each["improvements"][1:])
    parts.append("the newest run holds it" if not since else f"{counted(since)} since the last one")
    if each["undated"]:
        parts.append(f"{counted(each['undated'])} without a time left out")
    if any(step["when_of"] == "file" for step in each["improvements"]):
        parts.append("of some only the time of a file is known")
    return "; ".join(parts)


def dead_end_text(each: Mapping[str, Any]) -> str:
    """`opt sgd with lr 0.1: 12 runs, never near the record of its time; the nearest, ada, was 3 % off`."""
    if each["hypothesis"] is not None:
        what = f"hypothesis {each['hypothesis']['id']}, {printable(each['hypothesis']['text'])}"
    else:
        told = [f"{printable(setting['param'])} {_value(setting['value'])}" for setting in each["params"]]
        more = f" and {len(told) - MOST_CHANGES:,} more" if len(told) > MOST_CHANGES else ""
        what = " with ".join(told[:MOST_CHANGES]) + more
    parts = [
        f"{'refuted after' if each['why'] == 'refuted' else 'never near the record of its time in'} {counted(each['n'])}"
    ]
    best = each["best"]
    if best is not None and best["percent"] is not None:
        parts.append(f"the nearest, {printable(best['name'])}, was {share_text(best['percent'])} off")
    return f"{what}: {'; '.join(parts)}"


def cause_text(cause: str) -> str:
    """The cause of a grave as people read it."""
    return _CAUSES.get(cause, printable(cause))


def hours_text(grave: Mapping[str, Any]) -> str:
    """`12 h`; `─` where no run tells how long it took."""
    return NONE if not grave["hours"] and grave["untimed"] else length_text(3600 * grave["hours"])


def cause_query(cause: str) -> str:
    """The query that finds the runs of a cause."""
    quoted = cause.replace("\\", "\\\\").replace('"', '\\"')
    return f'cause = "{quoted}"'


def bars_text(numbers: Sequence[float | None], *, ascii_only: bool = False) -> str:
    """A bar a week, the highest full; a dot where there is nothing."""
    marks = ".:-=+*#%" if ascii_only else "▁▂▃▄▅▆▇█"
    highest = max((number for number in numbers if number is not None), default=0)
    found = ""
    for number in numbers:
        if not number or highest <= 0:
            found += "." if ascii_only else "·"
        else:
            found += marks[min(len(marks) - 1, int(number / highest * len(marks)))]
    return found


def _value(value: Any) -> str:
    return NONE if value is None else printable(value_text(value))
