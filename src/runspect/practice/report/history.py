"""How the best came about: every record over time, what led nowhere, and how long the cycle takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from runspect.columns.cells import metric_text, value_text
from runspect.counted import counted
from runspect.practice.best_words import share_text
from runspect.practice.lengths import length_text
from runspect.practice.report.document import Block, Bullets, Cell, Chart, Line, Section, Table, Words
from runspect.practice.report.words import cut, short, utc
from runspect.practice.versus import Noise
from runspect.practice.versus_words import noise_text

MOST_RECORDS = 30
MOST_CHANGES = 4
MOST_ENDS = 10


def trajectory(told: Mapping[str, Any] | None) -> Section:
    """The best so far over time, and what was changed at each record."""
    improvements: Sequence[Mapping[str, Any]] = told["improvements"] if told else ()
    if not told or not improvements:
        why = (told or {}).get("note") or "no run tells a time"
        return Section("Trajectory", (Words(f"Unknown: {why}.", "dim"),))
    tries = told["compared"] - len(improvements)
    undated = f" {counted(told['undated'])} without a time are left out." if told["undated"] else ""
    rows = tuple(
        (
            Cell(utc(each["when"])), Cell(each["name"]), Cell(metric_text(each["value"])), Cell(lead_text(each)),
            Cell(f"{each['tries']:,}"), Cell(changes_text(each)), Cell(cut(each["hypothesis"] or "", 80)),
        )
        for each in improvements[-MOST_RECORDS:]
    )  # fmt: skip
    table = Table(
        ("when", "run", str(told["metric"]), "against the record before", "tries", "what was changed", "hypothesis"),
        rows,
        frozenset((2, 4)),
        f"{len(improvements) - MOST_RECORDS:,} older records are left out." if len(improvements) > MOST_RECORDS else "",
    )
    said = f"{counted(len(improvements), 'record')} and {counted(tries, 'other result')}.{undated}"
    blocks: list[Block] = [Words(said)]
    if len(improvements) > 1:
        blocks.append(_staircase(told, improvements))
    return Section("Trajectory", (*blocks, table))


def _staircase(told: Mapping[str, Any], improvements: Sequence[Mapping[str, Any]]) -> Chart:
    """The record at each moment."""
    xs = tuple(datetime.fromisoformat(each["when"]).timestamp() for each in improvements)
    ys = tuple(float(each["value"]) for each in improvements)
    first, last = improvements[0], improvements[-1]
    says = (
        f"best so far, from {metric_text(first['value'])} on {first['when'][:10]} to {metric_text(last['value'])} on "
        f"{last['when'][:10]} in {counted(len(improvements), 'record')}"
    )
    better = {"down": "lower is better", "up": "higher is better", None: ""}[told["direction"]]
    return Chart(
        f"Best {told['metric']} so far",
        (Line("best so far", xs, ys, steps=True, says=says),),
        x="time",
        x_label="UTC",
        y_label=f"{told['metric']}, {better}",
    )


def lead_text(each: Mapping[str, Any]) -> str:
    """`-3.1 %, 5.2 σ of 5 seeds`; "the first result"."""
    if each["delta"] is None:
        return "the first result"
    size = share_text(each["percent"]) if each["percent"] is not None else metric_text(each["delta"])
    return f"{size}, {noise_text(Noise(**each['noise']))}"


def changes_text(each: Mapping[str, Any]) -> str:
    """`lr 0.1 → 0.01; 3 more`."""
    found = each["changes"]
    if found is None:
        return "" if each["delta"] is None else "unknown: a config is missing"
    told = [
        f"{change['param']} {short(change['before'])} → {short(change['after'])}" for change in found[:MOST_CHANGES]
    ]
    more = [f"{len(found) - MOST_CHANGES:,} more"] if len(found) > MOST_CHANGES else []
    said = "; ".join([*told, *more]) or "nothing but seeds and paths"
    # the first result on a version of the data set is told against the record on another one
    return f"against {each['before_name']} on {each['from_version']}: {said}" if each.get("from_version") else said


def dead_ends(told: Mapping[str, Any] | None) -> tuple[Block, ...]:
    """Values and hypotheses that led nowhere; () where none is known."""
    found: Sequence[Mapping[str, Any]] = told["dead_ends"] if told else ()
    if not found:
        return ()
    more = [Cell(f"{len(found) - MOST_ENDS:,} more", "dim")] if len(found) > MOST_ENDS else []
    return (
        Words("Dead ends: what was tried at least 3 times and never came near the record of its time, or was refuted."),
        Bullets((*map(_end, found[:MOST_ENDS]), *more)),
    )


def _end(each: Mapping[str, Any]) -> Cell:
    what = (
        f"hypothesis {each['hypothesis']['text']}"
        if each["hypothesis"]
        else ", ".join(f"{one['param']} {value_text(one['value'])}" for one in each["params"])
    )
    best = each["best"]
    near = f", nearest {metric_text(best['value'])} when the record was {metric_text(best['record'])}" if best else ""
    return Cell(f"{cut(what)}: {each['why']}, {counted(each['n'])}{near}")


def cycle(told: Mapping[str, Any]) -> Section:
    """Whether it gets shorter, measure by measure."""
    if not told or not told.get("runs"):
        return Section("Cycle", (Words("nothing known", "dim"),))
    return Section(
        "Cycle", (Words(f"Is the cycle getting shorter? {told['sentence']}."), Bullets(tuple(_measures(told))))
    )


def _measures(told: Mapping[str, Any]) -> Iterator[Cell]:
    for each in told["measures"]:
        if not each["n"]:
            yield Cell(f"{each['title']}: nothing known", "dim")
            continue
        newest = next((week for week in reversed(each["weeks"]) if week["n"]), None)
        last = f", in {newest['week']} {length_text(newest['median'])} of {newest['n']:,}" if newest else ""
        yield Cell(f"{each['title']}: median {length_text(each['median'])} of {each['n']:,}{last}; {each['sentence']}")
