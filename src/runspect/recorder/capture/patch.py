"""The patch that leads from the commit to the working tree, as `git apply` takes it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from io import BufferedWriter
from pathlib import Path
from typing import NamedTuple

from runspect.recorder.capture.bounded import Output

LARGEST = 64 << 20
"""Bytes; of a larger patch nothing is kept, for half of one cannot be applied."""
OPTIONS = (
    "--binary", "--full-index", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--no-relative",
    "--src-prefix=a/", "--dst-prefix=b/", "--submodule=short", "--ignore-submodules=dirty",
)  # fmt: skip
"""Whatever the user's own settings make of a diff, this one can be applied."""

Git = Callable[..., Output]


class Patch(NamedTuple):
    """What became of it."""

    file: str
    """Its name in the record; "" where there is none."""
    sha256: str
    dirty: bool
    cut: str
    """Why there is none although there should be; "" otherwise."""

    @property
    def known(self) -> bool:
        """Whether git told all."""
        return not self.cut

    def facts(self) -> dict[str, object]:
        """As the record has it."""
        return {"patch": self.file, "patch_sha256": self.sha256} if self.file else {}


CLEAN = Patch("", "", False, "")


def write_patch(git: Git, root: str, path: Path) -> Patch:
    """Write `git diff HEAD` of the working tree at `root` to `path`, unless nothing is changed."""
    base = _base(git, root)
    writing = _Writing(path)
    try:
        said = git("-c", "core.quotepath=true", "diff", *OPTIONS, base, "--", cwd=root, largest=LARGEST, sink=writing)
    finally:
        writing.close()
    if said.fine and not writing.fault:
        return Patch(path.name, writing.digest.hexdigest(), True, "") if writing.size else CLEAN
    path.unlink(missing_ok=True)
    why = writing.fault or said.cut or (said.said.splitlines() or ["git diff failed"])[0]
    return Patch("", "", writing.size > 0, f"no patch: {why}")


def _base(git: Git, root: str) -> str:
    """HEAD; before the first commit the empty tree."""
    if git("rev-parse", "--verify", "--quiet", "HEAD", cwd=root).fine:
        return "HEAD"
    return git("hash-object", "-t", "tree", "/dev/null", cwd=root).data.decode("ascii", "replace").strip()


class _Writing:
    """Takes the pieces of a patch; the file is made with the first one. Mutable."""

    def __init__(self, path: Path) -> None:
        self.size = 0
        self.digest = hashlib.sha256()
        self.fault = ""
        self._path = path
        self._file: BufferedWriter | None = None

    def __call__(self, piece: bytes) -> None:
        self.size += len(piece)
        self.digest.update(piece)
        if self.fault:
            return
        try:
            if self._file is None:
                self._file = self._path.open("wb")
            self._file.write(piece)
        except OSError as error:  # a full disk
            self.fault = error.strerror or str(error)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            try:
                self._file.close()
            except OSError as error:
                self.fault = error.strerror or str(error)
