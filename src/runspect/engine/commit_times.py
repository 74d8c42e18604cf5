"""When commits were made, for runs that do not tell: asked of the git repositories on this machine that hold them."""

from __future__ import annotations

import os
import re
import subprocess
import threading
from collections.abc import Mapping, Sequence

from runspect.pathtext import to_disk

SECONDS = 5.0
"""For all commits of a repository."""
MOST = 5_000
"""Commits that are asked for at once."""
MOST_REPOSITORIES = 8
"""Repositories that are asked for one answer."""

_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_QUIET = ("-c", "core.fsmonitor=false", "-c", "log.showSignature=false", "-c", "core.pager=cat")
"""A repository's own settings may name programs to run."""


class CommitTimes:
    """Remembers what git said: a commit never changes; mutable, thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], float | None] = {}
        self._roots: dict[str, str] = {}

    def __call__(self, commits: Mapping[str, Sequence[str]]) -> dict[str, float]:
        """Seconds since 1970 of {commit: directories that may lie in its repository}; those that are found. Never raises."""
        wanted: dict[str, list[str]] = {}
        with self._lock:
            for commit, places in commits.items():
                roots = {self._repository(to_disk(place)) for place in places if place.startswith("/")}
                for root in roots if _COMMIT.fullmatch(commit) else ():
                    if root:
                        wanted.setdefault(root, []).append(commit)
        found: dict[str, float] = {}
        for root, listed in list(wanted.items())[:MOST_REPOSITORIES]:
            found |= self._of(root, listed[:MOST])
        return found

    def _repository(self, place: str) -> str:
        """The nearest directory at or above a place that is a working tree; "" where none is. Each directory is looked at once."""
        passed: list[str] = []
        root = ""
        while place not in self._roots:
            passed.append(place)
            if os.path.exists(os.path.join(place, ".git")):  # noqa: PTH110, PTH118 - thousands of directories
                root = place
                break
            above = os.path.dirname(place)  # noqa: PTH120
            if above == place:
                break
            place = above
        else:
            root = self._roots[place]
        self._roots.update(dict.fromkeys(passed, root))
        return root

    def _of(self, root: str, commits: list[str]) -> dict[str, float]:
        with self._lock:
            new = [commit for commit in commits if (root, commit) not in self._known]
        told = _ask(root, new) if new else {}
        with self._lock:
            if told is not None:
                self._known.update({(root, commit): told.get(commit) for commit in new})
            known = {commit: self._known.get((root, commit)) for commit in commits}
        return {commit: when for commit, when in known.items() if when is not None}


def _ask(root: str, commits: list[str]) -> dict[str, float] | None:
    """None where git gave no answer in time, which may be otherwise the next time."""
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C",
    }  # fmt: skip
    words = ("log", "--no-walk=unsorted", "--ignore-missing", "--no-show-signature", "--format=%H %ct", "--stdin")
    try:
        done = subprocess.run(
            ["git", "-C", root, *_QUIET, *words], input="".join(f"{commit}\n" for commit in commits).encode(),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environ, timeout=SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return None
    except (OSError, ValueError):
        return {}
    told = {}
    for line in done.stdout.decode("ascii", "replace").splitlines():
        commit, _, when = line.partition(" ")
        if when.isdigit():
            told[commit] = float(when)
    by_length: dict[int, dict[str, float]] = {}
    for length in {len(commit) for commit in commits}:
        by_length[length] = {commit[:length]: when for commit, when in told.items()}
    return {commit: by_length[len(commit)][commit] for commit in commits if commit in by_length[len(commit)]}
