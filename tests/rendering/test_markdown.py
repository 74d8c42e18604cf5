"""Markdown reports: text means nothing but itself, tables keep their columns, charts stay in their fence."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from runspect.masking import printable
from runspect.rendering.markdown import escaped, markdown
from tests.rendering.documents import HOSTILE, everything

GITHUB = MarkdownIt("gfm-like", {"html": True})
PLAIN = {"paragraph_open", "inline", "text", "text_special", "paragraph_close"}


def tokens(text: str) -> list[Token]:
    return [each for token in GITHUB.parse(text) for each in (token, *(token.children or ()))]


def shown(text: str) -> str:
    """What a reader sees of inline text."""
    return "".join(each.content for each in tokens(text) if each.type in ("text", "text_special"))


@pytest.mark.parametrize("text", HOSTILE)
def test_text_stays_text(text: str) -> None:
    assert shown(escaped(text)) == printable(text).strip()
    assert {each.type for each in tokens(escaped(text))} <= PLAIN


@given(st.text(alphabet=st.sampled_from("ab1 .:/@|`*_~<>&#-+=()[]!\\w\n\t"), max_size=40))
def test_any_text_stays_text(text: str) -> None:
    plain = printable(text).strip()
    assert shown(escaped(plain)) == plain
    assert {each.type for each in tokens(escaped(plain))} <= PLAIN


@pytest.mark.parametrize("text", HOSTILE)
def test_a_whole_report_keeps_its_shape(text: str) -> None:
    told = markdown(everything(text))
    found = tokens(told)
    kinds = {each.type for each in found}
    assert not kinds & {"html_block", "html_inline", "link_open", "image", "code_inline", "hr", "blockquote_open"}
    assert sum(each.type == "heading_open" for each in found) == 3
    assert sum(each.type == "fence" for each in found) == 1
    assert sum(each.type == "table_open" for each in found) == 1
    assert sum(each.type in ("td_open", "th_open") for each in found) == 6
    assert "\x1b" not in told


@pytest.mark.parametrize(
    "text",
    ["0.3838", "-3.1 %", "+2.1 %", "val/loss", "train_loss_epoch", "r50-adam-lr0.001-s1", "2026-11-26 03:51 UTC", "#1"],
)
def test_plain_numbers_and_names_are_left_alone(text: str) -> None:
    assert escaped(text) == text


def test_charts_name_their_curves_below() -> None:
    assert re.search(r"^- a: curve$", markdown(everything("curve")), re.MULTILINE)
