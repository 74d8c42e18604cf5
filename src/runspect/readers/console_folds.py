"""Cross validation on a console: "Fold 2" heads the lines of its second part, whose metrics are "fold2/…"."""

from __future__ import annotations

import re

FOLD = "fold#"
"""The signature of such lines."""
_FOLD = re.compile(
    r"\W{0,40}(?:(?:cv|(?:re)?starting|start|begin(?:ning)?|train(?:ing)?|running|processing)[ \t]{1,4}(?:on[ \t])?)?"
    r"fold[ \t]{0,4}[:=#_-]?[ \t]{0,4}(?P<number>\d{1,3})(?![\w.])",
    re.IGNORECASE,
)


def fold_of(body: str) -> int | None:
    """The number of the fold that a line begins with; None: it begins with none."""
    match = _FOLD.match(body, 0, 200)
    return int(match["number"]) if match else None
