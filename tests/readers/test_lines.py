"""Lines of growing, damaged and strangely encoded files."""

from __future__ import annotations

from pathlib import Path

import pytest

from runspect.readers import lines
from runspect.readers.lines import Block, read_blocks


def _read(path: Path, data: bytes, chunk: int = 7) -> list[Block]:
    path.write_bytes(data)
    return list(read_blocks(path, chunk=chunk))


@pytest.mark.parametrize("chunk", [1, 2, 3, 64])
def test_complete_lines_then_the_open_rest(tmp_path: Path, chunk: int) -> None:
    blocks = _read(tmp_path / "a", b"one\ntwo\r\nthr", chunk)
    assert b"".join(block.data for block in blocks if not block.open) == b"one\ntwo\r\n"
    assert [(block.data, block.start, block.end) for block in blocks if block.open] == [(b"thr", 9, 12)]


@pytest.mark.parametrize("chunk", [1, 2, 5, 64])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_with_a_mark_is_utf8(tmp_path: Path, encoding: str, chunk: int) -> None:
    text = "loss,Ċ值\n1,2\n"  # U+010A has the newline's byte in it
    blocks = _read(tmp_path / "a", ("\ufeff" + text).encode(encoding), chunk)
    assert b"".join(block.data for block in blocks).decode() == text
    assert all(block.width == 2 for block in blocks)


def test_byte_order_mark_is_gone_and_offsets_count_it(tmp_path: Path) -> None:
    (block,) = _read(tmp_path / "a", b"\xef\xbb\xbfa\nb\n", 64)
    assert (block.data, block.start, block.end, block.offset(2)) == (b"a\nb\n", 3, 7, 5)


def test_nul_tail_is_one_flaw_with_its_offset(tmp_path: Path) -> None:
    blocks = _read(tmp_path / "a", b"a\nb" + b"\0" * 4096, 1 << 16)
    assert [(flaw.offset, flaw.what) for block in blocks for flaw in block.flaws] == [(3, "4,096 NUL bytes at the end")]


def test_gigantic_line_is_skipped_and_never_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LONGEST", 100)
    path = tmp_path / "a"
    path.write_bytes(b"a\n" + b"x" * 1000)
    blocks = list(read_blocks(path, chunk=40))
    assert max(len(block.data) for block in blocks) <= 140
    assert sum(len(block.flaws) for block in blocks) == 1
    last = blocks[-1]
    assert last.skipping and last.end == 1002
    path.write_bytes(b"a\n" + b"x" * 1500 + b"\nb\n")
    after = list(read_blocks(path, last.end, last.skipping, chunk=40))
    assert b"".join(block.data for block in after) == b"b\n"
    assert not after[-1].skipping and after[-1].end == path.stat().st_size


def test_bytes_that_are_no_utf8_are_latin1() -> None:
    assert lines.text_of(b"caf\xe9") == "café"
    assert lines.text_of("café".encode()) == "café"
