"""What stands for the config of a run, and for its seeds: hashes by which seed groups are found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from runspect.columns import Names
from runspect.columns.repeats import ONE_OF, PAIR, PLACE, TOLD
from runspect.index.reads.scope import Cursor, fetch, held
from runspect.practice.configs import is_seed

Hashes = Callable[[Cursor, Sequence[int], Names, Sequence[str]], Mapping[int, tuple[int, int]]]
"""See `config_hashes`; what is told of other runs does no harm."""


def config_hashes(
    cursor: Cursor, rids: Sequence[int], names: Names, left_out: Sequence[str]
) -> dict[int, tuple[int, int]]:
    """What stands for the config of each run, and for its seeds; 0 where it tells none.

    One pass over all params: as texts in order, 600,000 of them take five times as long.

    Args:
        left_out: Params that make no other config; the seeds are among them.
    """
    seeds = [param for param in names.params if is_seed(param)]
    config = f"CASE WHEN NOT coalesce({TOLD} AND NOT c.aside, FALSE) OR (c.num IS NULL AND {PLACE}) THEN NULL ELSE {PAIR} END"
    few = held(cursor, rids)
    rows = fetch(
        cursor,
        "SELECT t.rid, arg_max(coalesce(t.config, 0), t.upd), arg_max(coalesce(t.seeds, 0), t.upd) FROM ("
        f"SELECT c.rid, c.upd, bit_xor({config}) AS config, bit_xor(CASE WHEN {TOLD} AND c.seed THEN {PAIR} END) AS seeds"
        f" FROM (SELECT *, {ONE_OF} AS aside, {ONE_OF} AS seed FROM cfg WHERE {few.sql}) c GROUP BY c.rid, c.upd) t GROUP BY t.rid",
        (list(left_out), seeds, *few.params),
    )
    return {rid: (config, seeds) for rid, config, seeds in rows}
