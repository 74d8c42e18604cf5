"""Containers and tool runs: whose ground a file lies on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from runspect.dataclass import dataclass, field
from runspect.model import Claim, Rank
from runspect.resolve.draft import Use
from runspect.resolve.paths import above, base, parent, upward
from runspect.resolve.sessions import homes

_COPIES = frozenset({"latest-run"})
"""Directory names under which a tool keeps another copy of a run."""


@dataclass(slots=True)
class Scope:
    """The ground of one strong run."""

    root: str
    rank: Rank
    claims: list[Claim] = field(default_factory=list)
    """Claims of rank container or tool."""
    weak: list[Claim] = field(default_factory=list)
    parent: str | None = None
    children: list[str] = field(default_factory=list)
    roots: list[str] = field(default_factory=list)
    """Its directories, where a tool wrote the same run into several (a resumed W&B run)."""

    def parts(self) -> Iterator[tuple[Claim, Use]]:
        """Its strong claims; a copy is only listed where the original is there."""
        copied = {root for root in self.roots if base(root) in _COPIES}
        original = {base(claim.path) for claim in self.claims if claim.root not in copied}
        paths = {claim.path for claim in self.claims}
        for claim in self.claims:
            is_copy = (claim.root in copied and base(claim.path) in original) or claim.hint("copy") in paths
            yield claim, "also_in" if is_copy else "read"


class Scopes:
    """The strong roots of a set of claims, and every claim given to the nearest one above it."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        claims = list(claims)
        self._by_root: dict[str, Scope] = {}
        self._outside: list[Claim] = []
        self._nearest: dict[str, Scope | None] = {}
        strong = [claim for claim in claims if claim.rank != "weak"]
        sessions = homes(strong)
        for claim in strong:
            root = sessions.roots.get(claim, claim.root)
            scope = self._by_root.setdefault(root, Scope(root, claim.rank, roots=[root]))
            scope.claims.append(claim)
            if claim.rank == "container":
                scope.rank = "container"
        self._by_root |= {place: self._by_root[home] for place, home in sessions.places.items()}
        self._join_same_ids()
        self._nest()
        for claim in claims:
            if claim.rank == "weak":
                nearest = self._find(claim.root)
                (self._outside if nearest is None else nearest.weak).append(claim)

    def strong(self) -> list[Scope]:
        """Each strong run once, sorted by root."""
        unique = {id(scope): scope for scope in self._by_root.values()}
        return sorted(unique.values(), key=lambda scope: scope.root)

    def outside(self) -> list[Claim]:
        """Weak claims on nobody's ground."""
        return self._outside

    def roots(self) -> list[str]:
        """All strong directories."""
        return sorted(self._by_root)

    def _join_same_ids(self) -> None:
        """Tool directories side by side with one id are one run that was resumed or copied."""
        same: dict[tuple[str, str], Scope] = {}
        order = sorted(self._by_root.values(), key=lambda scope: (base(scope.root) in _COPIES, scope.root))
        for scope in order:
            ids = {claim.hint("id") for claim in scope.claims} - {""}
            if scope.rank != "tool" or not ids:
                continue
            first = same.setdefault((parent(scope.root), min(ids)), scope)
            if first is not scope:
                self._merge(scope, first)

    def _nest(self) -> None:
        """One tool run inside a container, or in each of its sessions, is the same run; more are its children."""
        inside: dict[str, list[Scope]] = {}
        for scope in self.strong():
            if scope.rank == "tool":
                outer = next((self._by_root[up] for up in above(scope.root) if up in self._by_root), None)
                if outer is not None and outer.rank == "container":
                    inside.setdefault(outer.root, []).append(scope)
        for root, tools in inside.items():
            container = self._by_root[root]
            if len(tools) == 1 or _one_a_session(tools, container):
                for tool in tools:
                    self._merge(tool, container)
                continue
            container.children = [tool.root for tool in tools]
            for tool in tools:
                tool.parent = root

    def _merge(self, scope: Scope, into: Scope) -> None:
        into.claims += scope.claims
        into.roots += scope.roots
        for root in scope.roots:
            self._by_root[root] = into

    def _find(self, directory: str) -> Scope | None:
        path: list[str] = []
        found: Scope | None = None
        for up in upward(directory):
            if up in self._nearest:
                found = self._nearest[up]
                break
            path.append(up)
            if up in self._by_root:
                found = self._by_root[up]
                break
        self._nearest |= dict.fromkeys(path, found)
        return found


def _one_a_session(tools: list[Scope], container: Scope) -> bool:
    """Whether each tool run was begun by another start of the container's program."""
    sessions = {claim.hint("session") for claim in container.claims} - {""}
    found = [next((name for name in tool.root.split("/") if name in sessions), "") for tool in tools]
    return "" not in found and len(set(found)) == len(found)
