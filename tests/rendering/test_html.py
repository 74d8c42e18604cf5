"""An HTML report is one file that loads nothing, runs nothing, and shows text as text."""

from __future__ import annotations

from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from runspect.masking import printable
from runspect.rendering.html import html
from tests.rendering.documents import HOSTILE, everything

TAGS = {
    "html", "head", "meta", "title", "style", "body", "header", "h1", "p", "div", "nav", "a", "main", "section", "h2", "ul", "li",
    "span", "dl", "dt", "dd", "table", "thead", "tbody", "tr", "th", "td", "figure", "figcaption", "svg", "desc", "path", "text",
    "circle",
}  # fmt: skip


class Seen(HTMLParser):
    """What a browser would make of it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.loads: list[tuple[str, str]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name.startswith("on") or name in ("src", "href", "srcset", "action", "style"):
                self.loads.append((name, value or ""))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_is_loaded_and_text_stays_text(text: str) -> None:
    told = html(everything(text))
    seen = Seen()
    seen.feed(told)
    assert seen.tags <= TAGS
    assert seen.loads
    assert all(name == "href" and value.startswith("#") for name, value in seen.loads)
    assert printable(text).strip() in " ".join(seen.texts)
    assert "\x1b" not in told


@pytest.mark.parametrize("text", HOSTILE)
def test_it_is_well_formed(text: str) -> None:
    root = ElementTree.fromstring(html(everything(text)).removeprefix("<!DOCTYPE html>"))
    anchors = [each.get("href", "")[1:] for each in root.iter("a")]
    assert len(anchors) == len(set(anchors)) == 2
    assert set(anchors) <= {each.get("id") for each in root.iter("section")}


def test_it_looks_right_in_light_dark_and_print() -> None:
    told = html(everything("x"))
    assert "@media (prefers-color-scheme:dark)" in told
    assert "@media print" in told
    assert "default-src 'none'" in told
    assert "url(" not in told
    assert "@import" not in told
