"""The data cursor: one x looked at in all charts, laid over pictures that are drawn already."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from rich.cells import cell_len

from runspect.charts.picture import Frame, Picture
from runspect.dataclass import dataclass
from runspect.tui.fit import cut
from runspect.tui.glyphs import Glyphs
from runspect.tui.widgets.chart_drawing import Subject, ThinCurve, XKind, mark_of
from runspect.tui.widgets.painted import Line, Span, curve_look
from runspect.workspace import Band

_LEAST_NAME = 6


@dataclass(frozen=True, slots=True)
class Looked:
    """What is looked at."""

    at: float
    x: XKind
    subjects: tuple[Subject, ...]
    curves: Mapping[tuple[int, str], ThinCurve | Band]


def stepped(at: float | None, frame: Frame, dots: int) -> float:
    """The x of so many dot columns further to the right; from nowhere, the middle of the chart. It stays in view."""
    width = _dot(frame)
    if at is None:
        return frame.low + width * round((frame.high - frame.low) / width / 2)
    return min(frame.high, max(frame.low, at + dots * width))


def laid_over(
    lines: list[Line], picture: Picture, metric: str, looked: Looked, glyphs: Glyphs, title: str
) -> list[Line]:
    """The lines of a picture with a bar at the cursor, and the values there instead of the last ones."""
    frame = picture.frame
    if frame is None:
        return lines
    answer = list(lines)
    if frame.low <= looked.at <= frame.high:
        share = (looked.at - frame.low) / (frame.high - frame.low)
        column = frame.x + round(share * (2 * frame.width - 1)) // 2
        for y in range(frame.y, frame.y + frame.height):
            answer[y] = _with_bar(lines[y], column, "|" if glyphs.ascii else "│")
    if frame.y:
        answer[0] = _values(metric, frame, looked, picture.width, glyphs, title)
    return answer


def _values(metric: str, frame: Frame, looked: Looked, width: int, glyphs: Glyphs, title: str) -> Line:
    """The name of the chart, and what each named curve is at the cursor, as fully as there is room for all."""
    loud = [subject for subject in looked.subjects if not subject.quiet]
    read = [
        (number, words)
        for number, subject in enumerate(loud)
        if (words := _words(subject, metric, looked, frame, glyphs))
    ]
    room = width - min(cell_len(metric), _LEAST_NAME)

    def spans(words: int) -> list[Span]:
        marks = [f"{mark_of(number)} " if len(loud) > 1 else "" for number, _ in read]
        return [
            ("  " + mark + " ".join(value[:words]), curve_look(number) if mark else "strong")
            for (number, value), mark in zip(read, marks, strict=True)
        ]

    most = max((len(value) for _, value in read), default=1)
    found = next((found for words in range(most, 0, -1) if _cells(found := spans(words)) <= room), spans(1))
    while found and _cells(found) > room:
        found.pop()
    name = cut(metric, width - _cells(found), glyphs.cut)
    return [(name, title), *found, (" " * (width - _cells(found) - cell_len(name)), "plain")]


def _words(subject: Subject, metric: str, looked: Looked, frame: Frame, glyphs: Glyphs) -> tuple[str, ...]:
    """What a subject is at the cursor, `0.21 to 0.35` for the runs of a group; nothing where it has no curve."""
    if not subject.singly:
        curve = looked.curves.get((subject.rid, metric))
        return value_at(curve, looked, frame, glyphs) if curve is not None else ()
    from runspect.charts.ticks import short

    curves = [curve for rid in subject.runs if (curve := looked.curves.get((rid, metric))) is not None]
    places = [(curve, place) for curve in curves if (place := _place(curve, looked.at, frame)) is not None]
    found = [value for curve, place in places if math.isfinite(value := float(curve.y[place]))]
    return (" to ".join(dict.fromkeys((short(min(found), 4), short(max(found), 4)))),) if found else ()


def value_at(curve: ThinCurve | Band, looked: Looked, frame: Frame, glyphs: Glyphs) -> tuple[str, ...]:
    """The logged value nearest to the cursor, with its own x where that is another column; `–` beside the curve.

    Of a mean, its standard deviation and the runs that count there, too: what may be left out comes last.
    """
    from runspect.charts.line_chart import mean_words, x_text  # NumPy is loaded with the first curve
    from runspect.charts.ticks import short

    place = _place(curve, looked.at, frame)
    if place is None:
        return ("-" if glyphs.ascii else "–",)
    value, x = float(curve.y[place]), float(curve.x[place])
    where = "" if abs(x - looked.at) <= _dot(frame) else f"@{x_text(looked.x, x)}"
    if isinstance(curve, Band):
        words = mean_words(
            value, float(curve.std[place]), int(curve.n[place]), int(curve.n.max()), ascii_only=glyphs.ascii
        )
        return (words[0] + where, *words[1:])
    return (short(value, 4) + where,)


def _cells(spans: Sequence[Span]) -> int:
    return sum(cell_len(text) for text, _ in spans)


def _place(curve: ThinCurve | Band, at: float, frame: Frame) -> int | None:
    """The number of the point that is nearest; None beside the curve."""
    x, near = curve.x, _dot(frame)
    if not len(x) or at < x[0] - near or at > x[-1] + near:
        return None
    right = min(int(x.searchsorted(at)), len(x) - 1)
    left = max(right - 1, 0)
    return left if at - float(x[left]) <= float(x[right]) - at else right


def _dot(frame: Frame) -> float:
    """Of the x axis, what one dot column takes."""
    return (frame.high - frame.low) / max(1, 2 * frame.width - 1)


def _with_bar(line: Line, column: int, bar: str) -> Line:
    """A line with a bar in a cell, if that is blank; all cells before it are one character wide."""
    at = 0
    for number, (text, _) in enumerate(line):
        if at <= column < at + len(text):
            here = column - at
            if text[here] != " ":
                return line
            return [*line[:number], *_split(line, number, here, bar), *line[number + 1 :]]
        at += len(text)
    return line


def _split(line: Line, number: int, here: int, bar: str) -> Sequence[Span]:
    text, look = line[number]
    return [piece for piece in ((text[:here], look), (bar, "dim"), (text[here + 1 :], look)) if piece[0]]
