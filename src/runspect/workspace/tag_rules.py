"""Which tags may be given: those that the policy files of the runs' directories allow."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path

from runspect.errors import UsageError
from runspect.pathtext import to_disk
from runspect.policy import Policies, Policy
from runspect.workspace.client import Workspace

_GLOB = frozenset("*?[")


def check_tags(workspace: Workspace, rids: Sequence[int], added: Iterable[str]) -> None:
    """Refuse tags that the policy of one of the runs does not allow.

    Raises:
        UsageError: One is not allowed, says which are near; or a policy file is not understood.
    """
    wanted = tuple(added)
    if not wanted:
        return
    for policy in _policies(Path(to_disk(str(place["directory"]))) for place in workspace.places(rids)):
        for tag in wanted:
            if not policy.allows_tag(tag):
                known = [str(entry["name"]) for entry in workspace.tags()]
                raise UsageError(refusal(tag, policy, known))


def offered(directories: Iterable[str]) -> tuple[str, ...]:
    """The tags that policies of these directories name; patterns are left out. None where none limits them.

    A policy that is not understood offers nothing.
    """
    try:
        policies = _policies(Path(to_disk(directory)) for directory in directories)
    except UsageError:
        return ()
    return tuple(dict.fromkeys(tag for policy in policies for tag in _plain(policy)))


def refusal(tag: str, policy: Policy, known: Iterable[str] = ()) -> str:
    """Why a tag is not allowed, with near names out of those that are."""
    plain = _plain(policy)
    candidates = dict.fromkeys((*plain, *(name for name in known if policy.allows_tag(name))))
    near = difflib.get_close_matches(tag, candidates, n=3)
    allowed = ", ".join(policy.allowed_tags[:8]) + (", …" if len(policy.allowed_tags) > 8 else "")
    hint = f"did you mean {' or '.join(near)}?" if near else f"allowed are {allowed}"
    # what helps comes first: the end may not fit into the footer
    return f"the tag {tag!r} is not allowed; {hint} ({policy.path})"


def _plain(policy: Policy) -> tuple[str, ...]:
    return tuple(tag for tag in policy.allowed_tags if not _GLOB.intersection(tag))


def _policies(directories: Iterable[Path]) -> tuple[Policy, ...]:
    """The different policies of directories that limit tags."""
    known = Policies()
    found = {policy.path: policy for directory in dict.fromkeys(directories) for policy in (known.of(directory),)}
    return tuple(policy for policy in found.values() if policy.allowed_tags)
