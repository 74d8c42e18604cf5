"""Which run the others of a project, or of a directory, are compared with: what is to be written for it."""

from __future__ import annotations

from runspect.columns.baseline import KEY, POINTERS, place
from runspect.dataclass import dataclass
from runspect.errors import NotFound
from runspect.model import Op
from runspect.workspace.client import Workspace


@dataclass(frozen=True, slots=True)
class Marking:
    """A run that is to be the baseline, or not to be it any more."""

    rid: int
    uid: str
    name: str
    """As it is called in no scope."""
    target: str
    """Of the annotation: `project:NAME`, or of a directory."""
    is_marked: bool
    """Whether it is the baseline there."""

    @property
    def place(self) -> str:
        """The project, or the directory."""
        return self.target.partition(":")[2]

    def op(self, *, off: bool = False) -> Op:
        """What is to be written."""
        return Op(self.target, KEY, None if off else self.uid)


def marking(workspace: Workspace, rid: int, *, root: bool = False) -> Marking:
    """What marks a run.

    Args:
        root: For all runs of its directory whose project has no baseline of its own.

    Raises:
        NotFound: There is no such run any more.
    """
    found = workspace.sql(
        f"SELECT uid, name, project, watch FROM runs_now WHERE rid = {int(rid)}",  # noqa: S608 - a number
        show_secrets=True,
    ).rows
    if not found:
        raise NotFound(f"there is no run {rid}")
    uid, name, project, watch = found[0]
    target = place(None if root else project, watch)
    pointers = workspace.sql(f"SELECT p.place, p.rid FROM ({POINTERS}) p", show_secrets=True).rows  # noqa: S608 - constants
    return Marking(rid, uid, name, target, any(where == target and marked == rid for where, marked in pointers))
