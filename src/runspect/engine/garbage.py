"""How often Python looks for objects that only hold each other.

What is walked and read makes very many objects and hardly any circles: with the usual thresholds a start with 100,000
known files spends a fifth of its time looking for them.
"""

from __future__ import annotations

import gc

NEW, MIDDLE, OLD = 50_000, 20, 50


def look_rarely() -> None:
    """For this process, from now on."""
    gc.set_threshold(NEW, MIDDLE, OLD)
