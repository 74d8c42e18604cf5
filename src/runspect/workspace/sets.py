"""Questions about sets of runs as a whole: groups, matrices, and which params go with a metric."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from runspect.model import Json, SortKey
from runspect.workspace import answers
from runspect.workspace.answers import Band, Members, Summed
from runspect.workspace.asking import Asking
from runspect.workspace.listing import levels


class Sets(Asking):
    """Asks what runs come to together."""

    def moved(self, query: str = "", metric: str = "", show_secrets: bool = False) -> dict[str, Json]:
        """What the params of the runs that match do to a metric (a column spec, "" for the main one).

        Raises:
            QueryError: The query could not be understood.
            NotFound: None of the runs has the metric.
        """
        reply = self._queried("moved", query, metric=metric, show_secrets=show_secrets)
        found: dict[str, Json] = json.loads(reply.body)
        return found

    def groups(
        self,
        by: Sequence[str],
        columns: Sequence[str],
        query: str = "",
        sort: Sequence[SortKey] = (),
        archived: bool = False,
        ignore: Sequence[str] = (),
        show_secrets: bool = False,
    ) -> list[dict[str, Json]]:
        """The runs that match in groups, with what each column is over a group; see `runspect groups --json`.

        Args:
            by: Column specs, and `seeds` for equal configs but for the seed.
            ignore: Globs of params that `seeds` leaves out besides those it knows.

        Raises:
            QueryError: The query could not be understood.
            UsageError: A column could not be understood.
        """
        asked: dict[str, Json] = {"by": list(by), "columns": list(columns), "ignore": list(ignore)}
        order: dict[str, Json] = {"sort": levels(sort), "archived": archived}
        found: list[dict[str, Json]] = json.loads(
            self._queried("groups", query, **asked, **order, show_secrets=show_secrets).body
        )
        return found

    def members(
        self,
        by: Sequence[str],
        query: str = "",
        sort: Sequence[SortKey] = (),
        archived: bool = False,
        ignore: Sequence[str] = (),
        show_secrets: bool = False,
    ) -> tuple[Members, ...]:
        """The runs that match in groups, both sorted, without cells: those of groups in view are asked for by `spreads`.

        Args:
            by: Column specs, `seeds`, or `parent` alone for runs below the run that started them.
            sort: Groups are sorted by the mean of a column of numbers, else by the first of their runs.
            ignore: Globs of params that `seeds` leaves out besides those it knows.

        Raises:
            QueryError: The query could not be understood.
            UsageError: A column could not be understood.
        """
        asked: dict[str, Json] = {"by": list(by), "ignore": list(ignore), "sort": levels(sort), "archived": archived}
        return answers.members_from(
            json.loads(self._queried("members", query, **asked, show_secrets=show_secrets).body)
        )

    def spreads(
        self, groups: Sequence[Sequence[int]], columns: Sequence[str], judge: str = "", show_secrets: bool = False
    ) -> tuple[Summed, ...]:
        """What each column is over each of these sets of runs.

        Args:
            judge: The metric by which the best of each set is told; "" for none.

        Raises:
            UsageError: A column could not be understood.
        """
        asked: dict[str, Json] = {"groups": [list(group) for group in groups], "columns": list(columns), "judge": judge}
        return answers.summed_from(self._json("spreads", **asked, show_secrets=show_secrets))

    def pivot(self, row: str, column: str, metric: str, query: str = "", show_secrets: bool = False) -> dict[str, Json]:
        """A metric over each pair of values of two columns; see `runspect pivot --json`.

        Raises:
            QueryError: The query could not be understood.
            UsageError: A column could not be understood, or has too many values.
        """
        asked: dict[str, Json] = {"across": [row, column], "metric": metric}
        found: dict[str, Json] = json.loads(self._queried("pivot", query, **asked, show_secrets=show_secrets).body)
        return found

    def bands(
        self,
        groups: Mapping[int, Sequence[int]],
        metrics: Sequence[str],
        x: str = "step",
        width: int = 200,
        span: tuple[float, float] | None = None,
    ) -> tuple[Band, ...]:
        """Mean and spread of these metrics over the runs of each group, at up to `2 * width` places.

        Args:
            groups: The rids of each, by a number that the answer calls it.
            x, span: As for `curves`.
        """
        limits = None if span is None else list(span)
        runs = [list(rids) for rids in groups.values()]
        reply = self._call("bands", groups=runs, metrics=list(metrics), x=x, width=width, span=limits)
        return answers.bands_from(reply.body, list(groups)) if reply.body else ()
