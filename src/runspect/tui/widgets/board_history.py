"""What the board says of time: the records of a data set as a small chart and a list, how the team does in a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from runspect.columns.cells import metric_text, moment_text
from runspect.masking import printable
from runspect.practice.history_words import changed_text, dead_end_text, step_text, summary_text
from runspect.tui.fit import cut, fit
from runspect.tui.glyphs import Glyphs, plain
from runspect.tui.widgets.painted import Line, Span

OUTLINE = 24
"""Cells of the small chart."""
_WHEN, _VALUE, _STEP = 11, 10, 9


def outline(steps: Sequence[Mapping[str, Any]], cells: int, glyphs: Glyphs) -> str:
    """The record in force at equal distances in time, from the first record to the last; "" of fewer than two."""
    if len(steps) < 2:
        return ""
    times = [datetime.fromisoformat(step["when"]).timestamp() for step in steps]
    values = [float(step["value"]) for step in steps]
    span, low, high = times[-1] - times[0], min(values), max(values)
    marks, found = glyphs.sparks, ""
    for cell in range(cells):
        until = times[0] + span * cell / (cells - 1)
        at = max((place for place, when in enumerate(times) if when <= until), default=0)
        at = len(values) - 1 if cell == cells - 1 else at
        share = (values[at] - low) / (high - low) if high > low else 0.0
        found += marks[round(share * (len(marks) - 1))]
    return found


def history_lines(told: Mapping[str, Any], room: int, most: int, glyphs: Glyphs, now: float) -> list[Line]:
    """At most so many lines: the outline and how many records, the newest records first, then a dead end."""
    steps = told["improvements"]
    if most < 2 or not steps:
        return []
    drawn = outline(steps, OUTLINE, glyphs)
    summary = cut(plain(summary_text(told), glyphs), max(10, room - len(drawn) - 12), glyphs.cut)
    lines: list[Line] = [[("   records  ", "dim"), (drawn, "spark"), (f"{'  ' if drawn else ''}{summary}", "dim")]]
    ends = told["dead_ends"]
    listed = steps[::-1][: most - 1 - bool(ends)]
    lines += [_row(step, room, glyphs, now) for step in listed]
    if ends:
        more = f" (+{len(ends) - 1:,})" if len(ends) > 1 else ""
        said = cut(plain(f"led nowhere{more}: {dead_end_text(ends[0])}", glyphs), room, glyphs.cut)
        lines.append([(f"   {said}", "dim")])
    return lines


def _row(step: Mapping[str, Any], room: int, glyphs: Glyphs, now: float) -> list[Span]:
    mark = glyphs.cut
    when = fit(moment_text(step["when"], now), _WHEN, mark, "right")
    value = fit(metric_text(step["value"]), _VALUE, mark, "right")
    change = fit(plain(step_text(step), glyphs), _STEP, mark, "right")
    left = room - _WHEN - _VALUE - _STEP - 6
    name = fit(printable(step["name"]), max(8, min(24, left // 2)), mark, where="middle")
    told = cut(plain(changed_text(step), glyphs), max(0, left - len(name) - 2), mark)
    return [(f"   {when}  ", "dim"), (value, "good"), (f"  {change}  ", "plain"), (name, "plain"), (f"  {told}", "dim")]


def team_line(hypotheses: Mapping[str, Any], cycle: Mapping[str, Any], room: int, glyphs: Glyphs) -> Line:
    """`hypotheses 2 overdue, 3 open, 4 of 6 answered in time (67 %)   cycle shorter: 3.1 d → 1.2 d …`; () of nothing."""
    counts = hypotheses["summary"]
    waits = [f"{counts[key]:,} {key}" for key in ("overdue", "open") if counts[key]]
    if counts["boxed"]:
        waits.append(f"{counts['in_time']:,} of {counts['boxed']:,} answered in time ({counts['share']:.0%})")
    elif counts["answered"]:
        waits.append(f"{counts['answered']:,} answered")
    spans: list[Span] = []
    if waits:
        spans.append((f" hypotheses: {', '.join(waits)}", "bad" if counts["overdue"] else "plain"))
    if cycle["measure"]:
        title = "" if cycle["measure"] == "hypothesis" else f"{cycle['title']} "
        look = {"shorter": "good", "longer": "bad"}.get(cycle["answer"], "dim")
        spans.append((plain(f"{'   ' if spans else ' '}cycle {title}{cycle['sentence']}", glyphs), look))
    used = 0
    found: list[Span] = []
    for text, look in spans:
        shown = cut(text, max(0, room - used), glyphs.cut)
        used += len(shown)
        found.append((shown, look))
    return found
