"""What stands for the config of a run, and for its seeds: hashes by which seed groups are found."""

from __future__ import annotations

from collections.abc import Sequence

from runspect.columns import Names
from runspect.columns.repeats import PLACE, VALUE
from runspect.index.reads.scope import Cursor, among, fetch
from runspect.practice.configs import is_seed


def config_hashes(
    cursor: Cursor, rids: Sequence[int], names: Names, left_out: Sequence[str]
) -> dict[int, tuple[int, int]]:
    """What stands for the config of each run, and for its seeds; 0 where it tells none.

    One pass over all params: as texts in order, 600,000 of them take five times as long.

    Args:
        left_out: Params that make no other config; the seeds are among them.
    """
    seeds = [param for param in names.params if is_seed(param)]
    counts = (
        f"c.live AND c.val <> 'null' AND NOT list_contains(?::VARCHAR[], c.key) AND (c.num IS NOT NULL OR NOT {PLACE})"
    )
    # hashed once more: the hash of a pair is so simple that swapped values would cancel each other out
    pair, few = f"hash(hash(c.key, {VALUE}))", among(rids, "c.rid")
    rows = fetch(
        cursor,
        "SELECT t.rid, arg_max(coalesce(t.config, 0), t.upd), arg_max(coalesce(t.seeds, 0), t.upd) FROM ("
        f"SELECT c.rid, c.upd, bit_xor({pair}) FILTER (WHERE {counts}) AS config,"
        f" bit_xor({pair}) FILTER (WHERE c.live AND c.val <> 'null' AND list_contains(?::VARCHAR[], c.key)) AS seeds"
        f" FROM cfg c WHERE {few.sql} GROUP BY c.rid, c.upd) t GROUP BY t.rid",
        (list(left_out), seeds, *few.params),
    )
    return {rid: (config, seeds) for rid, config, seeds in rows}
