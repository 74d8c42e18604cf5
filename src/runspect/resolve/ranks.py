"""Directories that the ranks of one distributed training made: `rank_0/`, `replica_1/rank_3/`. They are parts of one run.

The lowest rank's metrics keep their names; the others' have the rank before them, since they tell the same metrics.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from runspect.resolve.paths import base, parent

_TORCHRUN = re.compile(r"(?:(?P<above>.*)/)?attempt_\d+/(?P<rank>\d{1,5})")
"""Below its `--log-dir`, torchrun keeps what each process prints in `<run>/attempt_0/<local rank>/stdout.log`."""
RANK = re.compile(r"(?:(?:global|local)?_?rank|replica)[_-]?(\d+)")


def ranks_folded(directories: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Directory of a rank → (the directory above it, prefix of its metrics); nested ones lead up step by step."""
    steps: dict[str, tuple[str, str]] = {}
    level = {directory for directory in directories if _number(directory) is not None}
    while level:
        siblings: dict[str, list[str]] = {}
        for directory in level:
            siblings.setdefault(parent(directory), []).append(directory)
        for above, found in siblings.items():
            first = min(found, key=lambda directory: (_number(directory) or 0, directory))
            steps |= {directory: (above, "" if directory == first else base(directory)) for directory in found}
        level = {above for above in siblings if _number(above) is not None and above not in steps}
    return steps


def home_of(directory: str, steps: dict[str, tuple[str, str]]) -> tuple[str, str]:
    """(the run's directory, prefix) of a rank's directory; any other is its own home."""
    prefix = ""
    while (step := steps.get(directory)) is not None:
        directory, own = step
        prefix = "/".join(filter(None, (own, prefix)))
    return directory, prefix


def torchrun_rank(directory: str) -> tuple[str, int] | None:
    """(the run's directory, local rank) of a directory that torchrun made for what a process prints; None for others."""
    match = _TORCHRUN.fullmatch(directory)
    return (match["above"] or ".", int(match["rank"])) if match else None


def _number(directory: str) -> int | None:
    match = RANK.fullmatch(base(directory))
    return int(match[1]) if match else None
