"""Who asks what of the index: requests meet the parts of the engine here; `answers` says what each does."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, partial
from typing import Any

import duckdb

from runspect.columns import Lens, Names
from runspect.engine.answers import TABLE
from runspect.engine.call import Call, Cancelled, Reply
from runspect.engine.commit_times import CommitTimes
from runspect.engine.comparing import Comparer, Later
from runspect.engine.core import Core, Parts
from runspect.engine.gating import Gating
from runspect.engine.policies import Policies, Sight
from runspect.engine.recorded import recorded_roots
from runspect.engine.serve import Server
from runspect.errors import IndexFault, UsageError
from runspect.index import reads

LOG = logging.getLogger("runspect.engine")

ALERTED_S = 5.0
"""So long the column of alerts stands where nothing is written: alerts speak of the time as well."""


class Requests:
    """Answers requests; what it holds is thread-safe, and so is it."""

    def __init__(self, core: Core, server: Server, note: str) -> None:
        self.core = core
        self.server = server
        self.note = note
        """Why the engine is not in its usual place; "" when it is."""
        self.policies = Policies()
        self.commit_times = CommitTimes()
        self.comparer = Comparer(self)
        self.gating = Gating(self.policies)
        self._begun = time.monotonic()

    def answer(self, call: Call) -> Reply:
        """The reply to a request.

        Raises:
            RunspectError: What the client is to be told.
            Cancelled: Nobody waits for the answer any more.
        """
        known = TABLE.get(call.name)
        if known is None:
            raise UsageError(f"this engine knows no request {call.name!r}")
        try:
            return known(self, call)
        except KeyError as error:
            raise UsageError(f"the request {call.name!r} lacks {error}") from error

    def uptime_s(self) -> float:
        """How long the engine has been here."""
        return time.monotonic() - self._begun

    def client_gone(self) -> None:
        """Stop watching what only the client watched that has gone."""
        parts = self.core.opened()
        if parts is not None:
            self.rewatch(parts)

    def tick(self) -> None:
        """Do what is due now and then."""
        parts = self.core.opened()
        if parts is None:
            return
        try:
            parts.annotations.refresh()
        except duckdb.FatalException as error:
            # DuckDB takes no more statements after a failed write to its file: the next engine opens it anew.
            LOG.error("leaving: %s", error)
            self.server.leaving.set()
        except (IndexFault, duckdb.Error) as error:
            LOG.warning("annotations were not refreshed: %s", error)

    def rewatch(self, parts: Parts) -> None:
        """Watch what the clients that are there want watched."""
        scopes, polled = self.server.scopes(), self.server.polled()
        known = self.roots(parts) if () in scopes else ()

        def directories(asked: Iterable[tuple[str, ...]]) -> set[str]:
            return {directory for scope in asked for directory in scope or known}

        parts.syncer.watch(sorted(directories(scopes)), sorted(directories(polled)))

    def roots(self, parts: Parts) -> tuple[str, ...]:
        """All known roots, those among them that only a record was made in so far."""
        with parts.store.cursor() as cursor:
            known = [str(root["root"]) for root in reads.roots(cursor)]
        return (*known, *recorded_roots(known))

    def names(self, cursor: Any, scope: reads.Scope) -> Names:
        """The names that a query or a column spec may use; looked up again when there may be others."""
        store = self.core.parts().store
        generations = store.generations

        def logged(cursor: Any, scope: reads.Scope) -> Names:
            found = partial(reads.logged_names, cursor, scope, self.usual)
            return store.remembered(("logged names", *scope), found, lambda: generations.logged)

        return store.remembered(
            ("names", *scope), lambda: reads.names(cursor, scope, self.usual, logged), lambda: generations.told
        )

    def called(self, cursor: Any, scope: reads.Scope) -> Mapping[int, str]:
        """What runs are called in a scope, where that is not the name that the index keeps."""
        store = self.core.parts().store
        return store.remembered(
            ("called", *scope), lambda: reads.called(cursor, scope), lambda: store.generations.judged
        )

    def usual(self, cursor: Any, scope: reads.Scope) -> reads.Usual:
        """The runs of a scope, the newest first: what the newest values say moves none of them, so that it is remembered."""
        store = self.core.parts().store
        return store.remembered(
            ("usual", *scope), lambda: reads.usual(cursor, scope), lambda: store.generations.ordered
        )

    def superseded(self, cursor: Any, table: str) -> reads.Superseded | None:
        """Which rows of a table do not count: who knows them need not look for the newest ones."""
        return self.core.parts().superseded(cursor, table)

    def observed(self, scope: reads.Scope, name: tuple[str, str], ask: Callable[[], reads.Observed]) -> reads.Observed:
        """The values of a param, fact, field or tag, the most frequent first: asked with each key of a query that is typed."""
        store = self.core.parts().store
        return store.remembered(("observed", *name, *scope), ask, lambda: store.generations.ordered)

    def sight(self, cursor: Any, scope: reads.Scope) -> Sight:
        """What the policies of the scope say; its lens finds what gates and alerts say, and how runs do against others, when it is asked."""
        found = self.policies.sight(scope or reads.watches(cursor))
        lens = self.gating.lens(self.core.parts().store, found, self.names, self.called)
        later = Later(self.comparer, cursor, scope, found.lens, found.stamp)
        lens = replace(lens, comparisons=later)
        alerts = cache(lambda: self._alerted(cursor, scope, lens, found.stamp))
        return replace(found, lens=replace(lens, alerted=alerts))

    def _alerted(self, cursor: Any, scope: reads.Scope, lens: Lens, stamp: Hashable) -> Mapping[int, str]:
        """What the alerts say of each run, for a column: as of some seconds ago at most, since a run that is silent too long writes nothing."""
        store = self.core.parts().store
        return store.remembered(
            ("alerted", stamp, *scope),
            lambda: reads.alerted(cursor, scope, lens, self.names, self.usual, self.superseded),
            lambda: hash((store.generation, int(time.monotonic() / ALERTED_S))),
        )

    def comparing(self, cursor: Any, scope: reads.Scope) -> reads.Comparing:
        """How the runs of a scope do against the champion, the baseline and the best before them."""
        found = self.policies.sight(scope or reads.watches(cursor))
        return self.comparer.comparing(cursor, scope, found.lens, found.stamp)

    @contextmanager
    def reading(self, call: Call) -> Iterator[Any]:
        """A cursor whose statement stops when the request is cancelled."""
        parts = self.core.parts()
        parts.annotations.catch_up()
        with parts.store.cursor() as cursor:
            try:
                with call.interruptible(cursor.interrupt):
                    yield cursor
            except duckdb.InterruptException as error:
                raise Cancelled from error
            except duckdb.Error as error:
                raise IndexFault(f"the index could not answer: {str(error).partition(chr(10))[0]}") from error
