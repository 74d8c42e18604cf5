"""Configs, consoles and status files: given to a run only where there is no doubt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from runspect.dataclass import dataclass, field
from runspect.model import Claim, Part, Problem
from runspect.resolve.consoles import same_run
from runspect.resolve.draft import Draft, Leftover
from runspect.resolve.paths import STAMP, above, base, distance, parent, upward, within

REACH = 2
"""How many levels a config or console may lie above or below its run."""
_VERSIONS = re.compile(r"(?:version|run|seed|fold|trial|exp)?[_-]?\d+")
"""Siblings named so were started by one program from one config."""


@dataclass(slots=True)
class Adoption:
    """What found no run."""

    loose: list[Claim] = field(default_factory=list)
    doubts: list[Problem] = field(default_factory=list)


def adopt(leftovers: Sequence[Leftover], drafts: Sequence[Draft], scope: str | None, others: Iterable[str]) -> Adoption:
    """Add each leftover to the draft it belongs to, or say why not.

    `drafts` are the runs that may take them; `others` are roots of runs on other ground, which never take them but
    make a file above both of them doubtful. `scope` is the root of the strong run, None outside of any.
    """
    places = _Places(drafts, others, scope)
    result = Adoption()
    distant: list[Leftover] = []
    for leftover in leftovers:
        owners = places.beside(leftover.home) or places.around(leftover)
        if len(owners) > 1:
            owners = same_run(owners, leftover) or owners
        if len(owners) == 1:
            _give(owners[0], leftover)
        elif owners and leftover.claim.kind == "config":
            _refuse(result, leftover, len(owners))
        elif owners or scope is not None:
            result.loose.append(leftover.claim)
        else:
            distant.append(leftover)
    _adopt_from_above(distant, places, result)
    return result


class _Places:
    """Where runs are: at, around and below a directory."""

    def __init__(self, drafts: Sequence[Draft], others: Iterable[str], scope: str | None) -> None:
        self._drafts = drafts
        self._others = list(others)
        self._scope = scope
        self._at: dict[str, list[Draft]] = {}
        for draft in drafts:
            for directory in {draft.root, *draft.hosts}:
                self._at.setdefault(directory, []).append(draft)
        self._below: dict[str, list[Draft]] = {}
        self._others_below: dict[str, int] = {}
        for draft in drafts:
            for up in above(draft.root):
                self._below.setdefault(up, []).append(draft)
        for root in self._others:
            for up in above(root):
                self._others_below[up] = self._others_below.get(up, 0) + 1

    def beside(self, directory: str) -> list[Draft]:
        """Runs that have this directory."""
        return self._at.get(directory, [])

    def around(self, leftover: Leftover) -> list[Draft]:
        """Runs just above: for configs only where a writer made the directory, for others the nearest within reach."""
        home, config = leftover.home, leftover.claim.kind == "config"
        if config and not (STAMP.fullmatch(base(home)) or self._just_inside(home)):
            return []
        for directory in list(upward(home))[1 : 1 + (1 if config else REACH)]:
            if self._at.get(directory):
                return self._at[directory]
        return []

    def _just_inside(self, directory: str) -> bool:
        """A directory of a strong run's own, such as the `files/` of W&B."""
        return self._scope is not None and within(directory, self._scope) and distance(directory, self._scope) == 1

    def below(self, directory: str) -> tuple[list[Draft], int]:
        """Runs below that may take a file from here, and how many others there are."""
        return self._below.get(directory, []), self._others_below.get(directory, 0)


def _adopt_from_above(leftovers: list[Leftover], places: _Places, result: Adoption) -> None:
    """Files above runs: nearest first, and only for runs that have nothing nearer."""
    leftovers = sorted(leftovers, key=lambda leftover: (-_depth(leftover.home), leftover.claim.path))
    configured: dict[int, str] = {}
    for leftover in leftovers:
        runs, others = places.below(leftover.home)
        near = [run for run in runs if distance(run.root, leftover.home) <= REACH]
        config = leftover.claim.kind == "config"
        if len(runs) == 1 and not others and near:
            run = near[0]
            if not config and distance(run.root, leftover.home) == 1:
                _give(run, leftover)
                continue
            if config and configured.get(id(run), "" if run.has_config() else leftover.home) == leftover.home:
                configured[id(run)] = leftover.home
                _give(run, leftover)
                continue
        elif config and _is_scheme(runs, others, leftover.home):
            for run in runs:
                if not run.has_config():
                    _give(run, leftover, shared=True)
            continue
        elif config and len(near) > 1:
            _refuse(result, leftover, len(runs) + others)
            continue
        result.loose.append(leftover.claim)


def _is_scheme(runs: list[Draft], others: int, home: str) -> bool:
    """Whether all runs below are numbered children of this very directory, and one at least lacks a config."""
    if others or len(runs) < 2 or any(parent(run.root) != home or run.key for run in runs):
        return False
    return all(_VERSIONS.fullmatch(base(run.root)) for run in runs) and any(not run.has_config() for run in runs)


def _give(run: Draft, leftover: Leftover, shared: bool = False) -> None:
    run.parts.append(Part(leftover.claim, leftover.use, shared=shared))


def _refuse(result: Adoption, leftover: Leftover, count: int) -> None:
    claim = leftover.claim
    result.loose.append(claim)
    result.doubts.append(
        Problem(claim.path, None, claim.reader, f"could belong to {count} runs", "given to none of them")
    )


def _depth(directory: str) -> int:
    return 0 if directory == "." else directory.count("/") + 1
