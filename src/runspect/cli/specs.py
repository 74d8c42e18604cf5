"""Columns that were named on the command line, and whether there is anything so called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from runspect.errors import UsageError
from runspect.model import SortKey
from runspect.workspace import Choices, Workspace

if TYPE_CHECKING:
    from runspect.columns import Names


def listed_in(workspace: Workspace, text: str) -> tuple[str, ...]:
    """The columns of a list; names of several words, such as `my key`, may stand in it as they are."""
    from runspect.columns import listed  # `ls --json` has no columns

    return listed(text, names_of(workspace.choices()) if " " in text.strip() else None)


def sort_keys(workspace: Workspace, wanted: Sequence[str]) -> tuple[SortKey, ...]:
    """The order that was asked for: by the first column, what is equal then by the next."""
    specs = [spec for each in wanted for spec in listed_in(workspace, each)]
    return tuple(SortKey(spec.removeprefix("-"), spec.startswith("-")) for spec in specs)


def objective(workspace: Workspace) -> str:
    """The column by which runs are judged when nobody named one: the policy's objective, else the main metric's best.

    Raises:
        UsageError: There is none.
    """
    found = workspace.choices().objective
    if not found:
        raise UsageError("which metric? none of those here is known to be better up or down; name one")
    return found


def check_columns(workspace: Workspace, specs: Sequence[str]) -> None:
    """Refuse something that no run has: a sort by it would be silently meaningless.

    Raises:
        UsageError: Nothing is called so; says what may have been meant.
    """
    if specs:
        from runspect import columns

        names = names_of(workspace.choices())
        for spec in specs:
            columns.meant(spec, names)


def names_of(choices: Choices) -> Names:
    """Everything that has a name among these runs."""
    from runspect.columns import Names

    return Names(
        params=tuple(param[0] for param in choices.params),
        metrics=tuple(metric[0] for metric in choices.metrics),
        facts=tuple(fact[0] for fact in choices.facts),
        tags=tuple(tag[0] for tag in choices.tags),
    )
