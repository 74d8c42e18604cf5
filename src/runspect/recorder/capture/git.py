"""What git knows of the code at the moment when a run starts: commit, branch, patch, untracked files."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from runspect.recorder.capture.bounded import Output, output
from runspect.recorder.capture.patch import write_patch
from runspect.recorder.capture.untracked import copy_untracked
from runspect.recorder.layout import LATE

QUICK_SECONDS = 5.0
"""For the small questions: where the repository is, what its remotes are."""
SECONDS = 60.0
"""For the state of the working tree and for the patch, which go on behind the program's start."""
LARGEST_STATUS = 32 << 20

_URL_USER = re.compile(r"(?<=://)[^/@\s]*@")


class Snapshot:
    """Looks at the repository in two threads; mutable. `wait` holds up the program's start, `facts` its record's end."""

    def __init__(self, cwd: str, environ: Mapping[str, str], directory: Path, without: Sequence[Path] = ()) -> None:
        """Begin at once.

        Args:
            directory: The record: patches and untracked sources are put there.
            without: Directories whose files are no sources, such as that of all records.
        """
        self._cwd = cwd
        self._environ = _environment(environ)
        self._directory = directory
        self._without = without
        self._begun = time.monotonic()
        self._facts: dict[str, object] = {}
        self._late: dict[str, float] = {}
        self._thread = threading.Thread(target=self._look, name="runspect-git", daemon=True)
        self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Wait so long for the patch and the untracked files; whether they are there."""
        self._thread.join(seconds)
        if self._thread.is_alive():
            self._late["after"] = time.monotonic()
            return False
        return True

    def facts(self, seconds: float = SECONDS) -> dict[str, object]:
        """`root`, `prefix`: where in it the run began, `remote`, `commit`, `committed`: when it was made, `branch`, `dirty`, `patch`, `patch_sha256`, `untracked` …; or `missing`: why none."""
        self._thread.join(seconds)
        if self._thread.is_alive():
            return {**self._facts, "cut": [f"git had not answered after {time.monotonic() - self._begun:.0f} s"]}
        return self._facts

    def _look(self) -> None:
        place = self._git("rev-parse", "--show-toplevel", "--show-prefix", cwd=self._cwd)
        root, _, below = place.data.decode("utf-8", "surrogateescape").removesuffix("\n").rpartition("\n")
        if not place.fine or not root:
            self._facts = {"missing": _why(place)}
            return
        self._facts = {"root": root}
        told: dict[str, object] = {}
        other = threading.Thread(target=lambda: told.update(self._remote(root)), name="runspect-remote", daemon=True)
        other.start()
        # both read the whole working tree: side by side they take as long as one
        status = threading.Thread(target=lambda: told.update(self._status(root)), name="runspect-status", daemon=True)
        status.start()
        patch = write_patch(self._git, root, self._directory / "patch.diff")
        status.join()
        other.join()
        state = told.pop("status")
        assert isinstance(state, Status)
        urls = told.pop("urls")
        committed = told.pop("committed")
        assert isinstance(urls, dict)
        self._facts = {
            "root": root, **({"prefix": below} if below else {}), "remote": remote_of(urls, state.branch), "commit": state.commit, "branch": state.branch,
            **({"detached": True} if state.detached else {}), **({"committed": committed} if committed else {}),
            **patch.facts(), "dirty": patch.dirty if patch.known else (state.changed if state.known else None),
            **copy_untracked(Path(root), state.untracked, self._directory / "untracked"),
        }  # fmt: skip
        self._submodules(root, state)
        cut = [text for text in (state.cut, patch.cut) if text]
        if "after" in self._late:
            cut.append(f"{LATE} {time.monotonic() - self._late['after']:.1f} s after the start")
        if cut:
            self._facts["cut"] = cut

    def _git(self, *words: str, cwd: str, seconds: float = SECONDS, **more: object) -> Output:
        return output(["git", *words], cwd=cwd, environ=self._environ, seconds=seconds, **more)  # type: ignore[arg-type]

    def _status(self, root: str) -> dict[str, object]:
        left_out = [f":(top,exclude,literal){inner}" for inner in _inside(self._without, root)]
        said = self._git(
            "status", "--porcelain=v2", "--branch", "-z", "--untracked-files=all", "--no-renames", "--", ":/", *left_out,
            cwd=root, largest=LARGEST_STATUS,
        )  # fmt: skip
        return {"status": parse_status(said)}

    def _remote(self, root: str) -> dict[str, object]:
        said = self._git(
            "config", "-z", "--get-regexp", r"^(remote\..*\.url|branch\..*\.remote)$", cwd=root, seconds=QUICK_SECONDS
        )
        pairs = (entry.partition("\n") for entry in said.data.decode("utf-8", "replace").split("\0") if entry)
        committed = self._git("log", "-1", "--no-show-signature", "--format=%ct", cwd=root, seconds=QUICK_SECONDS)
        return {"urls": {key: value for key, _, value in pairs}, "committed": _moment(committed)}

    def _submodules(self, root: str, state: Status) -> None:
        found = list[dict[str, object]]()
        for number, module in enumerate(state.submodules, 1):
            entry: dict[str, object] = {"path": module.path, "changed": module.what}
            inner = str(Path(root, module.path))
            commit = self._git("rev-parse", "--verify", "HEAD", cwd=inner, seconds=QUICK_SECONDS)
            if commit.fine:
                entry["commit"] = commit.data.decode("ascii", "replace").strip()
            patch = write_patch(self._git, inner, self._directory / f"patch-submodule-{number}.diff")
            found.append({**entry, **patch.facts()})
        if found:
            self._facts["submodules"] = found


class Submodule(NamedTuple):
    """A submodule that is not as the commit has it."""

    path: str
    what: list[str]
    """Of "commit", "files", "untracked"."""


class Status(NamedTuple):
    """What `git status` told."""

    commit: str
    """"" before the first commit."""
    branch: str
    """"" where HEAD is detached."""
    detached: bool
    changed: bool
    """Whether a tracked file differs from the commit."""
    untracked: list[str]
    """Relative to the root, with slashes."""
    submodules: list[Submodule]
    cut: str

    @property
    def known(self) -> bool:
        """Whether it was told to the end."""
        return not self.cut


def parse_status(said: Output) -> Status:
    """The entries of `git status --porcelain=v2 --branch -z` (git-status(1)), as many as there are."""
    heads = dict[str, str]()
    changed, untracked, submodules = False, list[str](), list[Submodule]()
    for entry in said.data.decode("utf-8", "surrogateescape").split("\0"):
        kind, _, rest = entry.partition(" ")
        if kind == "#":
            key, _, value = rest.partition(" ")
            heads[key] = value
        elif kind in ("1", "u"):
            changed = True
            fields = rest.split(" ", 7 if kind == "1" else 9)
            if len(fields) > 1 and fields[1].startswith("S") and len(fields[1]) == 4:
                whats = zip(fields[1][1:], ("commit", "files", "untracked"), strict=True)
                submodules.append(Submodule(fields[-1], [what for mark, what in whats if mark != "."]))
        elif kind == "?":
            untracked.append(rest)
    commit, branch = heads.get("branch.oid", ""), heads.get("branch.head", "")
    cut = "" if said.fine else f"git status: {_why(said)}"
    if said.cut.startswith("took"):
        cut += "; untracked files are not known"
    detached = branch == "(detached)"
    return Status(
        "" if commit == "(initial)" else commit,
        "" if detached else branch,
        detached,
        changed,
        untracked,
        submodules,
        cut,
    )


def remote_of(urls: Mapping[str, str], branch: str) -> str:
    """The URL of the branch's remote, else of `origin`, else of the first one; without user and password."""
    named = urls.get(f"branch.{branch}.remote", "origin")
    first = next((url for key, url in urls.items() if key.startswith("remote.")), "")
    return clean_url(urls.get(f"remote.{named}.url") or urls.get("remote.origin.url") or first)


def clean_url(url: str) -> str:
    """A URL without a user and password in it; `git@host:path` has none and stays."""
    return _URL_USER.sub(lambda found: "" if ":" in found[0] or not url.startswith("ssh:") else found[0], url)


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    """For git: no locks taken beside the user's own git, no questions, no pager, no network, plain English."""
    kept = {name: value for name, value in environ.items() if name not in ("GIT_DIFF_OPTS", "GIT_EXTERNAL_DIFF", "GIT_TRACE")}  # fmt: skip
    return {
        **kept, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_PAGER": "cat",
        "LC_ALL": "C",
    }  # fmt: skip


def _moment(said: Output) -> str:
    """When the commit was made, ISO 8601 UTC; "" before the first one."""
    seconds = said.data.strip()
    if not said.fine or not seconds.isdigit() or len(seconds) > 11:
        return ""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(seconds)))


def _inside(directories: Sequence[Path], root: str) -> list[str]:
    real = Path(root).resolve()
    places = (directory.resolve() for directory in directories)
    return [place.relative_to(real).as_posix() for place in places if place != real and place.is_relative_to(real)]


def _why(said: Output) -> str:
    """Why git has nothing to tell, in a line."""
    if said.cut:
        return "git is not installed" if said.cut == "not installed" else said.cut
    if "not a git repository" in said.said:
        return "no git repository"
    if "must be run in a work tree" in said.said:
        return "no working tree"
    lines = said.said.splitlines()
    return lines[0].removeprefix("fatal: ") if lines else f"git ended with {said.code}"
