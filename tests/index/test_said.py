"""What an export says of its run counts as long as nobody here says otherwise."""

from __future__ import annotations

import json
import time
from pathlib import Path

from runspect.index.annotations import load_ops, load_said
from runspect.index.store import Store
from runspect.readers.contract import Said

THEN = 1_700_000_000.0


def _in_force(store: Store, target: str, key: str) -> object:
    with store.cursor() as cursor:
        row = cursor.execute(
            "SELECT arg_max(val, (ts, id)) FROM ann WHERE target = ? AND key = ?", [target, key]
        ).fetchone()
    return json.loads(row[0]) if row and row[0] is not None else None


def test_the_journal_counts_more(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "index.duckdb")
    try:
        load_ops(store, [("j1", round(THEN * 1e9), "me", "hyp:h4abcd", "text", "mine")])
        said = [
            Said("hyp:h4abcd", "text", "theirs", "x", THEN + 5),
            Said("hyp:h5abcd", "text", "new", "x", THEN + 5),
            Said("run", "verdict", {"verdict": "refuted"}, "x", THEN + 5),
            Said("run", "stage", {"stage": "production"}, "x", time.time() + 1000),
        ]
        for _ in range(2):  # read again, it is the same
            load_said(store, "runspect:a", said)
        assert _in_force(store, "hyp:h4abcd", "text") == "mine"
        assert _in_force(store, "hyp:h5abcd", "text") == "new"
        assert _in_force(store, "run:runspect:a", "verdict") == {"verdict": "refuted"}
        assert _in_force(store, "run:runspect:a", "stage") is None
        load_ops(store, [("j2", round((THEN + 9) * 1e9), "me", "run:runspect:a", "verdict", {"verdict": "supported"})])
        assert _in_force(store, "run:runspect:a", "verdict") == {"verdict": "supported"}
        with store.cursor() as cursor:
            assert cursor.execute("SELECT count(*) FROM ann").fetchone() == (4,)
    finally:
        store.close()
