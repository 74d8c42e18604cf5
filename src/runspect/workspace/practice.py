"""Questions to the history of runs: the best ever."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from runspect.workspace.asking import Asking

if TYPE_CHECKING:
    from runspect.objective import Direction


class Practice(Asking):
    """Asks what the history says."""

    def best(
        self,
        query: str = "",
        dataset: str = "",
        metric: str = "",
        direction: Direction | None = None,
        most: int = 1,
        show_secrets: bool = False,
    ) -> list[dict[str, Any]]:
        """The best runs of each data set; see `runspect best --json`, and `rid` of each run besides.

        Args:
            dataset: Its name or a glob, `@` and the beginning of a version behind it if one is meant; "" for all.
            metric: A column spec; "" for what each data set is judged by.
            most: Runs of each data set; the second is told in any case.

        Raises:
            QueryError: The query could not be understood.
            UsageError: The metric could not be understood.
            NotFound: No run is on that data set.
        """
        reply = self._queried(
            "best", query, dataset=dataset, metric=metric, direction=direction, most=most, show_secrets=show_secrets
        )
        found: list[dict[str, Any]] = json.loads(reply.body)
        return found
