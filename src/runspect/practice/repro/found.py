"""What is there, on this machine and now, of what a rebuild needs."""

from __future__ import annotations

from typing import Literal

from runspect.dataclass import dataclass

Level = Literal["stops", "differs", "note"]
"""Whether a gap stops the rebuild, may make its result another one, or is only to be known."""
DataState = Literal["same", "differs", "missing", "no digest"]


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is missing, and what would close it."""

    what: str
    closes: str
    level: Level

    def as_json(self) -> dict[str, str]:
        """As `repro --json` has it."""
        return {"gap": self.what, "closes": self.closes, "level": self.level}


@dataclass(frozen=True, slots=True)
class FoundData:
    """What became of data that was digested."""

    path: str
    state: DataState
    inside: str = ""
    """Where it lies in the repository, if the commit does not have it: it is linked to from there."""


@dataclass(frozen=True, slots=True)
class Found:
    """All of it; "" and () for what is not there."""

    repository: str = ""
    """A repository on this machine that has the commit."""
    on_remote: bool | None = None
    """Whether a remote is known to have the commit; None where that cannot be told without a network."""
    patch: str = ""
    patch_differs: bool = False
    untracked_from: str = ""
    """The directory with the kept files that git did not know."""
    untracked: tuple[str, ...] = ()
    """Those that are there, relative to it, and that may be copied."""
    untracked_lost: tuple[str, ...] = ()
    packages: str = ""
    local_packages: tuple[str, ...] = ()
    """Requirements that no index has: they were installed from a directory."""
    options_in_packages: bool = False
    """The list holds options for pip, such as another index."""
    data: tuple[FoundData, ...] = ()
    missing_arguments: tuple[str, ...] = ()
    """Words of the command line that name files of the original's directory which are neither in the commit nor kept."""
    python: str = ""
    """The version of the Python that would be used; "" where it is not known yet."""
    problems: tuple[Gap, ...] = ()
    """What the record itself says is missing in it: files left out, a patch that was too large."""
