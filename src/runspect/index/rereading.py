"""When the readers are not those that filled the index, every file is claimed and read again; nothing is dropped before."""

from __future__ import annotations

from runspect.index.reads.scope import fetch
from runspect.index.store import Store

_KEY = "readers"


def reread(store: Store, signature: str) -> bool:
    """Let every file that is known count as never read if other readers filled the index; whether they did."""
    with store.cursor() as cursor:
        known = fetch(cursor, "SELECT val FROM meta WHERE key = ?", (_KEY,))
    if known and known[0][0] == signature:
        return False
    with store.writing() as (cursor, upd):
        cursor.execute(
            "INSERT INTO sources SELECT * REPLACE (0 AS offset_bytes, -1 AS size, -1 AS mtime, '' AS head_sig, "
            "'' AS tail_sig, '' AS state, ? AS upd) FROM sources_now",
            [upd],
        )
        cursor.execute("INSERT INTO claims SELECT * REPLACE (false AS live, ? AS upd) FROM claims_now", [upd])
        cursor.execute("DELETE FROM meta WHERE key = ?", [_KEY])
        cursor.execute("INSERT INTO meta VALUES (?, ?)", [_KEY, signature])
    return bool(known)
