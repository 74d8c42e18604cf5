"""Many files of one kind in one directory: data, not logs. They are counted by their names and never looked at."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection

from runspect.engine.artifacts import artifact_kind, extension
from runspect.engine.walked import Walk

CROWD = 10_000
"""So many files of one extension in one directory are data, whatever they are."""
MEDIA_CROWD = 500
"""So many images, recordings or arrays are: of an ImageNet there are 1,300 in each of 1,000 directories."""
_MEDIA = frozenset({"image", "video", "audio", "table"})


def crowded(walk: Walk, directory: str, files: Collection[os.DirEntry[str]], data_set: bool) -> frozenset[str]:
    """The extensions of which there are too many to be looked at, which are counted; all of them in a data set."""
    if len(files) <= MEDIA_CROWD and not data_set:
        return frozenset()
    counts = Counter(extension(entry.name) for entry in files)
    found: list[str] = []
    for suffix, count in sorted(counts.items()):
        kind = artifact_kind(f"x.{suffix}") or (f".{suffix}" if suffix else "")
        if data_set or count > CROWD or (count > MEDIA_CROWD and kind in _MEDIA):
            found.append(suffix)
            walk.seen_instead[kind] += count
        if count > CROWD and kind not in _MEDIA:
            what = f".{suffix}" if suffix else "without extension"
            walk.problem(directory, f"{count:,} files {what} in one directory", "counted, not looked at")
    return frozenset(found)
