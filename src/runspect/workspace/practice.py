"""Questions to the history of runs: the best ever, and what was tried before."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from runspect.model import Json
from runspect.workspace.asking import Asking

if TYPE_CHECKING:
    from runspect.objective import Direction
    from runspect.practice.check import Checking


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

    def check(
        self,
        query: str = "",
        against: str = "",
        metric: str = "",
        tolerance: tuple[float, bool] | None = None,
        noise: bool | None = None,
    ) -> Checking:
        """Runs against a reference; see `runspect check`. What is not said here is as the policy says.

        Args:
            against: production, best, baseline, a run, or a query of which the newest run counts.
            metric: A column spec in place of the objective.
            tolerance: By so much the objective may be worse, and whether that is in percent.
            noise: Whether a loss that seeds alone make is none.

        Raises:
            NothingMatched: No run matches.
            NotFound: What they are to be compared with is nowhere.
            QueryError: The query could not be understood.
        """
        from runspect.practice.check.written import from_object

        allowed = None if tolerance is None else list(tolerance)
        reply = self._queried("check", query, against=against or None, metric=metric, tolerance=allowed, noise=noise)
        return from_object(json.loads(reply.body))

    def tried(
        self,
        params: Mapping[str, Json],
        query: str = "",
        partial: bool = False,
        apart_from: int | None = None,
        most: int = 5,
        ignore: Sequence[str] = (),
        seeds: bool = False,
        show_secrets: bool = False,
    ) -> dict[str, Any]:
        """The runs with this config, and the nearest others; see `runspect tried --json`, and `rid` of each run besides.

        Args:
            params: Flat, keys as runs record them.
            partial: Only these params are compared.
            apart_from: The run whose config it is.
            ignore: Globs of params that make no other config besides those of the policy.
            seeds: Another seed is another config.

        Raises:
            QueryError: The query could not be understood.
        """
        asked: dict[str, Json] = {"params": dict(params), "partial": partial, "apart_from": apart_from, "most": most}
        reply = self._queried("tried", query, **asked, ignore=list(ignore), seeds=seeds, show_secrets=show_secrets)
        found: dict[str, Any] = json.loads(reply.body)
        return found
