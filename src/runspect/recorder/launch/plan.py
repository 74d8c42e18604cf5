"""What `runspect record` was asked for."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path


class Plan:
    """A command to be recorded, and what its record says from the start."""

    __slots__ = (
        "argv",
        "as_json",
        "data",
        "hypothesis",
        "name",
        "name_from_policy",
        "note",
        "project",
        "quiet",
        "runs",
        "tags",
    )

    def __init__(
        self,
        argv: Sequence[str],
        *,
        name: str = "",
        name_from_policy: bool = False,
        hypothesis: str = "",
        tags: Sequence[str] = (),
        note: str = "",
        project: str = "",
        data: Sequence[str] = (),
        runs: str = "",
        quiet: bool = False,
        as_json: bool = False,
    ) -> None:
        self.argv = tuple(argv)
        self.name = name
        self.name_from_policy = name_from_policy
        self.hypothesis = hypothesis
        self.tags = tuple(tags)
        self.note = note
        self.project = project
        self.data = tuple(data)
        self.runs = runs
        """The directory of records; "" for $RUNSPECT_RUNS, the policy's or ./runs."""
        self.quiet = quiet
        self.as_json = as_json

    def facts(self) -> dict[str, object]:
        """What the user said, by the keys of the format."""
        said: dict[str, object] = {
            "project": self.project, "tags": list(self.tags), "note": self.note, "hypothesis": self.hypothesis,
        }  # fmt: skip
        return {key: value for key, value in said.items() if value}


def here() -> Path:
    """The working directory, as the shell names it: links in it stay."""
    named = os.environ.get("PWD", "")
    try:
        if named.startswith("/") and os.path.samefile(named, "."):  # noqa: PTH121 - Path has no such thing for strings
            return Path(named)
    except OSError:
        pass
    return Path.cwd()
