"""File names that are not UTF-8, as text that any database, JSON and screen can hold, and back."""

from __future__ import annotations

import os
from pathlib import Path

_BASE = 0x10F700
"""Undecodable byte b ↔ this private-use code point + b; nobody names files with it."""
_TO_TEXT = {0xDC00 + byte: _BASE + byte for byte in range(0x80, 0x100)}
_TO_DISK = {new: old for old, new in _TO_TEXT.items()}


def to_text(name: str) -> str:
    """A name from `os.scandir` without lone surrogates; `to_disk` takes it back. Most names stay as they are."""
    return name if name.isascii() else name.translate(_TO_TEXT)


def to_disk(text: str) -> str:
    """The name that the system calls understand."""
    return text if text.isascii() else text.translate(_TO_DISK)


def on_disk(watch: str | Path, path: str) -> Path:
    """The file of a stored path relative to a stored directory; "." is the directory itself."""
    joined = os.path.join(to_disk(os.fspath(watch)), to_disk(path))  # noqa: PTH118 (10x faster)
    return Path(os.path.normpath(joined) if ".." in path else joined)
