"""Rows that the engine keeps in memory: runs, files and their segments."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import fields

import duckdb
import orjson

from runspect.dataclass import dataclass, field
from runspect.index.reads.plain import plain
from runspect.index.reads.scope import fetch
from runspect.index.rows import seconds
from runspect.model import Evidence, Json, State
from runspect.readers.contract import Cursor

RUN_COLUMNS = (
    "rid", "uid", "watch", "path", "key", "name", "project", "grp", "tools", "evidence", "state", "reason", "started",
    "ended", "updated", "steps", "host", "owner", "parent", "hidden",
)  # fmt: skip
SOURCE_COLUMNS = (
    "watch", "path", "rid", "reader", "use", "prefix", "shared", "segment", "generation", "offset_bytes", "size", "mtime",
    "ctime", "head_sig", "tail_sig", "state", "told", "key", "live",
)  # fmt: skip
SEGMENT_COLUMNS = ("segment", "rid", "path", "generation", "reader", "precision", "writer_start", "purge_from", "live")


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One row of `runs`. Times are seconds since 1970."""

    rid: int
    uid: str
    watch: str
    path: str
    """The run's directory relative to the watch."""
    key: str
    name: str
    tools: tuple[str, ...]
    evidence: Evidence
    state: State
    reason: str
    project: str | None = None
    group: str | None = None
    started: float | None = None
    ended: float | None = None
    updated: float | None = None
    steps: int | None = None
    host: str | None = None
    owner: str | None = None
    parent: str | None = None
    hidden: bool = False

    def row(self) -> tuple[Json, ...]:
        """The values of `RUN_COLUMNS`."""
        return (
            self.rid, self.uid, self.watch, self.path, self.key, self.name, self.project, self.group, ",".join(self.tools),
            _evidence_text(self.evidence), self.state, self.reason, self.started, self.ended, self.updated, self.steps,
            self.host, self.owner, self.parent, self.hidden,
        )  # fmt: skip


SourceKey = tuple[str, str, int]
"""Watch, path, rid: a shared config is a file of several runs."""
STORE = 0
"""In place of a rid, where a store itself is meant: its cursor is the one that counts, its runs have `row`s of it."""


LOST = "lost"
"""`Source.use` of a store that holds the run no more: what it told before stays with the run, which is gone."""


@dataclass(slots=True)
class Source:
    """One file of a run and how far it was read; mutable, of the writing thread."""

    watch: str
    path: str
    rid: int
    reader: str
    use: str = "read"
    prefix: str = ""
    shared: bool = False
    segment: int | None = None
    generation: int = 0
    cursor: Cursor = field(default_factory=Cursor)
    size: int = -1
    """Bytes and modification time as they were just before the file was last read; -1 when it never was."""
    mtime: float = -1.0
    ctime: int = 0
    """Likewise, in nanoseconds; 0 where it is not known."""
    told: tuple[str, ...] = ()
    """Ids that the file gave for its run."""
    key: str = ""
    """Of a store: what it calls the run, where the run is a container's that holds the store."""
    live: bool = True
    identity: SourceKey = field(init=False, compare=False, repr=False)
    """What tells it from other files; made once, since it is asked for many times a file."""

    def __post_init__(self) -> None:
        self.identity = (self.watch, self.path, self.rid)

    @property
    def is_store(self) -> bool:
        """Whether the file holds other runs too, or held this one."""
        return self.use in ("row", LOST)

    def row(self) -> tuple[Json, ...]:
        """The values of `SOURCE_COLUMNS`."""
        cursor = self.cursor
        return (
            self.watch, self.path, self.rid, self.reader, self.use, self.prefix, self.shared, self.segment, self.generation,
            cursor.offset, self.size, self.mtime, self.ctime, cursor.head_sig, cursor.tail_sig, cursor.state,
            json.dumps(list(self.told)) if self.told else None, self.key, self.live,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Segment:
    """One writer's stretch of one file: a generation of it."""

    segment: int
    rid: int
    path: str
    generation: int
    reader: str
    precision: int
    writer_start: float | None = None
    purge_from: int | None = None

    def row(self, live: bool = True) -> tuple[Json, ...]:
        """The values of `SEGMENT_COLUMNS`."""
        return (
            self.segment, self.rid, self.path, self.generation, self.reader, self.precision, self.writer_start,
            self.purge_from, live,
        )  # fmt: skip


def load_runs(cursor: duckdb.DuckDBPyConnection) -> dict[int, RunRecord]:
    """The newest row of every run, hidden ones included."""
    rows = fetch(
        cursor,
        f"SELECT {', '.join(RUN_COLUMNS)} FROM runs JOIN (SELECT rid, max(upd) AS upd FROM runs GROUP BY rid) USING (rid, upd)",
    )
    return {row[0]: _run(row) for row in rows}


def load_sources(cursor: duckdb.DuckDBPyConnection) -> dict[SourceKey, Source]:
    """Every file that is known."""
    rows = fetch(cursor, f"SELECT {', '.join(map(_quoted, SOURCE_COLUMNS))} FROM sources_now")
    return {(row[0], row[1], row[2]): _source(row) for row in rows}


def load_segments(cursor: duckdb.DuckDBPyConnection, rids: Sequence[int]) -> list[Segment]:
    """The living segments of some runs."""
    rows = fetch(
        cursor,
        f"SELECT {', '.join(map(_quoted, SEGMENT_COLUMNS[:-1]))} FROM segments_now WHERE rid IN (SELECT unnest(?::BIGINT[]))",
        (list(rids),),
    )
    return [Segment(*row) for row in rows]


def _quoted(name: str) -> str:
    return f'"{name}"'


def _run(row: tuple[Json, ...]) -> RunRecord:
    rid, uid, watch, path, key, name, project, group, tools, evidence, state, reason, *rest = row
    started, ended, updated, steps, host, owner, parent, hidden = rest
    return RunRecord(
        rid, uid, watch, path, key or "", name, tuple(filter(None, (tools or "").split(","))), _evidence(evidence), state,
        reason, project, group, seconds(started), seconds(ended), seconds(updated), steps, host, owner, parent, hidden,
    )  # fmt: skip


def _source(row: tuple[Json, ...]) -> Source:
    (
        watch,
        path,
        rid,
        reader,
        use,
        prefix,
        shared,
        segment,
        generation,
        offset,
        size,
        mtime,
        ctime,
        head,
        tail,
        state,
        told,
        key,
        live,
    ) = row
    return Source(
        watch, path, rid, reader, use, prefix or "", bool(shared), segment, generation,
        Cursor(offset, size, head or "", tail or "", state or ""), size, mtime, ctime or 0,
        tuple(json.loads(told)) if told else (), key or "", live,
    )  # fmt: skip


_EVIDENCE = tuple(item.name for item in fields(Evidence))


def _evidence_text(evidence: Evidence) -> str:
    told = {
        name: value
        for name in _EVIDENCE
        if (value := getattr(evidence, name)) is not None
        and not (isinstance(value, float) and not math.isfinite(value))
    }
    try:
        return orjson.dumps(told).decode()
    except (TypeError, ValueError):
        return json.dumps(plain(told), ensure_ascii=False, default=str)


def _evidence(text: str | None) -> Evidence:
    return Evidence(**{name: value for name, value in json.loads(text or "{}").items() if name in _EVIDENCE})
