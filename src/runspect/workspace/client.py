"""The workspace: typed requests to the engine, from any thread, for a set of directories."""

from __future__ import annotations

import json

from runspect.model import Json
from runspect.workspace import answers
from runspect.workspace.annotating import Annotating
from runspect.workspace.answers import SqlAnswer
from runspect.workspace.graduating import Graduating
from runspect.workspace.listing import Listing
from runspect.workspace.practice import Practice
from runspect.workspace.sets import Sets
from runspect.workspace.single import Single


class Workspace(Listing, Sets, Practice, Graduating, Single, Annotating):
    """A view of the index for some directories; blocking calls, safe from several threads at once."""

    def health_json(self) -> bytes:
        """The bytes of `health --json`."""
        return self._call("health").body

    def health(self) -> list[dict[str, Json]]:
        """What could not be read: path, offset, reader, what, effect."""
        found: list[dict[str, Json]] = json.loads(self.health_json())
        return found

    def sql(self, text: str, limit: int = 10_000, show_secrets: bool = False) -> SqlAnswer:
        """The answer to one read-only statement."""
        return answers.sql_answer_from(self._json("sql", text=text, limit=limit, show_secrets=show_secrets))

    def hypotheses(self, *, everywhere: bool = False, show_secrets: bool = False) -> dict[str, Json]:
        """`hypothesis list --json`: the hypotheses of the scope, or of all known directories, and their counts."""
        scope = [] if everywhere else list(self.scope)
        found: dict[str, Json] = json.loads(
            self._link.call("hypotheses", {"scope": scope, "show_secrets": show_secrets}).body
        )
        return found

    def roots(self) -> list[dict[str, Json]]:
        """Known roots: root, runs, live, updated, mode."""
        found: list[dict[str, Json]] = self._json("roots")
        return found

    def seen(self) -> dict[str, int]:
        """What lies in the scope besides logs, most frequent first: ".py" → 12, "checkpoint" → 3."""
        found: dict[str, int] = self._json("seen")
        return found
