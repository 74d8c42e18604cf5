"""Directories of records that were made while no engine was there to be told."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from runspect.pathtext import to_text
from runspect.recorder.launch.known_roots import listed_roots


def recorded_roots(known: Collection[str]) -> list[str]:
    """Those that are there and neither known nor inside a known one."""
    found = list[str]()
    for listed in listed_roots(os.environ):
        root = to_text(listed)
        if not any(root == each or root.startswith(f"{each}/") for each in (*known, *found)) and Path(listed).is_dir():
            found.append(root)
    return found
