"""`@name` in a query: the query of the saved view of that name, with offsets that still mean what was typed."""

from __future__ import annotations

from collections.abc import Callable

from runspect.dataclass import dataclass
from runspect.errors import QueryError, UsageError
from runspect.query.lexer import Token, tokens
from runspect.views import Views
from runspect.workspace.answers import Completions

DEEPEST = 8
"""Views within views."""
EVERY = "uid:*"
"""What stands for a view of every run inside of a query, where something has to stand."""


@dataclass(frozen=True, slots=True)
class Expanded:
    """A query without views, and where its pieces came from."""

    text: str
    pieces: tuple[tuple[int, int, int, int], ...] = ()
    """(start, end) in `text` of each view's query, and (start, end) of its `@name` in what was typed."""

    def typed(self, offset: int, *, end: bool = False) -> int:
        """The offset in what was typed; within a view that of its name, its end with `end`."""
        moved = 0
        for start, stop, from_, to in self.pieces:
            if offset < start:
                break
            if offset < stop or (end and offset == stop):
                return to if end else from_
            moved = to - stop
        return offset + moved


def expand(query: str, views: Callable[[], Views], depth: int = 0) -> Expanded:
    """The query with each `@name` replaced; `views` is only called when there is one.

    Raises:
        NotFound: No view has the name.
        QueryError: Views name each other in a circle.
    """
    if "@" not in query:
        return Expanded(query)
    try:
        found = _names(tokens(query))
    except QueryError:  # the engine says it better
        return Expanded(query)
    if not found:
        return Expanded(query)
    if depth == DEEPEST:
        raise QueryError("saved views name each other in a circle", found[0].start, found[0].end)
    known = views()
    text, at, pieces = "", 0, []
    alone = len(tokens(query)) == 2
    for token in found:
        inner = expand(known.named(token.text[1:]).view.query, views, depth + 1).text
        text += query[at : token.start]
        start = len(text)
        text += inner if alone else f"({inner if inner.strip() else EVERY})"
        pieces.append((start, len(text), token.start, token.end))
        at = token.end
    return Expanded(text + query[at:], tuple(pieces))


def check_saved(name: str, query: str, views: Views) -> None:
    """A view of this name and query must not lead back to itself; it may name views that are not there yet.

    Raises:
        UsageError: It does, by itself or through the views that it names.
    """
    saved, seen, ahead = {each.name: each.view.query for each in views.saved}, set[str](), [query]
    while ahead:
        try:
            found = {token.text[1:] for token in _names(tokens(ahead.pop()))}
        except QueryError:  # the query of another view, whose fault is told where it is used
            continue
        if name in found:
            through = " through the views that it names" if seen else ""
            instead = f"; instead of @{name} write its query: {saved[name]}" if saved.get(name) and not seen else ""
            raise UsageError(f"the view @{name} would name itself{through}{instead}")
        ahead += [saved[each] for each in found - seen if each in saved]
        seen |= found


def _names(found: tuple[Token, ...]) -> list[Token]:
    """The words that are the name of a view: not a value, not a field, not in a list."""
    names, listed = [], False
    for before, token, after in zip((None, *found), found, found[1:], strict=False):
        opens = token.kind == "[" or (token.kind == "(" and before is not None and before.keyword == "in")
        listed = opens or (listed and token.kind not in ("]", ")"))
        is_value = before is not None and (before.kind == "operator" or before.keyword == "in")
        is_field = after.kind == "operator" or after.keyword == "in"
        if (
            token.kind == "word"
            and token.text.startswith("@")
            and len(token.text) > 1
            and not (is_value or is_field or listed)
        ):
            names.append(token)
    return names


def completions(query: str, position: int, views: Callable[[], Views]) -> Completions | None:
    """The views whose name begins with the `@…` at a position; None when something else is being typed there."""
    start = position
    while start > 0 and not (query[start - 1].isspace() or query[start - 1] in "()|-!&"):
        start -= 1
    if query[start : start + 1] != "@" or start == position:
        return None
    named = [saved for saved in views().saved if saved.name.startswith(query[start + 1 : position])]
    return Completions(start, tuple((f"@{saved.name}", saved.view.query or "every run") for saved in named))
