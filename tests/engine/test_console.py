"""Pieces of console logs: the end at once, bars folded, followed from an offset."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runspect.engine.console import LINE_CHARS, PAGE_BYTES, clean, read_page
from runspect.errors import NotFound
from runspect.masking import MASK


def old(path: Path) -> None:
    """Give the file a modification time at which nobody is writing any more."""
    os.utime(path, (time.time() - 60, time.time() - 60))


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "console.log"
    path.write_bytes(content)
    return path


def test_the_last_lines(tmp_path: Path) -> None:
    path = written(tmp_path, b"".join(b"line %d\n" % number for number in range(100_000)))
    page = read_page(path, None, 3)
    assert page.lines == ("line 99997", "line 99998", "line 99999")
    assert page.next_offset == page.size == path.stat().st_size
    assert path.read_bytes()[page.first_offset :].startswith(b"line 99997\n")


def test_following_goes_on_behind_the_page(tmp_path: Path) -> None:
    path = written(tmp_path, b"a\nb\n")
    page = read_page(path, None, 10)
    with path.open("ab") as file:
        file.write(b"c\nd\n")
    assert read_page(path, page.next_offset, 10).lines == ("c", "d")


def test_an_unfinished_line_waits_until_it_ends(tmp_path: Path) -> None:
    path = written(tmp_path, b"a\n 10%\r 20%")
    page = read_page(path, None, 10)
    assert (page.lines, page.pending, page.next_offset) == (("a",), " 20%", 2)
    with path.open("ab") as file:
        file.write(b"\r100%\n")
    page = read_page(path, page.next_offset, 10)
    assert (page.lines, page.pending) == (("100%",), "")


def test_an_unfinished_line_that_rests_counts(tmp_path: Path) -> None:
    path = written(tmp_path, b"a\nb")
    old(path)
    page = read_page(path, None, 10)
    assert (page.lines, page.pending, page.next_offset) == (("a", "b"), "", 3)


def test_lines_before_an_offset(tmp_path: Path) -> None:
    path = written(tmp_path, b"a\nb\nc\nd\n")
    page = read_page(path, 6, -2)
    assert (page.lines, page.first_offset, page.next_offset) == (("b", "c"), 2, 6)


def test_a_replaced_shorter_file_is_shown_from_its_end(tmp_path: Path) -> None:
    assert read_page(written(tmp_path, b"x\n"), 5_000, 10).lines == ("x",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    text = "".join(f"Verlust {number} größer 日本 \u010a\u0a0d\n" for number in range(3_000))
    path = written(tmp_path, text.encode(encoding))
    assert read_page(path, None, 2).lines == tuple(text.splitlines()[-2:])
    assert read_page(path, 0, 5).lines == tuple(text.splitlines()[:5])


def test_latin_1_is_read_where_it_is_no_utf_8(tmp_path: Path) -> None:
    assert read_page(written(tmp_path, "größer\n".encode("latin-1")), None, 5).lines == ("größer",)


def test_a_bar_of_many_megabytes_shows_its_last_state(tmp_path: Path) -> None:
    path = written(tmp_path, b"begin\n" + b"".join(b"%9d of many\r" % number for number in range(400_000)) + b"\nend\n")
    assert path.stat().st_size > PAGE_BYTES
    begun = time.monotonic()
    page = read_page(path, None, 5)
    assert page.lines[-2:] == ("   399999 of many", "end")
    assert time.monotonic() - begun < 2


def test_a_gigantic_line_is_cut_and_passed(tmp_path: Path) -> None:
    path = written(tmp_path, b"x" * (PAGE_BYTES * 2) + b"\nend\n")
    first = read_page(path, 0, 5)
    assert first.lines == ("x" * (LINE_CHARS - 1) + "…",)
    assert first.next_offset == PAGE_BYTES
    lines, offset = 0, 0
    while offset < path.stat().st_size:
        page = read_page(path, offset, 5)
        lines, offset = lines + len(page.lines), page.next_offset
    assert (lines, page.lines[-1]) == (4, "end")


def test_escapes_and_secrets_do_not_reach_the_screen() -> None:
    line = clean("\x1b[31mexport WANDB_API_KEY=abcdef0123\x1b[0m \x07done\r")
    assert "\x1b" not in line and "\x07" not in line and "abcdef0123" not in line and MASK in line


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="No such file"):
        read_page(tmp_path / "none.log", None, 5)


@given(st.binary(max_size=300), st.integers(1, 5))
def test_following_visits_each_byte_once(tmp_path_factory: pytest.TempPathFactory, content: bytes, lines: int) -> None:
    path = tmp_path_factory.mktemp("log") / "console.log"
    path.write_bytes(content)
    old(path)
    offset = 0
    while offset < len(content):
        page = read_page(path, offset, lines)
        assert page.first_offset == offset
        assert page.next_offset > offset
        assert len(page.lines) <= lines
        offset = page.next_offset
