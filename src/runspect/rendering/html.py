"""A report as one HTML file: style and charts inside, no script, no link, nothing that is loaded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from runspect.masking import printable
from runspect.practice.report.document import Block, Bullets, Cell, Chart, Facts, Report, Section, Table, Tone, Words
from runspect.rendering.svg_chart import svg

STYLE = """
:root{color-scheme:light dark;--ink:#1c1c1c;--soft:#5d5d5d;--paper:#fff;--rule:#d9d9d9;--tint:#f5f5f3;--good:#00664b;--bad:#a4262c;--warn:#7a5200}
@media (prefers-color-scheme:dark){:root{--ink:#e4e4e4;--soft:#a3a3a3;--paper:#161616;--rule:#3a3a3a;--tint:#202020;--good:#4fd1a5;--bad:#ff8a80;--warn:#f0b95a}}
body{margin:0 auto;max-width:62rem;padding:1.5rem 1.25rem 4rem;font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .5rem}h2{font-size:1.15rem;margin:2.2rem 0 .6rem;padding-top:.7rem;border-top:1px solid var(--rule)}
header dl,.head{color:var(--soft);font-size:.85rem}.summary p{font-size:1.05rem;margin:.35rem 0}
nav{font-size:.85rem;margin:.8rem 0}nav a{color:var(--soft);margin-right:.9rem;white-space:nowrap}
.wide{overflow-x:auto}table{border-collapse:collapse;font-size:.9rem;margin:.6rem 0}
th,td{padding:.28rem .7rem .28rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--rule)}
.long{overflow-wrap:anywhere}
th{font-weight:600;color:var(--soft)}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
dl{display:grid;grid-template-columns:minmax(8rem,max-content) 1fr;gap:.15rem 1.2rem;margin:.6rem 0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}p{overflow-wrap:anywhere}
figure{margin:1.2rem 0}figure svg{display:block;width:100%;max-width:760px;height:auto}figcaption{font-weight:600;margin-bottom:.3rem}figure p,.note{color:var(--soft);font-size:.85rem;margin:.2rem 0}
.dim{color:var(--soft)}.strong{font-weight:600}.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}
@media print{:root{--ink:#000;--soft:#444;--paper:#fff;--rule:#bbb;--tint:#fff;--good:#00664b;--bad:#a4262c;--warn:#7a5200}
body{max-width:none;padding:0;font-size:10.5pt}nav{display:none}figure,tr{break-inside:avoid}h2{break-after:avoid}.wide{overflow:visible}@page{margin:16mm}}
"""
LONGEST_WORD = 32
"""Characters of a word that is never broken."""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""Even if something slipped through, a browser loads and runs nothing."""


def html(report: Report) -> str:
    """The whole file."""
    anchors = _anchors(report.sections)
    return "\n".join(
        (
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8"/>',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"/>',
            '<meta name="viewport" content="width=device-width, initial-scale=1"/>',
            f"<title>{_safe(report.title)}</title>",
            f"<style>{STYLE}</style>",
            "</head>",
            "<body>",
            "<header>",
            f"<h1>{_safe(report.title)}</h1>",
            *(f'<p class="head">{_safe(name)}: {_safe(value)}</p>' for name, value in report.head),
            '<div class="summary">',
            *(_words(words) for words in report.summary),
            "</div>",
            "</header>",
            "<nav>",
            *(f'<a href="#{anchors[section]}">{_safe(section.title)}</a>' for section in report.sections),
            "</nav>",
            "<main>",
            *(line for section in report.sections for line in _section(section, anchors[section])),
            "</main>",
            "</body>",
            "</html>",
            "",
        )
    )


def _anchors(sections: tuple[Section, ...]) -> Mapping[Section, str]:
    return {
        section: f"s{at}-{re.sub('[^a-z]+', '-', section.title.lower()).strip('-')}"
        for at, section in enumerate(sections, 1)
    }


def _section(section: Section, anchor: str) -> Iterator[str]:
    yield f'<section id="{anchor}">'
    yield f"<h2>{_safe(section.title)}</h2>"
    for block in section.blocks:
        yield from _block(block)
    yield "</section>"


def _block(block: Block) -> Iterator[str]:
    match block:
        case Words():
            yield _words(block)
        case Bullets():
            yield "<ul>"
            yield from (f"<li>{_cell(item)}</li>" for item in block.items)
            yield "</ul>"
        case Facts():
            yield "<dl>"
            yield from (f"<dt>{_safe(name)}</dt><dd>{_cell(cell)}</dd>" for name, cell in block.rows)
            yield "</dl>"
        case Table():
            yield from _table(block)
        case Chart():
            yield f"<figure><figcaption>{_safe(block.title)}</figcaption>"
            yield svg(block)
            if block.note:
                yield f"<p>{_safe(block.note)}</p>"
            yield "</figure>"


def _table(table: Table) -> Iterator[str]:
    def row(tag: str, cells: Sequence[str]) -> str:
        marked = (f'<{tag} class="n">' if at in table.right else f"<{tag}>" for at in range(len(cells)))
        return f"<tr>{''.join(f'{begin}{cell}</{tag}>' for begin, cell in zip(marked, cells, strict=True))}</tr>"

    yield '<div class="wide"><table>'
    yield f"<thead>{row('th', [_safe(title) for title in table.titles])}</thead>"
    yield "<tbody>"
    yield from (row("td", [_cell(cell) for cell in cells]) for cells in table.rows)
    yield "</tbody></table></div>"
    if table.note:
        yield f'<p class="note">{_safe(table.note)}</p>'


def _words(words: Words) -> str:
    return f"<p{_class(words.tone)}>{_safe(words.text)}</p>"


def _cell(cell: Cell) -> str:
    names = [
        name for name in (cell.tone if cell.tone != "plain" else "", "long" if _is_long(cell.text) else "") if name
    ]
    return f'<span class="{" ".join(names)}">{_safe(cell.text)}</span>' if names else _safe(cell.text)


def _is_long(text: str) -> bool:
    """Whether a word of it would push a table out of the page."""
    return len(text) > LONGEST_WORD and max(map(len, text.split()), default=0) > LONGEST_WORD


def _class(tone: Tone) -> str:
    return "" if tone == "plain" else f' class="{tone}"'


def _safe(text: str) -> str:
    return escape(printable(text), quote=True)
