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


def explain(cursor: Cursor, scope: Scope, query: str, known: NamesIn = names_in, lens: Lens = PLAIN) -> dict[str, Json]:
    """{query, words: [line], sql, params}; times among the parameters are ISO 8601, in UTC.

    Raises:
        QueryError: The query could not be understood.
    """
    tree = language.parse(query)
    compiled = language.compile_query(query, known(cursor, scope), lens=lens)
    return {
        "query": language.render(tree),
        "words": list(words(tree)),
        "sql": f"SELECT r.rid FROM runs_now r WHERE {compiled.sql}",
        "params": [value.isoformat() + "Z" if isinstance(value, datetime) else value for value in compiled.params],
    }
