"""What is there of what a rebuild needs: git and the disk are asked, nothing is changed and nothing recorded is run."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from runspect.practice.repro.found import Found, FoundData, Gap
from runspect.practice.repro.gaps import named
from runspect.practice.repro.origin import Data, Origin
from runspect.practice.repro.quoting import comment, moved
from runspect.practice.repro.script import INSTALLS
from runspect.recorder.capture.data import data as digested
from runspect.recorder.layout import HEAD

LARGEST = 64 << 20
SECONDS = 30.0
_PIP = re.compile(r"(?:requirements[\w.-]*\.(?:txt|lock)|pip_freeze\.txt)\Z")
_QUIET = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")
"""No program of a recorded repository is started."""


def settled(told: Origin) -> Origin:
    """The same, with the links resolved by which its working directory and the paths in its command lead into the repository.

    A recorder tells the directory as the shell names it, and git the repository's as the disk does.
    """
    real = os.path.realpath(told.cwd) if told.cwd else ""
    if not told.root or not real or os.path.commonpath((real, told.root)) != told.root:
        return told
    below = os.path.relpath(real, told.root)
    tail = "" if below == "." else f"/{below}"
    link = told.cwd.removesuffix(tail) if told.cwd.endswith(tail) else ""
    environment = {name: moved(value, link, told.root) for name, value in told.environment.items()}
    argv = tuple(moved(word, link, told.root) for word in told.argv)
    return replace(told, cwd=real, argv=argv, environment=environment)


def look(told: Origin, repository: str = "", python: str = "", *, check_data: bool = True) -> Found:
    """Look for all of it.

    Args:
        repository: A clone to take the code from, instead of where it was.
        python: The version of the Python that would be used; "" where that is not known yet.
        check_data: Digest the data again.
    """
    place = _repository(told, repository)
    patch = next((path for path in told.patch if Path(path).is_file()), "")
    packages = next((path for path in told.packages if _is_list(path)), "")
    lines = _lines(packages) if packages and _PIP.match(Path(packages).name) else []
    kept = Path(told.directory) / "untracked"
    good = tuple(path for path in told.untracked if _may_be_copied(kept, path))
    data = tuple(_data(each, told, place, check_data) for each in told.data)
    return Found(
        repository=place, on_remote=_on_remote(place, told.commit) if place else None,
        patch=patch if patch and _is_patch(patch) else "", patch_differs=bool(patch) and _differs(patch, told.patch_sha256),
        untracked_from=str(kept) if good else "", untracked=good,
        untracked_lost=tuple(path for path in told.untracked if path not in good),
        packages=packages, local_packages=tuple(line[2:].partition(" from ")[0] for line in lines if line.startswith("# ") and " from file:" in line),
        options_in_packages=any(line.startswith("-") for line in lines),
        data=data, missing_arguments=tuple(_missing(told, place, {*good, *(each.inside for each in data)})), python=python,
        problems=tuple(_problems(told)),
    )  # fmt: skip


def _git(directory: str, *words: str) -> tuple[bool, str]:
    """Whether git said yes, and its output."""
    environ = {
        **os.environ,
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "LC_ALL": "C",
    }
    try:
        done = subprocess.run(
            ["git", "-C", directory, *_QUIET, *words], capture_output=True, env=environ, stdin=subprocess.DEVNULL,
            timeout=SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return False, ""
    return done.returncode == 0, os.fsdecode(done.stdout)


def _repository(told: Origin, named_one: str) -> str:
    """The first repository that has the commit: the one that was named, the original's, that around the logs."""
    if not told.commit:
        return ""
    for place in (named_one,) if named_one else (told.root, told.cwd, told.directory):
        if place and os.path.isdir(place):  # noqa: PTH112
            inside, top = _git(place, "rev-parse", "--show-toplevel")
            if inside and _git(place, "cat-file", "-e", f"{told.commit}^{{commit}}")[0]:
                return top.removesuffix("\n")
    return ""


def _on_remote(repository: str, commit: str) -> bool:
    fine, branches = _git(repository, "for-each-ref", "--count=1", "--contains", commit, "refs/remotes", "refs/tags")
    return fine and bool(branches.strip())


def _is_list(path: str) -> bool:
    name = Path(path).name
    return Path(path).is_file() and (name in INSTALLS or _PIP.match(name) is not None)


def _lines(path: str) -> list[str]:
    with Path(path).open(encoding="utf-8", errors="replace") as file:
        return file.read(LARGEST).splitlines()


def _is_patch(path: str) -> bool:
    """Whether git could apply it: some tools write a report that only holds a patch."""
    with Path(path).open("rb") as file:
        return file.read(4096).lstrip().startswith((b"diff --git ", b"--- ", b"Index: ", b"GIT binary patch"))


def _differs(path: str, sha256: str) -> bool:
    if not sha256:
        return False
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() != sha256


def _may_be_copied(kept: Path, path: str) -> bool:
    """Whether a file is there, a plain one, in no directory of git's and in no other way outside of the kept ones."""
    parts = path.split("/")
    if "\0" in path or any(part in ("", ".", "..") or part.lower() == ".git" for part in parts):
        return False
    inner = kept
    for part in parts:
        inner = inner / part
        if inner.is_symlink():
            return False
    return inner.is_file()


def _data(each: Data, told: Origin, repository: str, check: bool) -> FoundData:
    inside = ""
    if told.root and each.path.startswith(f"{told.root}/"):
        below = os.path.relpath(each.path, told.root)
        tracked = bool(repository) and _git(repository, "cat-file", "-e", f"{told.commit}:{below}")[0]
        inside = "" if tracked else below
    if not Path(each.path).exists():
        return FoundData(each.path, "missing")
    if not each.sha256:
        return FoundData(each.path, "no digest", inside)
    same = not check or digested(each.path, "/").get("sha256") == each.sha256
    return FoundData(each.path, "same" if same else "differs", inside)


def _missing(told: Origin, repository: str, known: set[str]) -> Iterator[str]:
    """Words of the command line that name something in the original's directory which the rebuilt one will lack."""
    if not repository or not told.cwd or not told.root:
        return
    for word in told.argv[1:]:
        value = word.partition("=")[2] if word.startswith("-") or "=" in word else word
        if not value or value.startswith("-") or "\0" in value:
            continue
        path = os.path.normpath(os.path.join(told.cwd, value))  # noqa: PTH118
        if not path.startswith(f"{told.root}/") or not os.path.exists(path):  # noqa: PTH110
            continue
        below = os.path.relpath(path, told.root)
        if below not in known and not _git(repository, "cat-file", "-e", f"{told.commit}:{below}")[0]:
            yield value


def _problems(told: Origin) -> Iterator[Gap]:
    """What runspect's own record says that it lacks."""
    head = _head(Path(told.directory) / HEAD) if "runspect" in told.tools else {}
    git = head.get("git")
    if not isinstance(git, dict):
        return
    for cut in git.get("cut") or ():
        yield Gap(comment(str(cut)), "commit before the run", "differs")
    skipped = [each for each in git.get("untracked_skipped") or () if isinstance(each, dict)]
    names = tuple(f"{each.get('path')} ({each.get('why')})" for each in skipped)
    if names:
        yield Gap(
            f"files that git did not know were not kept: {named(names)}", "commit them, or copy them by hand", "differs"
        )
    for module in git.get("submodules") or ():
        if isinstance(module, dict):
            yield Gap(
                f"submodule {comment(str(module.get('path')))} was not as the commit has it",
                f"see submodules in {HEAD} of the record: its commit and patch",
                "differs",
            )


def _head(path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_bytes()[:LARGEST])
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
