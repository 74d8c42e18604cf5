"""What each request does: the table from `protocol.REQUESTS` to the index, the journal and the syncer."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import duckdb
import orjson

from runspect.columns import Names
from runspect.engine.call import Call, Cancelled, Reply
from runspect.engine.console import read_page
from runspect.engine.core import Core, Parts
from runspect.engine.policies import Policies, Sight
from runspect.engine.serve import Server
from runspect.engine.status import status
from runspect.errors import IndexFault, NotFound, UsageError
from runspect.index import reads
from runspect.model import Json, LogPage, Op, Progress, RunOrder, SortKey
from runspect.pathtext import on_disk

LOG = logging.getLogger("runspect.engine")

Answer = Callable[["Requests", Call], Reply]


class Requests:
    """Answers requests; what it holds is thread-safe, and so is it."""

    def __init__(self, core: Core, server: Server, note: str) -> None:
        self.core = core
        self.server = server
        self.note = note
        """Why the engine is not in its usual place; "" when it is."""
        self.policies = Policies()
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
        """All known roots."""
        with parts.store.cursor() as cursor:
            return tuple(str(root["root"]) for root in reads.roots(cursor))

    def names(self, cursor: Any, scope: reads.Scope) -> Names:
        """The names that a query or a column spec may use; looked up again when there may be others."""
        store = self.core.parts().store
        return store.remembered(("names", *scope), lambda: reads.names(cursor, scope), lambda: store.generations.told)

    def called(self, cursor: Any, scope: reads.Scope) -> Mapping[int, str]:
        """What runs are called in a scope, where that is not the name that the index keeps."""
        store = self.core.parts().store
        return store.remembered(
            ("called", *scope), lambda: reads.called(cursor, scope), lambda: store.generations.judged
        )

    def sight(self, cursor: Any, scope: reads.Scope) -> Sight:
        """What the policies of the scope say."""
        return self.policies.sight(scope or reads.watches(cursor))

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


def _watch(engine: Requests, call: Call) -> Reply:
    call.client.scope, call.client.polls = call.scope, bool(call.args.get("poll"))
    engine.rewatch(engine.core.parts())
    return Reply()


def _sync(engine: Requests, call: Call) -> Reply:
    parts, token = engine.core.parts(), str(call.args.get("token", ""))

    def report(progress: Progress) -> None:
        if token:
            call.client.progressed(progress, token)

    parts.syncer.sync(list(call.scope or engine.roots(parts)), report, call.stop)
    if call.cancelled():
        raise Cancelled
    if () in engine.server.scopes():  # who watches all known roots watches this one as well
        engine.rewatch(parts)
    with engine.reading(call) as cursor:
        return Reply({"runs": reads.order(cursor, call.scope, archived=True).total})


def _order(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        store, asked = engine.core.parts().store, _filter(call)
        generation = store.generation
        lens = engine.sight(cursor, call.scope).lens

        def ordered() -> RunOrder:
            return reads.order(cursor, call.scope, known=engine.names, lens=lens, **asked)

        # what the newest values say moves no run in the usual order
        plain = not asked["query"].strip() and not asked["sort"]
        usual = ("order", asked["archived"], *call.scope)
        found = store.remembered(usual, ordered, lambda: store.generations.ordered) if plain else ordered()
    return _numbers({"rids": found.rids, "total": found.total, "live": found.live, "generation": generation})


def _window(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        args = call.args
        rows = reads.window(
            cursor,
            call.scope,
            args["rids"],
            args["columns"],
            args.get("show_secrets", False),
            engine.names,
            engine.core.parts().kept.runs,
            engine.called,
            engine.sight(cursor, call.scope).lens,
        )
    return _json(
        [
            [row.rid, row.uid, row.name, row.state, row.reason, row.values, row.star, row.archived, row.duplicate]
            for row in rows
        ]
    )


def _runs(engine: Requests, call: Call) -> Reply:
    args = call.args
    shown = {"fields": args.get("fields"), "show_secrets": args.get("show_secrets", False), "limit": args.get("limit")}
    with engine.reading(call) as cursor:
        shown["lens"] = engine.sight(cursor, call.scope).lens
        return Reply(
            body_kind="json",
            body=reads.runs_json(
                cursor, call.scope, known=engine.names, names_of=engine.called, **_filter(call), **shown
            ),
        )


def _run(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        show_secrets = call.args.get("show_secrets", False)
        kept = engine.core.parts().kept
        return Reply(
            body_kind="json",
            body=reads.run_json(
                cursor, call.scope, call.args["run"], show_secrets, kept.runs, kept.files, engine.called
            ),
        )


def _recorded(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        kept = engine.core.parts().kept
        return _numbers(
            reads.recorded(
                cursor, call.scope, call.args["rids"], call.args.get("metrics", ()), kept.runs, engine.called
            )
        )


def _resolve(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        rid, uid, name = reads.resolve_run(cursor, call.scope, call.args["run"], engine.called)
    return Reply({"rid": rid, "uid": uid, "name": name})


def _series(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        return _numbers(reads.series(cursor, call.scope, call.args["run"], call.args["metric"]))


def _curves(engine: Requests, call: Call) -> Reply:
    # Arrow takes a tenth of a second and 30 MB: who draws no curves does not pay for it.
    from runspect.engine.arrow import curves_stream

    args = call.args
    if args.get("x", "step") not in ("step", "time", "relative"):
        raise UsageError(f"x is step, time or relative, not {args['x']!r}")
    span = tuple(args["span"]) if args.get("span") else None
    kept = engine.core.parts().kept
    with engine.reading(call) as cursor:
        curves = reads.curves(
            cursor,
            args["rids"],
            args["metrics"],
            args.get("x", "step"),
            args.get("width", 200),
            span,
            kept.runs,
            kept.outlines,
        )
    return Reply(body_kind="arrow", body=curves_stream(curves))


def _choices(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        query, sight = call.args.get("query", ""), engine.sight(cursor, call.scope)
        if rids := call.args.get("rids"):
            return _json(reads.choices(cursor, call.scope, list(map(int, rids)), sight.lens, sight.objective))
        if query.strip():
            found = reads.order(cursor, call.scope, query, archived=True, known=engine.names, lens=sight.lens)
            return _json(reads.choices(cursor, call.scope, list(found.rids), sight.lens, sight.objective))
        store = engine.core.parts().store
        return _json(
            store.remembered(
                ("choices", sight.stamp, *call.scope),
                lambda: reads.choices(cursor, call.scope, None, sight.lens, sight.objective),
                lambda: store.generations.told,
            )
        )


def _bests(engine: Requests, call: Call) -> Reply:
    asked, specs = _filter(call), tuple(map(str, call.args["columns"]))
    store, query, archived = engine.core.parts().store, asked["query"], asked["archived"]
    with engine.reading(call) as cursor:

        def ask() -> tuple[reads.Reach, ...]:
            lens = engine.sight(cursor, call.scope).lens
            return reads.bests(cursor, call.scope, query, specs, archived, engine.names, lens)

        # a query that is being typed is another one with each key
        found = ask() if query.strip() else store.remembered(("bests", *call.scope, archived, specs), ask)
    return _json([reach.json() for reach in found])


def _distinct(engine: Requests, call: Call) -> Reply:
    store = engine.core.parts().store
    with engine.reading(call) as cursor:
        return _json(
            store.remembered(
                ("distinct", *call.scope),
                lambda: reads.distinct(cursor, call.scope),
                lambda: store.generations.told,
            )
        )


def _complete(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        query, position = call.args["query"], int(call.args["position"])
        lens = engine.sight(cursor, call.scope).lens
        return _json(reads.complete(cursor, call.scope, query, position, engine.names, lens))


def _explain(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        lens = engine.sight(cursor, call.scope).lens
        return _json(reads.explain(cursor, call.scope, call.args["query"], engine.names, lens))


def _moved(engine: Requests, call: Call) -> Reply:
    args = call.args
    with engine.reading(call) as cursor:
        sight = engine.sight(cursor, call.scope)
        return _json(
            reads.moved(
                cursor,
                call.scope,
                args.get("query", ""),
                args.get("metric", ""),
                engine.names,
                sight.lens,
                bool(args.get("show_secrets")),
                sight.objective,
            )
        )


def _groups(engine: Requests, call: Call) -> Reply:
    args, asked = call.args, _filter(call)
    by, specs = list(args["by"]), list(args["columns"])
    with engine.reading(call) as cursor:
        sight = engine.sight(cursor, call.scope)
        found = reads.groups(
            cursor,
            call.scope,
            asked["query"],
            by,
            specs,
            asked["sort"],
            archived=asked["archived"],
            ignore=(*sight.ignore, *args.get("ignore", ())),
            known=engine.names,
            runs=engine.core.parts().kept.runs,
            show_secrets=bool(args.get("show_secrets")),
            lens=sight.lens,
        )
        rids = [rid for group in found for rid in group.rids]
        uids = {row.rid: row.uid for row in reads.window(cursor, call.scope, rids, ())}
    told = reads.groups_json(found, uids, by, specs)
    return _json([{**group, "rids": list(each.rids)} for group, each in zip(told, found, strict=True)])


def _members(engine: Requests, call: Call) -> Reply:
    args, asked = call.args, _filter(call)
    with engine.reading(call) as cursor:
        found = reads.members(
            cursor,
            call.scope,
            asked["query"],
            list(args["by"]),
            asked["sort"],
            archived=asked["archived"],
            ignore=list(args.get("ignore", ())),
            known=engine.names,
            names_of=engine.called,
            lens=engine.sight(cursor, call.scope).lens,
            show_secrets=bool(args.get("show_secrets")),
        )
    return _json([[each.title, list(each.keys), list(each.rids), each.head] for each in found])


def _spreads(engine: Requests, call: Call) -> Reply:
    args = call.args
    with engine.reading(call) as cursor:
        found = reads.spreads(
            cursor,
            call.scope,
            args["groups"],
            args["columns"],
            known=engine.names,
            runs=engine.core.parts().kept.runs,
            show_secrets=bool(args.get("show_secrets")),
            judge=str(args.get("judge", "")),
            lens=engine.sight(cursor, call.scope).lens,
        )
    return _json([[[asdict(cell) for cell in each.cells], each.states, each.best] for each in found])


def _pivot(engine: Requests, call: Call) -> Reply:
    args = call.args
    row, column = args["across"]
    with engine.reading(call) as cursor:
        return _json(
            reads.pivot(
                cursor,
                call.scope,
                args.get("query", ""),
                (str(row), str(column)),
                str(args["metric"]),
                known=engine.names,
                runs=engine.core.parts().kept.runs,
                show_secrets=bool(args.get("show_secrets")),
                lens=engine.sight(cursor, call.scope).lens,
            )
        )


def _tags(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        name = call.args.get("tag")
        return _json(reads.tags(cursor, call.scope) if name is None else reads.tagged(cursor, call.scope, str(name)))


def _places(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        shared = bool(call.args.get("shared"))
        return _json(reads.places(cursor, call.scope, call.args["rids"], engine.called, shared=shared))


def _health(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        faults = engine.sight(cursor, call.scope).faults
        return Reply(body_kind="json", body=reads.health_json(cursor, call.scope, faults))


def _annotate(engine: Requests, call: Call) -> Reply:
    args = call.args
    ops = [Op(str(target), str(key), value) for target, key, value in args["ops"]]
    changed = engine.core.parts().annotations.annotate(args["op_id"], args["client"], args["who"], ops)
    return Reply({"changed": changed})


def _undo(engine: Requests, call: Call) -> Reply:
    args = call.args
    undo = engine.core.parts().annotations.undo
    return Reply({"text": undo(args["op_id"], args["client"], args["who"], bool(args.get("redo")))})


def _tail(engine: Requests, call: Call) -> Reply:
    args = call.args
    with engine.reading(call) as cursor:
        watch, directory, consoles = reads.run_place(cursor, args["rid"])
    files = {os.path.relpath(path, directory): on_disk(watch, path) for path in consoles}
    if not files:
        return _json(asdict(LogPage("", (), 0, 0, 0)))
    file = args.get("file") or next(iter(files))
    if file not in files:
        raise NotFound(f"the run has no console log {file!r}; it has: {', '.join(files)}")
    page = read_page(files[file], args.get("offset"), args.get("lines", 500))
    return _json({**asdict(page), "path": file, "files": list(files)})


def _sql(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        return _json(
            asdict(
                reads.sql(
                    cursor, call.args["text"], call.args.get("limit", 10_000), bool(call.args.get("show_secrets"))
                )
            )
        )


def _seen(engine: Requests, call: Call) -> Reply:
    return _json(engine.core.parts().syncer.seen(call.scope))


def _roots(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        found = reads.roots(cursor)
    mode_of = engine.core.parts().syncer.mode_of
    return _json([{**root, "mode": mode_of(root["root"])} for root in found])


def _status(engine: Requests, call: Call) -> Reply:
    parts = engine.core.parts()
    return _json(status(parts, engine.server, list(engine.roots(parts)), engine.uptime_s(), engine.note))


TABLE: dict[str, Answer] = {
    "watch": _watch,
    "sync": _sync,
    "order": _order,
    "window": _window,
    "runs": _runs,
    "run": _run,
    "recorded": _recorded,
    "resolve": _resolve,
    "series": _series,
    "curves": _curves,
    "choices": _choices,
    "bests": _bests,
    "distinct": _distinct,
    "complete": _complete,
    "explain": _explain,
    "moved": _moved,
    "groups": _groups,
    "members": _members,
    "spreads": _spreads,
    "pivot": _pivot,
    "tags": _tags,
    "places": _places,
    "health": _health,
    "annotate": _annotate,
    "undo": _undo,
    "tail": _tail,
    "sql": _sql,
    "roots": _roots,
    "seen": _seen,
    "status": _status,
}
"""Every request but `hello` and `stop`, which the server itself answers."""


def _filter(call: Call) -> dict[str, Any]:
    args = call.args
    sort = tuple(SortKey(str(column), bool(descending)) for column, descending in args.get("sort", ()))
    return {"query": args.get("query", ""), "sort": sort, "archived": bool(args.get("archived", False))}


def _json(value: Json) -> Reply:
    return Reply(body_kind="json", body=json.dumps(value, separators=(",", ":")).encode())


def _numbers(value: Json) -> Reply:
    """As `_json`, ten times faster: for long lists without whole numbers or texts that only Python holds."""
    return Reply(body_kind="json", body=orjson.dumps(value))
