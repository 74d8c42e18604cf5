"""The files of a run as they are compared with those of another: names, sizes, times, and what they hold."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

from runspect.engine.tree import Tree
from runspect.identity import COPY
from runspect.model import ClaimKind, Part, RunPlan
from runspect.pathtext import on_disk

END_BYTES = 64 * 1024
"""Of a long file so much of its beginning and of its end is compared, and its size."""
DIGEST_BYTES = 12
_MOMENT = re.compile(rb"\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[.,]\d{3}")
"""A time in a log that no other execution has by chance."""


class File(NamedTuple):
    """A file of a run."""

    name: str
    """Its path as seen from the run's root."""
    path: str
    size: int
    mtime: float
    kind: ClaimKind


class Content(NamedTuple):
    """What a file, or all files of a run, hold."""

    digest: bytes
    timed: bool
    """Whether times stand in it."""


def own_parts(plan: RunPlan) -> list[Part]:
    """The files that are the run's alone."""
    return [part for part in plan.parts if not part.shared and part.use != "row"]


def files_of(tree: Tree, plan: RunPlan) -> list[File] | None:
    """The run's own files by name; None where they cannot be compared, or hold no series."""
    files: list[File] = []
    series = 0
    for part in own_parts(plan):
        known = tree.files.get(part.claim.path)
        if known is None or part.claim.members or part.claim.kind == "store":
            return None
        name = _name(part.claim.path, plan.root)
        files.append(File(name, part.claim.path, known.size, known.mtime, part.claim.kind))
        series += known.size if part.claim.kind == "series" else 0
    return sorted(files) if series else None


def outline(files: Sequence[File]) -> str:
    """The beginning of a copy's id: which files it has, and how long they are."""
    return f"{COPY}{digest_of(chr(0).join(f'{file.name}{chr(0)}{file.size}' for file in files))}-"


def copy_id(files: Sequence[File], content: Content) -> str:
    """The id of what a run holds."""
    return outline(files) + content.digest.hex()


def digest_of(text: str) -> str:
    """A text in few letters."""
    return blake2b(text.encode("utf-8", "surrogateescape"), digest_size=DIGEST_BYTES).hexdigest()


def kept_times(files: Sequence[File]) -> tuple[float, ...] | None:
    """Modification times that another run would not have by chance; None where all are one whole second.

    Archives are made with one time for all that is in them.
    """
    times = tuple(file.mtime for file in files)
    return times if len(set(times)) > 1 or not times[0].is_integer() else None


def read(watch: str, file: File) -> Content | None:
    """What a file holds; None when it cannot be read, or is no longer what was last seen of it."""
    try:
        with on_disk(watch, file.path).open("rb") as opened:
            status = os.fstat(opened.fileno())
            if (status.st_size, status.st_mtime) != (file.size, file.mtime):
                return None
            text = opened.read(END_BYTES)
            timed = file.kind in ("console", "series") and _MOMENT.search(text) is not None
            if file.size > 2 * END_BYTES:
                opened.seek(-END_BYTES, os.SEEK_END)
            return Content(blake2b(text + opened.read(END_BYTES), digest_size=DIGEST_BYTES).digest(), timed)
    except OSError:
        return None


def _name(path: str, root: str) -> str:
    if root == ".":
        return path
    return path[len(root) + 1 :] if path.startswith(f"{root}/") else os.path.relpath(path, root)
