"""A fact as people read it: bytes with their unit, moments in local time, variables and data in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime

from runspect.columns.cells import value_text
from runspect.masking import printable
from runspect.model import TIME_FACTS, Json

BYTES = frozenset(("memory", "memory_peak", "gpu_memory", "gpu_memory_peak"))
"""Facts that are sizes in bytes."""
MOMENTS = TIME_FACTS | {"process_started"}
"""Facts that are seconds since 1970."""
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
_DIGEST = 16
"""Characters of a digest that are shown."""


def fact_text(name: str, value: Json) -> str:
    """A fact on one line; a value of another kind than the fact's own is shown as it is."""
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        if name in BYTES:
            return bytes_text(value)
        if name in MOMENTS and abs(value) < 1e11:
            return datetime.fromtimestamp(value).astimezone().isoformat(sep=" ", timespec="seconds")
    if isinstance(value, Mapping) and name in ("environment", "seeds"):
        return "  ".join(f"{printable(str(key))}={value_text(each)}" for key, each in value.items())
    if isinstance(value, list) and name == "data":
        return ", ".join(_data_text(each) for each in value)
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(map(printable, value))
    return value_text(value)


def bytes_text(size: float) -> str:
    """A size of memory: `512 B`, `25.1 GiB`."""
    unit = min(len(_UNITS) - 1, int(math.log2(max(1.0, size))) // 10)
    value = size / 1024**unit
    return f"{value:.0f} {_UNITS[unit]}" if unit == 0 or value >= 100 else f"{value:.1f} {_UNITS[unit]}"


def _data_text(told: Json) -> str:
    """`/data/train  12 files  3.4 GiB  sha256 ab12…`, as far as it is told."""
    if not isinstance(told, Mapping):
        return value_text(told)
    files, size, digest, missing = (told.get(key) for key in ("files", "size", "sha256", "missing"))
    said = [printable(str(told.get("path", "")))]
    if isinstance(files, int) and files > 1:
        said.append(f"{files:,} files")
    if isinstance(size, int):
        said.append(bytes_text(size))
    if isinstance(digest, str):
        said.append(f"sha256 {printable(digest[:_DIGEST])}")
    if isinstance(missing, str):
        said.append(printable(missing))
    return "  ".join(part for part in said if part)
