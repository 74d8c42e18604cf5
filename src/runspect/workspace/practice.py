"""Questions to the history of runs: the best ever, what was tried before, and which changes helped."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from runspect.model import Arrival, Json
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

    def lint(
        self,
        query: str = "",
        rules: Sequence[str] = (),
        since: float | None = None,
        weeks: int = 0,
        most: int | None = None,
    ) -> dict[str, Any]:
        """The rules of the policy that runs break; see `runspect lint --json`, and `rid` of each finding besides.

        Args:
            rules: Only these, also where the policy has them off; () for those that are on.
            since: Only runs that began later, seconds since 1970; None for what the policy says.
            weeks: Instead, how many of the runs of each of so many weeks keep each rule.
            most: Findings that are listed at most; all are counted.

        Raises:
            QueryError: The query could not be understood.
        """
        reply = self._queried("lint", query, rules=list(rules), since=since, weeks=weeks, most=most)
        found: dict[str, Any] = json.loads(reply.body)
        return found

    def tidy(self, query: str = "", rules: Sequence[str] = (), most: int | None = None) -> dict[str, Any]:
        """What is to be put in order; see `runspect lint --tidy --json`, and `rid` of each finding besides.

        Raises:
            QueryError: The query could not be understood.
        """
        reply = self._queried("tidy", query, rules=list(rules), most=most)
        found: dict[str, Any] = json.loads(reply.body)
        return found

    def strays(self) -> dict[str, Any]:
        """Trainings on this machine that nothing is read of; see `processes` of `runspect lint --json`."""
        found: dict[str, Any] = self._json("strays")
        return found

    def effects(
        self,
        query: str = "",
        dataset: str = "",
        metric: str = "",
        direction: Direction | None = None,
        param: str = "",
        show_secrets: bool = False,
    ) -> dict[str, Any]:
        """What one change alone did to the result; see `runspect effects --json`, and `rid` of each run besides.

        Args:
            dataset: Its name or a glob, `@` and the beginning of a version behind it if one is meant; "" for all.
            metric: A column spec; "" for what each data set is judged by.
            param: Its name, or the end of it; "" for all.

        Raises:
            QueryError: The query could not be understood.
            UsageError: The metric or the param could not be understood.
            NotFound: No run is on that data set.
        """
        asked: dict[str, Json] = {"dataset": dataset, "metric": metric, "direction": direction, "param": param}
        found: dict[str, Any] = json.loads(self._queried("effects", query, **asked, show_secrets=show_secrets).body)
        return found

    def repeated(self) -> frozenset[int]:
        """The rids of the runs whose config, the seed included, is that of one that began before them and has finished."""
        return frozenset(self._json("repeated"))

    def versus(self, run: str | int, other: str | int | None = None, show_secrets: bool = False) -> dict[str, Any]:
        """A run against the champion of its data set, the marked baseline, the best before it, and `other`.

        See `runspect versus --json`, and `rid` of each run besides.

        Raises:
            NotFound: There is no such run.
            AmbiguousRun: Several fit.
        """
        found: dict[str, Any] = self._json("versus", run=run, other=other, show_secrets=show_secrets)
        return found

    def arrivals(self, rids: Sequence[int]) -> list[Arrival]:
        """How those of these runs that can be compared do against their main references."""
        return [Arrival(*each) for each in self._json("arrivals", rids=list(rids))]
