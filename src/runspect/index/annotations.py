"""The merged journal as a table: a copy for queries, rebuilt from the journal whenever it is missing."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Sequence

from runspect.columns.hypotheses import TESTED
from runspect.index.generations import Change
from runspect.index.reads.plain import plain
from runspect.index.reads.scope import Cursor, fetch
from runspect.index.rows import insert_rows
from runspect.index.store import Store
from runspect.model import IMPORTED, Json
from runspect.readers.contract import Said

OpRow = tuple[str, int, str, str, str, Json]
"""(id, time in ns since 1970, who, target, key, value) of one journal line."""

RUN, HYPOTHESIS, PROJECT = "run:", "hyp:", "project:"
EXPORTED = "export:"
"""How the ids of those begin that came with an export, and not from the journal."""
_PLACED = ("root", IMPORTED)
"""Keys whose value names a directory."""


def load_ops(store: Store, ops: Iterable[OpRow]) -> frozenset[int]:
    """Add the operations that the index does not hold yet; the rids of the runs that they speak of.

    Raises:
        IndexFault: They could not be stored; nothing of them is.
    """
    wanted = list(ops)
    if not wanted:
        return frozenset()
    with store.writing() as (cursor, _):
        store.narrow(Change(said=True))
        known = _known(cursor, [op[0] for op in wanted]) - _forget_moved(cursor, wanted)
        fresh = {op[0]: op for op in wanted if op[0] not in known}
        rows = [_row(op) for op in fresh.values()]
        insert_rows(cursor, "ann", ("id", "ts", "who", "target", "key", "val"), rows)
        return _rids(cursor, [op[3] for op in fresh.values()])


def load_said(store: Store, uid: str, said: Iterable[Said]) -> frozenset[int]:
    """Add what an export says of its run; the rids of the runs that it speaks of.

    It is as old as it says, so that what the journal says later counts more. Of hypotheses that the journal knows, and in
    the future, it says nothing.

    Raises:
        IndexFault: It could not be stored.
    """
    now = time.time()
    wanted = [each for each in said if each.time <= now]
    with store.cursor() as cursor:
        rows = fetch(
            cursor,
            "SELECT DISTINCT target FROM ann WHERE NOT starts_with(id, ?) AND target IN (SELECT unnest(?::VARCHAR[]))",
            (EXPORTED, [each.about for each in wanted]),
        )
    known = {target for (target,) in rows}
    return load_ops(store, [_op(uid, each) for each in wanted if each.about not in known])


def exported_value(cursor: Cursor, target: str, key: str) -> Json:
    """What an export says of a target, by whichever of its ids; None where none does."""
    rows = fetch(
        cursor,
        "SELECT arg_max(a.val, struct_pack(ts := a.ts, id := a.id)) FROM ann a WHERE a.key = ? AND starts_with(a.id, ?)"
        " AND (a.target = ? OR substr(a.target, 5) IN (SELECT uid FROM ids_now WHERE rid IN (SELECT rid FROM ids_now WHERE uid = ?)))",
        (key, EXPORTED, target, target.removeprefix(RUN) if target.startswith(RUN) else ""),
    )
    return None if rows[0][0] is None else json.loads(rows[0][0])


def _op(uid: str, said: Said) -> OpRow:
    target = f"{RUN}{uid}" if said.about == "run" else said.about
    text = json.dumps([target, said.key, said.time, said.value], sort_keys=True, default=str)
    id_ = EXPORTED + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]
    return id_, round(said.time * 1e9), said.who, target, said.key, said.value


def _known(cursor: Cursor, ids: Sequence[str]) -> frozenset[str]:
    return frozenset(
        id_ for (id_,) in fetch(cursor, "SELECT id FROM ann WHERE id IN (SELECT unnest(?::VARCHAR[]))", (ids,))
    )


def _forget_moved(cursor: Cursor, ops: Iterable[OpRow]) -> frozenset[str]:
    """Take out the ops of a shared folder that was moved: they speak of other directories now; returns their ids."""
    rows = {op[0]: _row(op) for op in ops if op[4] in _PLACED or op[3].startswith(PROJECT)}
    held = fetch(
        cursor, "SELECT id, target, val FROM ann WHERE id IN (SELECT unnest(?::VARCHAR[]))", (list(rows),)
    ) if rows else []  # fmt: skip
    moved = frozenset(id_ for id_, target, value in held if (target, value) != (rows[id_][3], rows[id_][5]))
    if moved:
        cursor.execute("DELETE FROM ann WHERE id IN (SELECT unnest(?::VARCHAR[]))", (sorted(moved),))
    return moved


def _row(op: OpRow) -> tuple[str, int, str, str, str, str]:
    return (*op[:5], json.dumps(plain(op[5]), ensure_ascii=False))


def _rids(cursor: Cursor, targets: Iterable[str]) -> frozenset[int]:
    listed = list(targets)
    uids = sorted({target.removeprefix(RUN) for target in listed if target.startswith(RUN)})
    rows = fetch(cursor, "SELECT DISTINCT rid FROM ids_now WHERE uid IN (SELECT unnest(?::VARCHAR[]))", (uids,))
    hyps = sorted({target.removeprefix(HYPOTHESIS) for target in listed if target.startswith(HYPOTHESIS)})
    if hyps:  # what is said of a hypothesis shows on its runs
        rows += fetch(cursor, f"SELECT t.rid FROM ({TESTED}) t WHERE t.hyp IN (SELECT unnest(?::VARCHAR[]))", (hyps,))
    return frozenset(rid for (rid,) in rows)
