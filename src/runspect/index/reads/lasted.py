"""How long runs took by what they tell themselves: the time of a file may be that of a copy or a checkout."""

from __future__ import annotations

NEWEST = "(SELECT rid, max(last_t) AS newest FROM series GROUP BY rid)"
"""`rid, newest`: the time of the newest point of each run."""

ENDED = "coalesce(r.ended, n.newest)"
"""The end of `r` of `runs_now`, with `n` of `NEWEST`; NULL where only the time of a file is known."""

LASTED = f"CASE WHEN {ENDED} >= r.started THEN epoch({ENDED}) - epoch(r.started) WHEN {ENDED} < r.started THEN 0 END"
"""Seconds from the start to the end; a clock that went backwards gives none."""
