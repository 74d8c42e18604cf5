"""Directories that are one checkpoint: their size and newest time, with no artefact for each file in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set

from runspect.engine.members import Stamp
from runspect.model import Artifact

_NAME = re.compile(r"checkpoint-(\d{1,15})|global_step_?(\d{1,15})|iter_(\d{7})")
"""Hugging Face; DeepSpeed; Megatron."""
_MAYBE = re.compile(r"checkpoint-|global_step|iter_")
"""Stands in the path of every directory that has such a name or lies below one."""
_MARKS = frozenset({"_CHECKPOINT_METADATA", "manifest.ocdbt", "__0_0.distcp"})
"""Orbax and the store that it writes to; torch.distributed.checkpoint, which writes a file or more a process."""
_TRAILING = re.compile(r"\d{1,15}$")


class Checkpoints:
    """Those that a walk came through; mutable."""

    def __init__(self) -> None:
        self._sums: dict[str, tuple[int, float]] = {}

    def holding(self, directory: str, files: Set[str]) -> str | None:
        """The checkpoint that a directory with these files is or lies in; the outermost."""
        if self._sums or _MAYBE.search(directory):
            parts = directory.split("/")
            for depth, part in enumerate(parts, 1):
                above = "/".join(parts[:depth])
                if above in self._sums or _NAME.fullmatch(part):
                    return above
        return None if _MARKS.isdisjoint(files) or directory == "." else directory

    def add(self, checkpoint: str, stamps: Iterable[Stamp]) -> None:
        """Files lie in it."""
        size, modified = self._sums.get(checkpoint, (0, 0.0))
        for stamp in stamps:
            size, modified = size + stamp.size, max(modified, stamp.mtime)
        self._sums[checkpoint] = (size, modified)

    def artifacts(self) -> Iterable[Artifact]:
        """One artefact for each."""
        for path, (size, modified) in self._sums.items():
            yield Artifact(path, "checkpoint", size, modified, _step(path.rpartition("/")[2]))


def _step(name: str) -> int | None:
    found = _NAME.fullmatch(name) or _TRAILING.search(name)
    return None if found is None else int(next(group for group in (*found.groups(), found[0]) if group))
