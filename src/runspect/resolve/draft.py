"""Runs in the making."""

from __future__ import annotations

from typing import Literal

from runspect.dataclass import dataclass, field
from runspect.model import Claim, Part, Rank
from runspect.resolve.paths import parent

Use = Literal["read", "also_in"]
_PLAIN_TOOLS = {"", "config", "console"}


@dataclass(slots=True)
class Cluster:
    """Weak series files that are one run, found by their directories."""

    root: str
    key: str = ""
    label: str = ""
    """What to derive the name from, where it is not the root."""
    parts: list[Part] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    """Directories that hold its files, the root included: configs beside them are its own."""
    parent: str | None = None
    """Root of the run that it belongs to."""

    def add(self, claim: Claim, use: Use = "read", prefix: str = "") -> None:
        """Take a file in."""
        self.parts.append(Part(claim, use, prefix))
        self.hosts.add(parent(claim.path))

    def readers(self) -> set[str]:
        """Readers of its series."""
        return {part.claim.reader for part in self.parts if part.claim.kind == "series"}


@dataclass(slots=True)
class Leftover:
    """A claim that founds no run: a config, a console log, a status file."""

    claim: Claim
    home: str
    """The directory it speaks for: a checkpoint's copy speaks for the directory of the checkpoints."""
    use: Use = "read"


@dataclass(slots=True)
class Draft:
    """A run whose files are still being gathered."""

    root: str
    key: str = ""
    label: str = ""
    rank: Rank = "weak"
    parent: str | None = None
    parts: list[Part] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    @staticmethod
    def of_cluster(cluster: Cluster) -> Draft:
        """A run of its own out of weak files."""
        parts, hosts = list(cluster.parts), set(cluster.hosts)
        return Draft(cluster.root, cluster.key, cluster.label, parent=cluster.parent, parts=parts, hosts=hosts)

    def has_config(self) -> bool:
        """Whether any config of its own is known."""
        return any(part.claim.kind == "config" and not part.shared for part in self.parts)

    def is_export(self) -> bool:
        """Whether it is a record that was made of a run of another tool."""
        return any(part.claim.hint("exported") for part in self.parts)

    def tools(self) -> tuple[str, ...]:
        """The tools that wrote it; plain configs and consoles only count where nothing else is there."""
        told = [part.claim for part in self.parts if part.claim.tool not in _PLAIN_TOOLS]
        # what a console log looks like says who wrote it only where no file of a tool does
        names = {claim.tool for claim in told if claim.kind != "console"} or {claim.tool for claim in told}
        names |= {tool for part in self.parts for tool in part.claim.hint("tools").split("\n") if tool}
        return tuple(sorted(names or {part.claim.tool or part.claim.reader for part in self.parts}))

    def group(self) -> str | None:
        """The directory that groups it with others, where its tool's claims name one."""
        return min({part.claim.hint("group") for part in self.parts} - {""}, default=None)

    def ids(self) -> tuple[str, ...]:
        """Ids that the claims know."""
        return tuple(sorted({part.claim.hint("id") for part in self.parts} - {""}))
