"""Why nothing matched: the condition that no run fulfils, and the values that may have been meant."""

from __future__ import annotations

from collections.abc import Iterator

from runspect.columns.names import near
from runspect.counted import counted
from runspect.query.fields import BY_NAME
from runspect.query.parse import parse
from runspect.query.tree import And, Anywhere, Compare, Everything, Text, Tree, render, render_name
from runspect.workspace import Workspace

MOST = 8
"""Conditions that are tried by themselves."""


def hints(workspace: Workspace, query: str, *, archived: bool = False) -> Iterator[str]:
    """Lines about a query without an answer; none where no condition is to blame alone."""
    tree = parse(query)
    parts = tree.parts if isinstance(tree, And) else (tree,)
    if isinstance(tree, Everything) or len(parts) > MOST:
        return
    if not archived and (hidden := len(workspace.order(query, archived=True).rids)):
        yield f"{counted(hidden)} that would match {'is' if hidden == 1 else 'are'} archived, and left out here"
        return
    empty = [part for part in parts if not workspace.order(render(part), archived=archived).rids]
    for part in empty:
        meant = _meant(workspace, part)
        if meant or len(parts) > 1:
            yield f"no run matches {render(part)}{f'; did you mean {meant}?' if meant else ''}"
    if not empty:
        yield "each condition matches some run, but no run matches all of them"


def _meant(workspace: Workspace, part: Tree) -> str:
    """Values that runs have and that look like the one that was asked for."""
    if isinstance(part, Anywhere) and isinstance(part.value, Text):
        field = BY_NAME.get(part.value.text.lower())
        return f"{field.name}:yes" if field is not None and field.type == "flag" else ""
    if not (isinstance(part, Compare) and part.op in (":", "=") and isinstance(part.value, Text)):
        return ""
    asked = f"{render_name(part.name)} = "
    values = [text for text, _ in workspace.complete(asked, len(asked)).items]
    return "" if part.value.text in values else " or ".join(near(part.value.text, values)[:3])
