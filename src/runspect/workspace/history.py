"""Questions to the history of runs over time: records, failures by cause, and how long the cycle takes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from runspect.workspace.asking import Asking

if TYPE_CHECKING:
    from runspect.objective import Direction


class History(Asking):
    """Asks what became of the runs."""

    def trajectory(
        self,
        query: str = "",
        dataset: str = "",
        metric: str = "",
        direction: Direction | None = None,
        show_secrets: bool = False,
    ) -> list[dict[str, Any]]:
        """Every improvement of the record of each data set, and its dead ends; see `runspect best --history --json`.

        The arguments, and what is raised, are those of `Practice.best`.
        """
        reply = self._queried(
            "trajectory", query, dataset=dataset, metric=metric, direction=direction, show_secrets=show_secrets
        )
        found: list[dict[str, Any]] = json.loads(reply.body)
        return found

    def graveyard(self, query: str = "", weeks: int | None = None, show_secrets: bool = False) -> dict[str, Any]:
        """The runs that ended badly by cause; see `runspect graveyard --json`.

        Raises:
            QueryError: The query could not be understood.
        """
        found: dict[str, Any] = json.loads(
            self._queried("graveyard", query, weeks=weeks, show_secrets=show_secrets).body
        )
        return found

    def cycle(self, query: str = "", weeks: int | None = None, measure: str = "") -> dict[str, Any]:
        """Whether the cycle gets shorter; see `runspect cycle --json`.

        Args:
            measure: hypothesis, commit, verdict, queue or run; "" for the first that has enough to tell.

        Raises:
            QueryError: The query could not be understood.
        """
        found: dict[str, Any] = json.loads(self._queried("cycle", query, weeks=weeks, measure=measure).body)
        return found
