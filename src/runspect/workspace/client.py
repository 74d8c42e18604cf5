"""The workspace: typed requests to the engine, from any thread, for a set of directories."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from runspect.errors import EngineError, QueryError
from runspect.model import Json, LogPage, Op, Progress, Push, RunOrder, RunRow, SortKey
from runspect.pathtext import to_disk, to_text
from runspect.protocol import Frame
from runspect.workspace import answers
from runspect.workspace.answers import (
    Band,
    Choices,
    Completions,
    Curve,
    Members,
    PointsPage,
    Reach,
    Recorded,
    SqlAnswer,
    Summed,
)
from runspect.workspace.link import Link

if TYPE_CHECKING:
    from runspect.views import Views

PushReader = Callable[[Push], None]


class Workspace:
    """A view of the index for some directories; blocking calls, safe from several threads at once.

    An engine that dies is found or started again and the call repeated, so every call either answers or raises a
    `RunspectError`.
    """

    def __init__(self, scope: Sequence[Path], *, on_push: PushReader | None, start: bool, client: str | None) -> None:
        self.scope = tuple(to_text(os.path.realpath(directory)) for directory in scope)
        """Real absolute directories; () for all known roots."""
        self.on_push = on_push
        """Called with news from a thread of the workspace's own; it must not block, raise or call the workspace."""
        self._name = client
        self._own = _token(8)
        self._progress: dict[str, Callable[[Progress], None]] = {}
        self._link = Link(os.environ, start=start, on_push=self._news, on_broken=self._broken, on_lost=self._lost)

    @classmethod
    def open(
        cls,
        scope: Sequence[Path],
        *,
        on_push: PushReader | None = None,
        start: bool = True,
        client: str | None = None,
    ) -> Workspace:
        """A workspace over `scope`. The engine is found or started behind it; the first call waits for that.

        Args:
            scope: Directories; () for all known roots.
            on_push: See the attribute.
            start: False to use only an engine that runs already.
            client: Whose undo it is: workspaces of one user with the same name share one, others have their own.

        Raises:
            EngineError: `start` is False and no engine runs.
        """
        workspace = cls(scope, on_push=on_push, start=start, client=client)
        if not start:
            try:
                workspace._link.connected()
            except EngineError:
                workspace.close()
                raise
        return workspace

    @property
    def note(self) -> str:
        """What the user should know of where the engine keeps its files; "" when all is as usual."""
        return self._link.note

    def watch(self) -> None:
        """Keep the scope indexed and its changes pushed, until the workspace is closed."""
        self._link.watch(self.scope)

    def sync(self, on_progress: Callable[[Progress], None] | None = None) -> int:
        """Bring the index up to date with the disk; returns the number of runs in scope."""
        token = _token(4)
        if on_progress is not None:
            self._progress[token] = on_progress
        try:
            return int(self._ask("sync", token=token)["runs"])
        finally:
            self._progress.pop(token, None)

    def order(self, query: str = "", sort: Sequence[SortKey] = (), archived: bool = False) -> RunOrder:
        """The runs that match, in order.

        Raises:
            QueryError: The query could not be understood.
        """
        reply = json.loads(self._queried("order", query, sort=_levels(sort), archived=archived).body)
        return answers.order_from(reply)

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
        order = {"sort": _levels(sort), "archived": archived, "limit": limit}
        return self._queried("runs", query, **order, fields=slim, show_secrets=show_secrets).body

    def run_json(self, run: str | int, show_secrets: bool = False) -> bytes:
        """The bytes of `show --json`. `run` is a rid, or a uid, a unique prefix of one, a name or a path.

        Raises:
            NotFound: No run fits.
            AmbiguousRun: Several do.
        """
        return self._call("run", run=run, show_secrets=show_secrets).body

    def run(self, run: str | int) -> dict[str, Json]:
        """The object of `show --json`, with its `rid`."""
        found: dict[str, Json] = json.loads(self.run_json(run))
        if "rid" not in found:
            found["rid"] = run if isinstance(run, int) else self.resolve(run)[0]
        return found

    def recorded(self, rids: Sequence[int], metrics: Sequence[str] = ()) -> Recorded:
        """Names of these runs, which metrics they have, and of some `metrics` how each run did; gone rids are left out."""
        return answers.recorded_from(self._json("recorded", rids=list(rids), metrics=list(metrics)))

    def resolve(self, run: str) -> tuple[int, str, str]:
        """The (rid, uid, name) of the run that `run` means.

        Raises:
            NotFound: No run fits.
            AmbiguousRun: Several do.
        """
        found = self._ask("resolve", run=run)
        return int(found["rid"]), str(found["uid"]), str(found["name"])

    def series(self, run: str | int, metric: str) -> dict[str, list[Json]]:
        """The raw points of one metric as equally long lists: step, time, value, segment."""
        found: dict[str, list[Json]] = self._json("series", run=run, metric=metric)
        return found

    def exported(self, rids: Sequence[int], show_secrets: bool = False) -> list[dict[str, Json]]:
        """All that is known of runs besides their points and texts; see `index.reads.exported`. Gone rids are left out."""
        found: list[dict[str, Json]] = self._json("exported", rids=list(rids), show_secrets=show_secrets)
        return found

    def points(self, rids: Sequence[int], after: tuple[int, int] | None = None) -> PointsPage:
        """The first points that count of these runs, or those behind a place; a bounded number at once."""
        reply = self._call("points", rids=list(rids), after=after)
        return answers.points_from(reply.args, reply.body)

    def texts(self, rid: int, after: int = -1) -> list[list[Json]]:
        """Some texts that a run logged, behind a place: [place, key, step, ISO time, text]; [] at the end."""
        found: list[list[Json]] = self._json("texts", rid=rid, after=after)
        return found

    def curves(
        self,
        rids: Sequence[int],
        metrics: Sequence[str],
        x: str = "step",
        width: int = 200,
        span: tuple[float, float] | None = None,
    ) -> tuple[Curve, ...]:
        """Thinned curves of these runs and metrics: at most about four points for each of `width` pixel columns.

        Args:
            x: "step", "time" (seconds since 1970) or "relative" (seconds since the run's start).
            span: Only points whose x lies in it.
        """
        limits = None if span is None else list(span)
        reply = self._call("curves", rids=list(rids), metrics=list(metrics), x=x, width=width, span=limits)
        return answers.curves_from(reply.body) if reply.body else ()

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

    def views(self) -> Views:
        """The saved views for the scope: the user's own, and those that lie beside the runs."""
        # most commands name no view, and reading TOML takes a while to import
        from runspect.views import find_views

        return find_views(map(to_disk, self.scope), os.environ)

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
        order: dict[str, Json] = {"sort": _levels(sort), "archived": archived}
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
        asked: dict[str, Json] = {"by": list(by), "ignore": list(ignore), "sort": _levels(sort), "archived": archived}
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

    def tags(self) -> list[dict[str, Json]]:
        """Every tag of the scope: name, runs, yours (runs that people tagged so), tools (runs that a tool tagged so)."""
        found: list[dict[str, Json]] = self._json("tags")
        return found

    def tagged(self, name: str) -> list[tuple[int, str]]:
        """(rid, uid) of the runs that people gave a tag; those that only a tool tagged so are left out."""
        return [(int(rid), str(uid)) for rid, uid in self._json("tags", tag=name)]

    def places(self, rids: Sequence[int], *, shared: bool = False) -> list[dict[str, Json]]:
        """Where these runs lie: rid, uid, name, state, directory, others.

        Args:
            shared: Find the other runs with files in a directory, too: `others` are names of some.
        """
        found: list[dict[str, Json]] = self._json("places", rids=list(rids), shared=shared)
        return found

    def health_json(self) -> bytes:
        """The bytes of `health --json`."""
        return self._call("health").body

    def health(self) -> list[dict[str, Json]]:
        """What could not be read: path, offset, reader, what, effect."""
        found: list[dict[str, Json]] = json.loads(self.health_json())
        return found

    def annotate(self, ops: Sequence[Op]) -> int:
        """Write annotations; returns how many changed something. They are on the disk when this returns.

        Raises:
            JournalFault: They could not be written.
        """
        wanted = [[op.target, op.key, op.value] for op in ops]
        return int(self._ask("annotate", **self._signed(), ops=wanted)["changed"])

    def undo(self) -> str:
        """Take back this client's last annotation; returns what was taken back, "" when there was nothing."""
        return str(self._ask("undo", **self._signed(), redo=False)["text"])

    def redo(self) -> str:
        """Put into force again what was taken back last; returns what it was, "" when there was nothing."""
        return str(self._ask("undo", **self._signed(), redo=True)["text"])

    def tail(self, rid: int, file: str | None = None, offset: int | None = None, lines: int = 500) -> LogPage:
        """A piece of a console log of the run; without an offset its end, else up to `lines` lines from there on.

        A negative `lines` gives the lines before `offset`. The path is "" when the run has no console log.
        """
        return answers.page_from(self._json("tail", rid=rid, file=file, offset=offset, lines=lines))

    def sql(self, text: str, limit: int = 10_000, show_secrets: bool = False) -> SqlAnswer:
        """The answer to one read-only statement."""
        return answers.sql_answer_from(self._json("sql", text=text, limit=limit, show_secrets=show_secrets))

    def roots(self) -> list[dict[str, Json]]:
        """Known roots: root, runs, live, updated, mode."""
        found: list[dict[str, Json]] = self._json("roots")
        return found

    def seen(self) -> dict[str, int]:
        """What lies in the scope besides logs, most frequent first: ".py" → 12, "checkpoint" → 3."""
        found: dict[str, int] = self._json("seen")
        return found

    def status(self) -> dict[str, Json]:
        """What the engine says of itself."""
        found: dict[str, Json] = self._json("status")
        return found

    def stop_engine(self) -> None:
        """Make the engine leave; returns when it has closed its files."""
        self._link.stop()

    def close(self) -> None:
        """End the link; a call that waits in another thread raises."""
        self._link.close()

    def _call(self, name: str, **args: Json) -> Frame:
        return self._link.call(name, {"scope": list(self.scope), **args})

    def _queried(self, name: str, query: str, **args: Json) -> Frame:
        """A call with a query in which saved views may be named; its faults point at what was typed."""
        if "@" not in query:
            return self._call(name, query=query, **args)
        from runspect.workspace.viewing import expand

        expanded = expand(query, self.views)
        try:
            return self._call(name, query=expanded.text, **args)
        except QueryError as error:
            start, end = expanded.typed(error.start), expanded.typed(error.end, end=True)
            raise QueryError(str(error), start, end, error.near) from error

    def _ask(self, name: str, **args: Json) -> dict[str, Json]:
        return self._call(name, **args).args

    def _json(self, name: str, **args: Json) -> Json:
        return json.loads(self._call(name, **args).body)

    def _signed(self) -> dict[str, Json]:
        # Made once for each call: a repeat after a broken link carries the same id and does nothing twice.
        return {"op_id": _token(12), "client": self._client, "who": _who()}

    @property
    def _client(self) -> str:
        """Whose undo it is."""
        return f"{self._name}:{_who()}" if self._name else self._own

    def _news(self, frame: Frame) -> None:
        push = answers.push_from(frame.args)
        report = self._progress.get(str(frame.args.get("token", "")))
        if report is not None and push.progress is not None:
            report(push.progress)
        elif self.on_push is not None:
            self.on_push(push)

    def _broken(self) -> None:
        if self.on_push is not None:
            self.on_push(Push(broken=True))

    def _lost(self) -> None:
        if self.on_push is not None:
            self.on_push(Push(lost=True, everything=True))


def _levels(sort: Sequence[SortKey]) -> list[list[Json]]:
    return [[key.column, key.descending] for key in sort]


def _token(count: int) -> str:
    """So many random bytes in hexadecimal; `secrets` takes longer to import than a short command may."""
    return os.urandom(count).hex()


@cache
def _who() -> str:
    import getpass
    import socket

    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"
