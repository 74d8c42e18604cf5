"""What a run breaks of the policy's rules, as lines of its card."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runspect.masking import printable
from runspect.tui.fit import fit
from runspect.tui.glyphs import Glyphs
from runspect.tui.widgets.card_text import wrapped
from runspect.tui.widgets.painted import Line

_LABEL = 14


def finding_lines(found: Sequence[dict[str, Any]], width: int, glyphs: Glyphs) -> list[Line]:
    """Each finding with what would close it, in so many cells; none: no lines.

    Args:
        found: `lint` of `runspect show --json`.
    """
    if not found:
        return []
    room = max(8, width - _LABEL - 5)
    lines: list[Line] = [(), [(" Lint", "title"), (f"  {len(found)}", "dim")]]
    for each in found:
        label = "   " + fit(each["rule"], _LABEL, glyphs.cut) + " "
        for look, text in (("warn", each["what"]), ("quiet", each["closes"])):
            for piece in wrapped(printable(text), room, glyphs.cut):
                lines.append([(label, "dim"), (piece, look)])
                label = " " * (_LABEL + 4)
    return lines
