"""A report as Markdown that reads well as plain text, too: in a mail, in a pull request, in a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC

import numpy as np

from runspect.charts.curve import Band, Series
from runspect.charts.line_chart import LineChart
from runspect.masking import printable
from runspect.practice.report.document import (
    Block,
    Bullets,
    Cell,
    Chart,
    Facts,
    Line,
    Report,
    Section,
    Table,
    Tone,
    Words,
)

WIDTH, HEIGHT = 88, 16
"""Cells of a chart."""
LETTERS = "abcdefgh"
"""What tells curves apart."""

_MARKS = re.compile(r"[\\`*\[\]<>|~&]|(?<![^\W_])_|_(?![^\W_])")
"""What means something anywhere in a line; an underscore inside a word does not."""
_START = re.compile(r"\A(\s*)(?:([-+#])(?=[\s#]|\Z)|(\d{1,9})([.)])(?=\s|\Z)|([-=:])(?=[-=:\s]*\Z))")
"""What begins a list or a heading, or underlines one, at the start of a line."""
_LINK = re.compile(r"(?i)(?:(?<=https)|(?<=http)|(?<=ftp)|(?<=mailto)|(?<=xmpp)):|(?<=www)\.|(?<=[\w.+-])@(?=[\w-]+\.)")
"""What GitHub makes a link of by itself."""
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}


def markdown(report: Report) -> str:
    """The whole text."""
    lines = [f"# {escaped(report.title)}", ""]
    for words in report.summary:
        lines += [_words(words), ""]
    if report.head:
        lines += [f"- {escaped(name)}: {escaped(value)}" for name, value in report.head]
        lines.append("")
    for section in report.sections:
        lines += [*_section(section)]
    return "\n".join(lines).rstrip() + "\n"


def escaped(text: str) -> str:
    """Text that means nothing but itself, wherever in a line it stands."""
    text = printable(text)
    text = _LINK.sub(lambda found: f"\0{ord(found.group())};", text)
    text = _MARKS.sub(lambda found: _ENTITIES.get(found.group(), f"\\{found.group()}"), text)
    text = _START.sub(_started, text)
    return text.replace("\0", "&#")


def _started(found: re.Match[str]) -> str:
    space, mark, number, point, line = found.groups()
    return f"{space}{number}\\{point}" if number else f"{space}\\{mark or line}"


def _section(section: Section) -> Iterator[str]:
    yield f"## {escaped(section.title)}"
    yield ""
    for block in section.blocks:
        yield from _block(block)
        yield ""


def _block(block: Block) -> Iterator[str]:
    match block:
        case Words():
            yield _words(block)
        case Bullets():
            yield from (f"- {_cell(item)}" for item in block.items)
        case Facts():
            yield from (f"- **{escaped(name)}**: {_cell(cell)}" for name, cell in block.rows)
        case Table():
            yield from _table(block)
        case Chart():
            yield from _chart(block)


def _table(table: Table) -> Iterator[str]:
    yield f"| {' | '.join(escaped(title) or ' ' for title in table.titles)} |"
    yield f"|{'|'.join('---:' if at in table.right else '---' for at in range(len(table.titles)))}|"
    yield from (f"| {' | '.join(_cell(cell) for cell in row)} |" for row in table.rows)
    if table.note:
        yield ""
        yield escaped(table.note)


def _chart(chart: Chart) -> Iterator[str]:
    yield f"**{escaped(chart.title)}**"
    yield ""
    picture = LineChart(
        tuple(map(_series, chart.lines)), WIDTH, HEIGHT, title=chart.y_label, x=chart.x, log_y=chart.log_y, zone=UTC
    ).draw()
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", picture.text)), default=0))
    yield f"{fence}text"
    yield picture.text
    yield fence
    yield ""
    yield from (f"- {_letter(line)}{escaped(line.says or line.label)}" for line in chart.lines)
    if chart.note:
        yield ""
        yield escaped(chart.note)


def _letter(line: Line) -> str:
    return f"{LETTERS[line.index % len(LETTERS)]}: " if line.label else ""


def _series(line: Line) -> Series:
    x, y = np.asarray(line.x, np.float64), np.asarray(line.y, np.float64)
    if line.steps and len(x) > 1:
        x, y = np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1]
        # of equal x a chart keeps the last: a hair before it the old value still holds
        x[1::2] -= (x[-1] - x[0]) * 1e-6
    band = None
    if line.low and len(line.low) == len(line.n) == len(x):
        std = (np.asarray(line.high, np.float64) - np.asarray(line.low, np.float64)) / 2
        band = Band(std, np.asarray(line.n, np.int64), np.zeros(len(x), np.int64))
    return Series("", x, y, line.index, band=band, mark=LETTERS[line.index % len(LETTERS)] if line.label else "")


def _words(words: Words) -> str:
    return _toned(escaped(words.text), words.tone)


def _cell(cell: Cell) -> str:
    return _toned(escaped(cell.text), cell.tone)


def _toned(text: str, tone: Tone) -> str:
    return f"**{text}**" if tone == "strong" and text.strip() else text
