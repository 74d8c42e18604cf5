"""The characters of the screen, once for terminals with UTF-8 and once in plain ASCII."""

from __future__ import annotations

from runspect.dataclass import dataclass
from runspect.roles import STATE_GLYPH


@dataclass(frozen=True, slots=True)
class Glyphs:
    """Every non-letter that the screen draws; all are one cell wide."""

    cursor: str = "▸"
    mark: str = "◆"
    partly: str = "◇"
    star: str = "★"
    same: str = "≡"
    cut: str = "…"
    rule: str = "─"
    bar: str = "│"
    tee: str = "┬"
    up: str = "▲"
    down: str = "▼"
    thumb: str = "▐"
    none: str = "–"
    dot: str = "·"
    edit: str = "▏"
    arrow: str = "→"
    falls: str = "↘"
    rises: str = "↗"
    best: str = "⋆"
    times: str = "×"
    on: str = "●"
    off: str = "○"
    open: str = "−"
    folded: str = "+"
    sparks: str = "▁▂▃▄▅▆▇█"
    ascii: bool = False

    def number(self, number: int) -> str:
        """A small digit, of 1 to 9."""
        return str(number) if self.ascii or not 1 <= number <= 9 else "¹²³⁴⁵⁶⁷⁸⁹"[number - 1]

    def state(self, state: str) -> str:
        """The glyph of a run state."""
        plain, fallback, _ = STATE_GLYPH.get(state, STATE_GLYPH["unknown"])
        return fallback if self.ascii else plain


UNICODE = Glyphs()
ASCII = Glyphs(
    cursor=">",
    mark="#",
    partly=":",
    star="*",
    same="=",
    cut="~",
    rule="-",
    bar="|",
    tee="+",
    up="^",
    down="v",
    thumb="|",
    none="-",
    dot="-",
    edit="_",
    arrow="->",
    falls="\\",
    rises="/",
    best="*",
    times="x",
    on="*",
    off=" ",
    open="-",
    folded="+",
    sparks="__.-=*^^",
    ascii=True,
)


def plain(text: str, glyphs: Glyphs) -> str:
    """`text` of our own making (titles, sparklines) in the characters that this terminal has."""
    return text.translate(_TO_ASCII) if glyphs.ascii and not text.isascii() else text


_TO_ASCII = str.maketrans(
    {
        "…": "~",
        "·": "-",
        "–": "-",
        "—": "-",
        "−": "-",
        "→": ">",
        "←": "<",
        "×": "x",
        "▲": "^",
        "▼": "v",
        "↓": "v",
        "↑": "^",
        "│": "|",
        "─": "-",
        "┬": "+",
        "★": "*",
        "⋆": "*",
        "↘": "\\",
        "↗": "/",
        "●": "*",
        "✓": "+",
        "✗": "x",
        "■": "#",
        "○": "o",
        "◐": "~",
        "≡": "=",
        "▁": "_",
        "▂": "_",
        "▃": ".",
        "▄": "-",
        "▅": "=",
        "▆": "*",
        "▇": "^",
        "█": "^",
        "•": "*",
        "≠": "#",
        "±": "+-",
        "σ": "sd",
    }
)
