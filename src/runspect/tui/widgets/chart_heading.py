"""The lines above the charts: whose curves they are, how they are drawn, and who is left out."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from runspect.charts.ticks import duration, short
from runspect.charts.timeless import told
from runspect.tui.fit import cut
from runspect.tui.glyphs import Glyphs
from runspect.tui.widgets.chart_drawing import ChartOptions, Subject, XKind, mark_of
from runspect.tui.widgets.chart_page import Page
from runspect.tui.widgets.painted import Line, Span, curve_look

WIDE = 100
_LEAST_NAME = 8
"""Cells of a name in the legend, at least."""
_X_TITLES = {"step": "step", "relative": "time since the start", "time": "time"}


def heading(subjects: Sequence[Subject], aside: Sequence[str], width: int, glyphs: Glyphs) -> Line:
    """The names of the runs at the left, what is to be known of the drawing at the right."""
    said = "   ".join(aside)
    room = width - cell_len(said) - 4
    spans: list[Span] = [(" ", "plain")]
    if len(subjects) == 1:
        about = _about(subjects[0], crowd=0, alike=False)
        spans.append((cut(subjects[0].name, max(1, room - len(about)), glyphs.cut, "middle"), "strong"))
        spans.append((about, "dim"))
    elif subjects:
        spans += legend(subjects, room, glyphs)
    used = sum(cell_len(text) for text, _ in spans)
    return [*spans, (" " * max(1, width - used - cell_len(said) - 1), "plain"), (said, "dim")]


def legend(subjects: Sequence[Subject], room: int, glyphs: Glyphs) -> list[Span]:
    """Each named run behind a mark in the colour of its curves, with what it is; the others are counted."""
    named = [subject for subject in subjects if not subject.quiet]
    crowd = len(subjects) - len(named)
    each = max(_LEAST_NAME, (room + 2 - (len(_more(crowd)) if crowd else 0)) // max(1, len(named)) - 4)
    alike = mean_of(subjects) != ""
    spans: list[Span] = []
    for number, subject in enumerate(named):
        left = len(subjects) - number
        role = _about(subject, crowd, alike)
        text = cut(subject.name, each - len(role) if each - len(role) >= _LEAST_NAME else each, glyphs.cut, "middle")
        size = cell_len(text) + 2 + len(role)
        behind = 0 if left == 1 else 2 + len(_more(left - 1))
        if room < size + behind:
            return [*spans, *_counted(left, room, glyphs)]
        stands_out = subject.is_best if subject.members else subject.is_under_cursor
        spans += [(mark_of(number) + " ", curve_look(number)), (text, "strong" if stands_out else "plain")]
        spans += [(role, "dim"), ("  ", "plain")] if role else [("  ", "plain")]
        room -= size + 2
    return [*spans, (_more(crowd), "dim")] if crowd else spans


def facts(options: ChartOptions, page: Page, charts: int, drawn: tuple[int, int], groups: str = "") -> list[str]:
    """How the curves are drawn, as far as it is not the usual way, and what is not on this page.

    Args:
        drawn: Runs that are drawn, and marked ones that are not.
        groups: What the areas and dashes of groups mean; "" where there are none.
    """
    usual = options.x == "step" and page.width < WIDE  # a narrow heading says only what is unusual
    found = [] if usual and options.span is None else [_axis(options, narrow=page.width < WIDE)]
    if options.cursor is not None:
        found = [] if options.span is None else found
        found.append(_cursor(options.x, options.cursor))
    if options.smoothing:
        found.append(f"smoothing {options.smoothing:g}")
    if options.log_y:
        found.append("log y")
    if groups:
        found.append(groups)
    if drawn[1]:
        found.append(f"{drawn[0]:,} of {sum(drawn):,} runs drawn")
    grid = page.grid(charts)
    if charts and grid.pages > 1 and not page.alone:
        found.append(f"page {page.focus // grid.per_page + 1} of {grid.pages}")
    return found


def left_out(names: Sequence[str], width: int, glyphs: Glyphs) -> Line:
    """Which runs a time axis cannot show."""
    return [(" " + cut(told(names), max(1, width - 2), glyphs.cut), "warn")]


def mean_of(subjects: Sequence[Subject]) -> str:
    """`mean of 3` where several groups are all as large, which is then said once; else ""."""
    sizes = {(len(subject.members), subject.size, subject.singly) for subject in subjects}
    means = len(subjects) > 1 and len(sizes) == 1 and subjects[0].members and not subjects[0].singly
    return _mean(subjects[0]) if means else ""


def _mean(subject: Subject) -> str:
    few = f" of {subject.size:,}" if subject.size > len(subject.members) else ""
    return f"{len(subject.members):,}{few} runs" if subject.singly else f"mean of {len(subject.members):,}{few}"


def _about(subject: Subject, crowd: int, alike: bool) -> str:
    """What is said behind a name: of how many runs it is the mean, and what it is among the others."""
    words = []
    if subject.members and not alike:
        words.append(_mean(subject))
    if subject.role and (crowd or subject.members):
        words.append(subject.role)
    return "".join(f" {word}" for word in words)


def _axis(options: ChartOptions, *, narrow: bool) -> str:
    """What x is, and which part of it is seen."""
    if options.span is None:
        return "x since start" if narrow and options.x == "relative" else f"x {_X_TITLES[options.x]}"
    if options.x == "time":
        return f"x time, {duration(options.span[1] - options.span[0])} of it"
    low, high = options.span
    if options.x == "relative":
        return f"x {duration(low)} to {duration(high)} since the start"
    return f"x step {short(low, 4)} to {short(high, 4)}"


def _cursor(x: XKind, at: float) -> str:
    """Where the data cursor is."""
    if x == "step":
        return f"at step {at:,.0f}"
    from runspect.charts.line_chart import x_text  # there is a chart, so NumPy is loaded

    return f"at {x_text(x, at)}"


def _more(count: int) -> str:
    return f"+{count:,} more"


def _counted(count: int, room: int, glyphs: Glyphs) -> list[Span]:
    text = _more(count)
    return [(text if len(text) <= room else glyphs.cut, "dim")] if room > 0 else []
