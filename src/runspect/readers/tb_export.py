"""TensorBoard's "download as CSV": a file a curve, `Wall time,Step,Value`, the tag in the file's name."""

from __future__ import annotations

import re
from collections.abc import Sequence

COLUMNS = ("wall time", "step", "value")
_TAG = re.compile(r"(?:.*[-_.])?tag-(?P<tag>.+)")


def tag_of(names: Sequence[str], file: str) -> str:
    """What the curve is called, "" where the table is none of these."""
    if tuple(name.strip().lower() for name in names) != COLUMNS:
        return ""
    stem = file.rpartition(".")[0] or file
    found = _TAG.fullmatch(stem)
    return found["tag"] if found else stem
