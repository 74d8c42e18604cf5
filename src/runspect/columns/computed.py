"""Built-in columns whose value takes more than the run's row: each as `SELECT rid, v` over the index."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from runspect.columns.baseline import differs_rows
from runspect.columns.causes import cause_rows
from runspect.columns.datasets import dataset_rows
from runspect.columns.hypotheses import overdue_rows, verdict_rows, why_rows, words_rows
from runspect.columns.lens import Lens
from runspect.columns.lint import lint_rows
from runspect.columns.names import Names
from runspect.columns.origins import commit_rows, cost_rows
from runspect.columns.progress import left_rows
from runspect.columns.provenance import provenance_rows
from runspect.columns.repeats import repeat_rows
from runspect.columns.stages import gate_rows, stage_rows
from runspect.columns.tidy import tidy_rows
from runspect.columns.versus import PARTS, Part, versus_rows
from runspect.model import Json

Rows = tuple[str, tuple[Json, ...]]


def _versus(part: Part) -> Callable[[Names, Lens], Rows]:
    return lambda names, lens: versus_rows(part, lens.comparisons)


def _told_rows(told: Mapping[int, str]) -> Rows:
    return "SELECT unnest(?::BIGINT[]) AS rid, unnest(?::VARCHAR[]) AS v", (list(told), list(told.values()))


COMPUTED: dict[str, Callable[[Names, Lens], Rows]] = {
    "dataset": lambda names, lens: dataset_rows(lens.dataset_keys, lens.datasets),
    "commit": lambda names, lens: commit_rows(names),
    "left": lambda names, lens: (left_rows(), ()),
    "cause": cause_rows,
    "cost": lambda names, lens: cost_rows(names),
    "differs": differs_rows,
    "same": repeat_rows,
    "hypothesis": lambda names, lens: (words_rows(), ()),
    "verdict": lambda names, lens: (verdict_rows(), ()),
    "why": lambda names, lens: (why_rows(), ()),
    "overdue": lambda names, lens: (overdue_rows(), ()),
    "provenance": provenance_rows,
    "lint": lint_rows,
    "tidy": tidy_rows,
    "stage": lambda names, lens: stage_rows(lens),
    "gate": lambda names, lens: gate_rows(lens),
    "alert": lambda names, lens: _told_rows(lens.alerted()),
    **{part: _versus(part) for part in PARTS},
}

YIELDING = frozenset(
    (
        "left",
        "cause",
        "cost",
        "differs",
        "same",
        "provenance",
        "verdict",
        "why",
        "overdue",
        "stage",
        "gate",
        "alert",
        "lint",
        "tidy",
        "vs",
    )
)
"""Words that mean a metric or param where one is called exactly so."""


def yields(word: str, names: Names) -> bool:
    """Whether a built-in name means something of the runs themselves here."""
    return word in YIELDING and (word in names.metrics or word in names.params)
