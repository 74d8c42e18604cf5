"""How a run does against champion, baseline and the best before it, as lines of a card: (label, text, look)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runspect.practice.versus_words import comparison_text, title_text

_LABELS = {"champion": "champion", "baseline": "baseline", "best": "best before"}
_LOOKS = {"better": "good", "worse": "warn", "better, guard worse": "warn"}


def versus_spans(told: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """The objective of the run, then each reference with its guards; one that is the same run as another is told of once."""
    lines = [("objective", title_text(told), "plain")]
    seen: dict[int, str] = {}
    for each in told["comparisons"]:
        label, run = _LABELS[each["against"]], each["run"]
        before = seen.get(run["rid"]) if run is not None else None
        if before is not None:
            lines.append((label, f"the same run as the {before}", "quiet"))
            continue
        if run is not None:
            seen[run["rid"]] = label
        lines.append(
            (label, comparison_text(each), _LOOKS.get(each["verdict"], "plain") if each["usable"] else "quiet")
        )
        lines += [
            ("guard" if at == 0 else "", guard["text"], "warn" if guard["worse"] else "dim")
            for at, guard in enumerate(each["guards"])
        ]
    return lines
