"""One round trip for the list of runs: the order, and with it what the columns and the first window need."""

from __future__ import annotations

import time

from runspect.columns.cells import asked
from runspect.dataclass import dataclass
from runspect.model import RunOrder, RunRow
from runspect.tui.desk import Desk
from runspect.tui.screens.group_rows import GroupRows, Together
from runspect.tui.screens.known_rows import KnownRows
from runspect.tui.screens.shown_columns import specs_for
from runspect.tui.screens.wanted import Wanted
from runspect.workspace import Choices


@dataclass(frozen=True, slots=True)
class ListQuestion:
    """What is asked, as it was wanted when it was asked."""

    wanted: Wanted
    """A copy that nobody changes."""
    kept_query: str
    """The usual columns are those of its runs."""
    known: tuple[str, ...]
    """The columns that are shown."""
    top: int
    page: int
    with_choices: bool
    expected: Choices | None
    """What the usual columns are taken from where nobody waits for the choices."""
    at_hand: frozenset[int]
    """Runs whose rows need not be asked for again while the columns are the same."""


@dataclass(frozen=True, slots=True)
class ListAnswer:
    """What came back."""

    query: str
    order: RunOrder
    choices: Choices | None
    usual: Choices | None
    """What the listed runs have, from which the usual columns are taken."""
    rows: tuple[RunRow, ...]
    specs: tuple[str, ...]
    together: Together
    cost_s: float


def ask(question: ListQuestion, desk: Desk, groups: GroupRows, rows: KnownRows) -> ListAnswer:
    """Ask the workspace; a blocking call, for one thread.

    Raises:
        QueryError: The query could not be understood.
        UsageError: The order could not.
    """
    begun, wanted, workspace = time.monotonic(), question.wanted, desk.workspace
    if not (question.with_choices or wanted.group):
        return _at_once(question, desk, begun)
    order = workspace.order(wanted.query, wanted.sort, wanted.archived)
    choices = workspace.choices("") if question.with_choices else None
    usual = workspace.choices(question.kept_query) if choices is not None and question.kept_query else choices
    usual = usual or question.expected
    specs = _specs(question, usual)
    together = groups.ask_lines(wanted.query, wanted.sort, wanted.group, order.rids, archived=wanted.archived)
    # headers come between the runs: the window asks for its rows itself
    window = order.rids[question.top : question.top + question.page] or order.rids[: question.page]
    at_hand = _at_hand(question, specs)
    first = () if together.by else tuple(rid for rid in window if rid not in at_hand)
    found = rows.look_up(first, specs) if first else ()
    return ListAnswer(wanted.query, order, choices, usual, found, specs, together, time.monotonic() - begun)


def _at_once(question: ListQuestion, desk: Desk, begun: float) -> ListAnswer:
    """The columns are known before: the order and the first rows are one question."""
    wanted, specs = question.wanted, _specs(question, question.expected)
    order, rows = desk.workspace.order_with_rows(
        asked(specs),
        wanted.query,
        wanted.sort,
        wanted.archived,
        top=question.top,
        page=question.page,
        at_hand=_at_hand(question, specs),
        show_secrets=desk.options.show_secrets,
    )
    together = Together(listed=order.rids)
    return ListAnswer(wanted.query, order, None, question.expected, rows, specs, together, time.monotonic() - begun)


def _specs(question: ListQuestion, usual: Choices | None) -> tuple[str, ...]:
    return question.known if usual is None else specs_for(usual, question.wanted.columns, question.wanted.metric)


def _at_hand(question: ListQuestion, specs: tuple[str, ...]) -> frozenset[int]:
    """Runs whose rows need not be asked for."""
    return question.at_hand if specs == question.known else frozenset()
