"""How a team looks at its runs: what its policy says that a column's value or a comparison depends on."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from runspect.columns.datasets import DATASET_KEYS, Spelling
from runspect.columns.guards import Guard
from runspect.columns.lint_rules import Lint
from runspect.columns.versus import Comparisons, NoComparisons
from runspect.dataclass import dataclass, field
from runspect.objective import Direction

STAGES = ("exploration", "candidate", "production")
"""The stages of a run where no policy names them, in their order."""


def _always(param: str) -> bool:
    return True


def _none() -> Mapping[int, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Lens:
    """What is not to be guessed from names, and the time by which ages count."""

    directions: Mapping[str, Direction] = field(default_factory=dict)
    """Of metrics whose name does not tell, or tells another one."""
    dataset_keys: tuple[str, ...] = DATASET_KEYS
    """Params and facts that name the data set, the first one found counts."""
    datasets: tuple[Spelling, ...] = ()
    objective: str = ""
    """The column spec by which runs are judged; "" where it is to be guessed."""
    objectives: Mapping[str, str] = field(default_factory=dict)
    """Of the data sets that have one of their own."""
    provenance: Mapping[str, int] = field(default_factory=dict)
    """What each part of a run's origin counts; empty for `columns.provenance.WEIGHTS`."""
    guards: tuple[Guard, ...] = ()
    """Metrics that must not get worse where the objective gets better."""
    counts: Callable[[str], bool] = _always
    """Whether two configs that differ in this param alone are two configs."""
    tells_apart: Callable[[str], bool] = _always
    """The same, where another seed is another config."""
    stages: tuple[str, ...] = STAGES
    """On a run's way into production; the last one is that of champions."""
    comparisons: Comparisons = field(default_factory=NoComparisons, compare=False)
    """How the runs of the scope do against the champion, the baseline and the best before them."""
    gates: Callable[[], Mapping[int, str]] = _none
    """What the gates before its next stage say of each run that has ended (rid → `candidate passes 5/6`), found when it is
    asked for: that takes champions, repetitions and a policy."""
    alerts: Mapping[str, str] = field(default_factory=dict)
    """Queries by name, which `alert:NAME` asks for."""
    alerted: Callable[[], Mapping[int, str]] = field(default=_none, compare=False)
    """The alerts that match each run (rid → `diverged, slow`), found when it is asked for: each is a query of its own."""
    lint: Lint = field(default_factory=Lint)
    """What runs are held against."""
    me: str = ""
    """The user that `owner:me` means."""
    now: float | None = None
    """Seconds since 1970; None for the present."""

    @property
    def has_gates(self) -> bool:
        """Whether a policy has gates at all."""
        return self.gates is not _none

    def objective_of(self, dataset: str | None) -> str:
        """The column spec by which runs on a data set are judged; "" where it is to be guessed."""
        return self.objectives.get(dataset or "", self.objective)


PLAIN = Lens()
"""Nothing but guesses."""
