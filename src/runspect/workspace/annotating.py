"""Annotations: writing them, taking them back, and the tags there are."""

from __future__ import annotations

from collections.abc import Sequence

from runspect.model import Json, Op
from runspect.workspace.asking import Asking


class Annotating(Asking):
    """Writes annotations and asks for tags."""

    aside = ""
    """What should be said of where the last annotation went; "" when it went where it always does."""

    def annotate(self, ops: Sequence[Op]) -> int:
        """Write annotations; returns how many changed something. They are on the disk when this returns.

        Raises:
            JournalFault: They could not be written.
        """
        wanted = [[op.target, op.key, op.value] for op in ops]
        reply = self._ask("annotate", **self._signed(), ops=wanted)
        self.aside = str(reply.get("note", ""))
        return int(reply["changed"])

    def undo(self) -> str:
        """Take back this client's last annotation; returns what was taken back, "" when there was nothing."""
        return str(self._ask("undo", **self._signed(), redo=False)["text"])

    def redo(self) -> str:
        """Put into force again what was taken back last; returns what it was, "" when there was nothing."""
        return str(self._ask("undo", **self._signed(), redo=True)["text"])

    def shared(self) -> dict[str, Json]:
        """Where annotations of the runs in the scope go: the answer to `shared`."""
        found: dict[str, Json] = self._json("shared")
        return found

    def take_along(self) -> int:
        """Copy what the user's own journal says of the runs in the scope into their shared folder; returns how much.

        Raises:
            NotFound: There is no shared folder.
            JournalFault: It cannot be written.
        """
        return int(self._ask("take_along")["taken"])

    def tags(self) -> list[dict[str, Json]]:
        """Every tag of the scope: name, runs, yours (runs that people tagged so), tools (runs that a tool tagged so)."""
        found: list[dict[str, Json]] = self._json("tags")
        return found

    def tagged(self, name: str) -> list[tuple[int, str]]:
        """(rid, uid) of the runs that people gave a tag; those that only a tool tagged so are left out."""
        return [(int(rid), str(uid)) for rid, uid in self._json("tags", tag=name)]
