"""What each request does: the table from `protocol.REQUESTS` to the index, the journal and the syncer."""

from __future__ import annotations

from runspect.engine.answers import (
    checking,
    curves,
    exports,
    gates,
    history,
    hypotheses,
    lint,
    lists,
    practice,
    reporting,
    sets,
    sharing,
    upkeep,
    versus,
    vocabulary,
)
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
    **history.TABLE,
    **versus.TABLE,
    **sharing.TABLE,
    **lint.TABLE,
    **gates.TABLE,
    **reporting.TABLE,
    **checking.TABLE,
}
"""Every request but `hello` and `stop`, which the server itself answers."""

__all__ = ["TABLE", "Answer"]
