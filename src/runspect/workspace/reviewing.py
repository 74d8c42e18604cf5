"""Questions that reports are made of: a run among all of its data set, and what happened between two moments."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from runspect.model import Json
from runspect.workspace.asking import Asking

if TYPE_CHECKING:
    from runspect.objective import Direction


class Reviewing(Asking):
    """Asks what a report is to tell."""

    def review(
        self,
        query: str = "",
        dataset: str = "",
        metric: str = "",
        direction: Direction | None = None,
        run: str | None = None,
        rivals: int = 8,
        show_secrets: bool = False,
    ) -> dict[str, Any]:
        """A run among all of its data set; see `index.reads.reviewed`. {} where no run matches.

        Args:
            dataset, metric, direction: As for `best`.
            run: The one that is recommended; None for the best.
            rivals: Other configs that are told, at most.

        Raises:
            QueryError, UsageError, NotFound, AmbiguousRun: Something in it could not be understood, or found.
        """
        asked: dict[str, Json] = {"dataset": dataset, "metric": metric, "direction": direction, "run": run}
        reply = self._queried("review", query, **asked, rivals=rivals, show_secrets=show_secrets)
        found: dict[str, Any] = json.loads(reply.body)
        return found

    def happened(self, query: str, since: float, until: float) -> dict[str, Any]:
        """What happened between two moments (seconds since 1970); see `index.reads.happened`.

        Raises:
            QueryError: The query could not be understood.
        """
        found: dict[str, Any] = json.loads(self._queried("happened", query, since=since, until=until).body)
        return found
