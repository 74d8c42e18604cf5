"""`runspect best --history`: the records of each data set over time, and what led nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from runspect.cli.table import plain_table
from runspect.columns.cells import metric_text, moment_text
from runspect.masking import printable
from runspect.practice.best_words import judged_text
from runspect.practice.history_words import (
    changed_text,
    dead_end_text,
    said_text,
    step_noise_text,
    step_text,
    summary_text,
)

DEAD_ENDS = 8
"""Dead ends of a data set that are shown; `--json` has them all."""


def as_text(found: Sequence[Mapping[str, Any]], total: int, now: float) -> Iterator[str]:
    """Lines for people: of each data set its records, what changed at each, and the dead ends."""
    if not found:
        yield "no run matches"
    for at, each in enumerate(found):
        if at:
            yield ""
        yield printable(f"{each['title']}: {judged_text(each)}")[:total]
        yield f"  {summary_text(each)}"[:total]
        rows = [_row(step, now) for step in each["improvements"]]
        titles = ("when", "value", "", "run", "tries")
        told = plain_table(titles, rows, total - 2, frozenset((0, 1, 2, 4))) if rows else ()
        for place, line in enumerate(told):
            yield f"  {line}"
            if place:
                yield from (f"      {text}"[:total] for text in _details(each["improvements"][place - 1]))
        yield from (f"  {line}"[:total] for line in _dead_ends(each["dead_ends"]))


def as_rows(found: Sequence[Mapping[str, Any]]) -> Iterator[list[str]]:
    """Rows of a Markdown table."""
    for each in found:
        for step in each["improvements"]:
            yield [
                printable(each["title"]), (step["when"] or "")[:19], printable(step["name"]), metric_text(step["value"]),
                step_text(step), step_noise_text(step), changed_text(step), said_text(step),
            ]  # fmt: skip


TITLES = ("data set", "when", "run", "value", "change", "noise", "what changed", "said")


def plain(found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """For `--json`: without the numbers that runs have in the index."""
    return [
        {
            **each,
            "improvements": [
                {key: value for key, value in step.items() if key != "rid"} for step in each["improvements"]
            ],
        }
        for each in found
    ]


def _row(step: Mapping[str, Any], now: float) -> list[str]:
    when = moment_text(step["when"], now) + ("?" if step["when_of"] == "file" else "")
    return [when, metric_text(step["value"]), step_text(step), printable(step["name"]), f"{step['tries']:,}"]


def _details(step: Mapping[str, Any]) -> Iterator[str]:
    yield "; ".join(text for text in (changed_text(step), step_noise_text(step)) if text)
    if said := said_text(step):
        yield said


def _dead_ends(ends: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if ends:
        yield "led nowhere so far:"
    for each in ends[:DEAD_ENDS]:
        yield f"  {dead_end_text(each)}"
    if len(ends) > DEAD_ENDS:
        yield f"  {len(ends) - DEAD_ENDS:,} more; --json has them"
