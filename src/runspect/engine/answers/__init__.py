"""What each request does: the table from `protocol.REQUESTS` to the index, the journal and the syncer."""

from __future__ import annotations

from runspect.engine.answers import curves, exports, gates, hypotheses, lint, lists, practice, sets, upkeep, vocabulary
from runspect.engine.answers.replies import Answer

TABLE: dict[str, Answer] = {
    **upkeep.TABLE,
    **lists.TABLE,
    **curves.TABLE,
    **exports.TABLE,
    **vocabulary.TABLE,
    **sets.TABLE,
    **hypotheses.TABLE,
    **practice.TABLE,
    **lint.TABLE,
    **gates.TABLE,
}
"""Every request but `hello` and `stop`, which the server itself answers."""

__all__ = ["TABLE", "Answer"]
