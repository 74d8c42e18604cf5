"""Many files of one kind in one directory: data, not logs. They are counted by their names and never looked at."""

from __future__ import annotations

import os
from collections.abc import Collection

from runspect.engine.artifacts import artifact_kind, extension
from runspect.engine.walked import Walk

CROWD = 10_000
"""So many files of one extension in one directory are data, whatever they are."""
MEDIA_CROWD = 500
"""So many images, recordings or arrays are: of an ImageNet there are 1,300 in each of 1,000 directories."""
_MEDIA = frozenset({"image", "video", "audio", "table"})


def crowded(walk: Walk, directory: str, files: Collection[os.DirEntry[str]], data_set: bool) -> frozenset[str]:
    """The names of files that are too many of a kind to be looked at, which are counted; all of them in a data set.

    A table of which a reader is asked by its name is none of a crowd of tables.
    """
    if len(files) <= MEDIA_CROWD and not data_set:
        return frozenset()
    groups: dict[tuple[str, str], list[str]] = {}
    for entry in files:
        suffix = extension(entry.name)
        groups.setdefault((suffix, artifact_kind(entry.name) or ""), []).append(entry.name)
    found: list[str] = []
    for (suffix, kind), names in sorted(groups.items()):
        many = len(names) > (MEDIA_CROWD if kind in _MEDIA else CROWD)
        if many or data_set:
            found += names
            walk.seen_instead[kind or (f".{suffix}" if suffix else "")] += len(names)
        if many and kind not in _MEDIA:
            what = f".{suffix}" if suffix else "without extension"
            walk.problem(directory, f"{len(names):,} files {what} in one directory", "counted, not looked at")
    return frozenset(found)
