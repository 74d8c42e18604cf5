"""What is to be put in order of runs, in a sentence each; nothing of it deletes anything."""

from __future__ import annotations

from collections.abc import Mapping

from runspect.dataclass import dataclass
from runspect.model import Json

CLOSES: Mapping[str, str] = {
    "unnamed": "give it a name (`runspect lint --tidy --rule unnamed --name PATTERN`)",
    "untagged": "tag it, or archive it",
    "duplicate": "archive it, or tag it if it was to be repeated; `runspect tried` before a run says so in time",
    "stale": "archive it, or say in a note what it is waiting for",
}


@dataclass(frozen=True, slots=True)
class Untidy:
    """Something about a run that people can put in order in bulk."""

    rid: int
    uid: str
    name: str
    path: str
    state: str
    when: float | None
    """Start, else the newest record: seconds since 1970."""
    kind: str
    """One of `columns.tidy.KINDS`."""
    what: str
    """Said of the run."""

    def as_json(self) -> dict[str, Json]:
        """As `lint --tidy --json` has it, and the rid."""
        return {
            "rid": self.rid, "uid": self.uid, "name": self.name, "path": self.path, "state": self.state,
            "rule": self.kind, "what": self.what, "closes": CLOSES[self.kind],
        }  # fmt: skip


def said(kind: str, state: str, twin: str, silent: str) -> str:
    """What is untidy of a run.

    Args:
        twin: What the run is called that finished with the same config.
        silent: How long it has been silent, such as `40 d`.
    """
    match kind:
        case "unnamed":
            return "its name does not tell what it is"
        case "untagged":
            return "it has no tag"
        case "duplicate":
            return f"the same config had finished before it began: {twin}"
        case _:
            return f"{state} and silent for {silent}, and nobody said anything of it"
