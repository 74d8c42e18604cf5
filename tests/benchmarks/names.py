"""What there is to measure: each name is a module beside this with a `figures()`."""

from __future__ import annotations

NAMES = (
    "start", "keys", "sorting", "while_indexing", "rest", "live", "live_many", "latency", "link",
    "cold", "cold_events", "directories", "scale", "readers", "text_readers", "store", "queries", "curves", "charts", "reopen", "growth", "faults", "recording", "recorded", "leet",
)  # fmt: skip
"""What is measured unless names are given."""
LARGE = ("hundred_million", "many_runs", "extremes", "kills")
"""What takes many minutes and gigabytes: with `--large`, or by name."""
