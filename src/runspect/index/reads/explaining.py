"""What a query is made into: its tree in words, and the SQL with its parameters."""

from __future__ import annotations

from datetime import datetime

from runspect import query as language
from runspect.columns import Lens
from runspect.columns.lens import PLAIN
from runspect.index.reads.scope import Cursor, Scope
from runspect.index.reads.vocabulary import NamesIn
from runspect.index.reads.vocabulary import names as names_in
from runspect.model import Json
from runspect.query.explain import words

MOST_LISTED = 100
"""Values of a parameter that is a list: how every run does against others is one."""


def explain(cursor: Cursor, scope: Scope, query: str, known: NamesIn = names_in, lens: Lens = PLAIN) -> dict[str, Json]:
    """{query, words: [line], sql, params}; long lists among the parameters are cut, times among the parameters are ISO 8601, in UTC.

    Raises:
        QueryError: The query could not be understood.
    """
    tree = language.parse(query)
    compiled = language.compile_query(query, known(cursor, scope), lens=lens)
    return {
        "query": language.render(tree),
        "words": list(words(tree)),
        "sql": f"SELECT r.rid FROM runs_now r WHERE {compiled.sql}",
        "params": [_shown(value) for value in compiled.params],
    }


def _shown(value: object) -> Json:
    if isinstance(value, datetime):
        return value.isoformat() + "Z"
    if isinstance(value, list) and len(value) > MOST_LISTED:
        return [*value[:MOST_LISTED], f"… {len(value) - MOST_LISTED:,} more"]
    return value
