"""Files that are there and tell nothing: empty ones, and git-LFS's notes of where the content lies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from runspect.model import Claim
from runspect.readers.contract import Entry, beginning

HINT = "hollow"
POINTER = "git-LFS pointer, content not fetched"
EMPTY = "nothing in it yet"
LARGEST_POINTER = 1024
"""Bytes; by its specification (git-lfs/docs/spec.md) a pointer is smaller."""
_HEAD = b"version https://git-lfs.github.com/spec/"


def is_pointer(head: bytes) -> bool:
    """Whether a file that begins so is a pointer instead of the content."""
    return head.startswith(_HEAD)


def holds_pointer(path: Path, size: int) -> bool:
    """Whether the file at `path`, of `size` bytes, is a pointer.

    Raises:
        OSError: It cannot be opened or read.
    """
    if size >= LARGEST_POINTER:
        return False
    return is_pointer(beginning(path, len(_HEAD)))


def hinted(claim: Claim, entry: Entry) -> Claim:
    """The claim with the hint why its file tells nothing, where that is so."""
    why = EMPTY if entry.size == 0 else POINTER if _is_pointer(entry) else ""
    return replace(claim, hints=(*claim.hints, (HINT, why))) if why else claim


def _is_pointer(entry: Entry) -> bool:
    return entry.size < LARGEST_POINTER and is_pointer(entry.head())
