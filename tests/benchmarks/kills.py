"""A thousand annotations, the engine killed with -9 right behind the acknowledgement of each: none may be lost."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.faults import annotations_kept
from tests.benchmarks.figures import Figure

KILLS = 1_000


def figures() -> Iterator[Figure]:
    """Most of the time is the start of a thousand engines."""
    yield from annotations_kept(KILLS)
