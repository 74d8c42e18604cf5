"""Questions about the list of runs: which match, in what order, and what there is to choose from."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from runspect.model import Json, RunOrder, RunRow, SortKey
from runspect.workspace import answers
from runspect.workspace.answers import Choices, Completions, Reach
from runspect.workspace.asking import Asking


class Listing(Asking):
    """Asks for lists of runs and for what may be asked of them."""

    def order(self, query: str = "", sort: Sequence[SortKey] = (), archived: bool = False) -> RunOrder:
        """The runs that match, in order.

        Raises:
            QueryError: The query could not be understood.
        """
        reply = json.loads(self._queried("order", query, sort=levels(sort), archived=archived).body)
        return answers.order_from(reply)

    def order_with_rows(
        self,
        columns: Sequence[str],
        query: str = "",
        sort: Sequence[SortKey] = (),
        archived: bool = False,
        *,
        top: int = 0,
        page: int = 50,
        at_hand: Collection[int] = (),
        show_secrets: bool = False,
    ) -> tuple[RunOrder, tuple[RunRow, ...]]:
        """The runs that match, in order, and the rows of those that a table shows of them: one question instead of two.

        Args:
            columns: As of `window`.
            top: Where the table stands; it shows the first page where no run stands so low.
            page: How many runs it shows.
            at_hand: Runs whose rows need not come.

        Raises:
            QueryError: The query could not be understood.
        """
        window: dict[str, Json] = {
            "columns": list(columns),
            "top": top,
            "page": page,
            "at_hand": list(at_hand),
            "show_secrets": show_secrets,
        }
        reply = json.loads(self._queried("order", query, sort=levels(sort), archived=archived, window=window).body)
        return answers.order_from(reply), answers.rows_from(reply["rows"])

    def window(self, rids: Sequence[int], columns: Sequence[str], show_secrets: bool = False) -> tuple[RunRow, ...]:
        """Table rows of these runs, in their order, with the values of these column specs; gone rids are left out."""
        reply = self._json("window", rids=list(rids), columns=list(columns), show_secrets=show_secrets)
        return answers.rows_from(reply)

    def runs_json(
        self,
        query: str = "",
        sort: Sequence[SortKey] = (),
        fields: Sequence[str] | None = None,
        archived: bool = False,
        show_secrets: bool = False,
        limit: int | None = None,
    ) -> bytes:
        """The bytes of `ls --json`; of the first `limit` runs alone when it is given."""
        slim = None if fields is None else list(fields)
        order = {"sort": levels(sort), "archived": archived, "limit": limit}
        return self._queried("runs", query, **order, fields=slim, show_secrets=show_secrets).body

    def choices(self, query: str = "", rids: Sequence[int] = ()) -> Choices:
        """Params, metrics, facts and tags of the runs that match, or of `rids` alone."""
        return answers.choices_from(json.loads(self._queried("choices", query, rids=list(rids) or None).body))

    def bests(self, columns: Sequence[str], query: str = "", archived: bool = False) -> dict[str, Reach]:
        """What metric columns reach over all runs that match, by spec; other columns are left out.

        Raises:
            QueryError: The query could not be understood.
        """
        found: list[list[Json]] = json.loads(
            self._queried("bests", query, columns=list(columns), archived=archived).body
        )
        return {spec: answers.Reach(*reach) for spec, *reach in found}

    def distinct(self) -> dict[tuple[str, str], tuple[int, int]]:
        """(runs that have it, distinct values) of each ("field" or "metric" or "fact", name)."""
        found: list[list[Json]] = self._json("distinct")
        return {(kind, name): (runs, values) for kind, name, runs, values in found}

    def complete(self, query: str, position: int) -> Completions:
        """What may be typed at a position of a query."""
        if "@" in query:
            from runspect.workspace.viewing import completions

            if (found := completions(query, position, self.views)) is not None:
                return found
        return answers.completions_from(self._json("complete", query=query, position=position))

    def explain(self, query: str) -> dict[str, Json]:
        """What a query is made into: `words` (lines), `sql` and its `params`.

        Raises:
            QueryError: The query could not be understood.
        """
        found: dict[str, Json] = json.loads(self._queried("explain", query).body)
        return found


def levels(sort: Sequence[SortKey]) -> list[list[Json]]:
    """A sort order as it is sent."""
    return [[key.column, key.descending] for key in sort]
