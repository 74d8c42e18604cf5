"""What is known of runs beyond the claims on their files, once these were read: who wrote a log, and which records live."""

from __future__ import annotations

from collections.abc import Mapping

from runspect.dataclass import dataclass, field


@dataclass(frozen=True, slots=True)
class Testimony:
    """What a log says of the process that wrote it."""

    record: str = ""
    """Id of the record that was kept of the program, where the log bears it."""
    host: str = ""
    pid: int | None = None
    started: float | None = None
    """When the run began, s since 1970."""
    program: str = ""
    parent: str = ""
    """An id of the run that this one belongs to."""


NOTHING = Testimony()


@dataclass(frozen=True, slots=True)
class Heard:
    """What the runs of a tree say; empty as long as nothing of it was read."""

    said: Mapping[str, Testimony] = field(default_factory=dict)
    """By path of a file of the run."""
    lost: Mapping[str, float] = field(default_factory=dict)
    """Root of a record that has no end and does not live → its last sign of life, s since 1970. Of others without an end it
    is not known that they do not live."""


SILENCE = Heard()
