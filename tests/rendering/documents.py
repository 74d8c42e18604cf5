"""A report with one of everything, and text that would like to be more than text."""

from __future__ import annotations

import math

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
    Words,
)

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "a | b | c",
    "`code` ``` fence",
    "line one\nline two\r\n# heading",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07",
    "[link](https://example.com) ![image](http://example.com/x.png)",
    "https://example.com www.example.com me@example.com",
    "**bold** _em_ ~~gone~~ \\",
    "- item",
    "1. one",
    "===",
    "&lt;b&gt; &amp; &#60;",
    "\u202eright to left\u202c \u200b",
    "]]> --> <!-- <![CDATA[",
    "</title></style></svg></desc>",
)


def everything(text: str) -> Report:
    """The text at every place where there may be any."""
    steps = tuple(float(x) for x in range(50))
    line = Line(text, steps, tuple(math.sin(x / 9) for x in steps), says=text)
    band = Line(text, (0.0, 1.0), (1.0, 2.0), (0.5, 1.5), (1.5, 2.5), (3, 3), index=1)
    blocks: tuple[Block, ...] = (
        Words(text, "strong"),
        Bullets((Cell(text), Cell(text, "bad"))),
        Facts(((text, Cell(text, "strong")),)),
        Table((text, "n"), ((Cell(text), Cell("1")), (Cell("plain"), Cell(text))), frozenset((1,)), text),
        Chart(text, (line, band), x_label=text, y_label=text, note=text),
    )
    return Report(text, (Words(text),), (Section(text, blocks), Section(text, ())), ((text, text),))
