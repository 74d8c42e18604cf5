"""The tables `[gates.NAME]` of the policy: what a run must meet to come to a stage.

[gates.production]
stage = "production"                 # the stage it leads to; the gate's own name where it is one
datasets = ["cifar10"]               # only for runs on these data sets, or of these `projects`; globs
metrics = ["test/acc:max >= 0.9"]    # thresholds
change = "1%"                        # better than the champion by so much, by the objective of the data set …
# change = { "test/acc:max" = 0.01 }          … or by these metrics; 0.01 is absolute, "1%" a share
guards = { "test/ece:last" = "2%" }  # these may be worse than the champion's by so much, no more
seeds = 3                            # finished runs of the same config, the seed aside
provenance = 70                      # the score of its origin, 0 to 100
parts = ["commit", "seed"]           # parts of its origin that must be recorded in full
took = "12h"                         # at most
cost = "48h"                         # device hours at most
state = "finished"
report = "required"                  # a file that is named when a run is promoted; its digest is kept
file = "gates/production.toml"       # more of these, in a file beside this one
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from runspect.checked_toml import Table, choice, read_toml, subtable, whole, word, words
from runspect.columns.names import near
from runspect.columns.provenance import WEIGHTS
from runspect.columns.quantities import duration
from runspect.dataclass import dataclass
from runspect.errors import UsageError
from runspect.model import STATES
from runspect.policy.specs import measured

Op = Literal["<", "<=", ">", ">="]
OPS: tuple[Op, ...] = ("<=", ">=", "<", ">")
MOST_SEEDS = 1000
_CONDITION = re.compile(r"(?P<spec>.+?)\s*(?P<op><=|>=|<|>)\s*(?P<bound>[^<>=]+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Amount:
    """So much, absolute or as a share of the reference."""

    value: float
    """Not negative; of a share 0.01 is one percent."""
    is_share: bool = False


@dataclass(frozen=True, slots=True)
class Threshold:
    """A metric reaches a value."""

    spec: str
    op: Op
    bound: float


@dataclass(frozen=True, slots=True)
class Change:
    """A metric is better than the champion's by so much at least."""

    spec: str
    """"" for the objective of the data set."""
    by: Amount


@dataclass(frozen=True, slots=True)
class Guard:
    """A metric is not worse than the champion's by more than so much."""

    spec: str
    by: Amount


@dataclass(frozen=True, slots=True)
class Seeds:
    """So many runs of the config, the seed aside, have finished; the run itself counts."""

    least: int


@dataclass(frozen=True, slots=True)
class Origin:
    """The provenance score."""

    least: int


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the origin is recorded in full."""

    part: str


@dataclass(frozen=True, slots=True)
class Spent:
    """The time that it took, or that times its devices."""

    what: Literal["took", "cost"]
    most: float
    """Seconds."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended."""

    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A report is handed in with the promotion."""


Criterion = Threshold | Change | Guard | Seeds | Origin | Part | Spent | Ended | Report


@dataclass(frozen=True, slots=True)
class Gate:
    """What leads to a stage."""

    name: str
    stage: str
    criteria: tuple[Criterion, ...]
    datasets: tuple[str, ...] = ()
    """Globs; () for every run."""
    projects: tuple[str, ...] = ()
    file: str = ""
    """The file that holds some of the criteria; "" where there is none."""


_ABOUT = ("stage", "datasets", "projects", "file")


def gates_of(stages: Sequence[str], base: Path) -> Callable[[Table, str], tuple[Gate, ...]]:
    """A reader of the gates; files are looked for below `base`.

    Raises:
        UsageError: A gate is not understood; says the line, and the file where that is another one.
    """

    def read(table: Table, key: str) -> tuple[Gate, ...]:
        tables = subtable(table, key)
        return tuple(_gate(subtable(tables, name), name, stages, base) for name in tables.values)

    return read


def _gate(table: Table, name: str, stages: Sequence[str], base: Path) -> Gate:
    table.only((*_ABOUT, *_CRITERIA))
    later = tuple(stages[1:])
    if "stage" in table.values:
        stage = choice(*later)(table, "stage")
    elif name in later:
        stage = name
    else:
        close = near(name, later)
        hint = f"; did you mean [gates.{close[0]}]?" if close else ""
        table.fault(f"'gates.{name}' needs 'stage', the one it leads to: {' or '.join(map(repr, later))}{hint}")
    file, criteria = "", tuple(_criteria(table))
    if "file" in table.values:
        path = base / word(table, "file")
        file, criteria = str(path), (*criteria, *_of_file(path, table))
    if not criteria:
        table.fault(f"'gates.{name}' asks for nothing; it may ask for {', '.join(_CRITERIA)}")
    return Gate(name, stage, criteria, table.read("datasets", words, ()), table.read("projects", words, ()), file)


def _of_file(path: Path, table: Table) -> Iterator[Criterion]:
    found = read_toml(path)
    if found is None:
        table.fault(f"'{'.'.join(table.keys)}.file': there is no {path}", "file")
    try:
        found.only(_CRITERIA)
        yield from _criteria(found)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from error


def _criteria(table: Table) -> Iterator[Criterion]:
    """What the table asks for, in the order of `_READERS`."""
    for key in _CRITERIA:
        if key in table.values:
            yield from _READERS[key](table, key)


def _seeds(table: Table, key: str) -> tuple[Criterion, ...]:
    least = whole(MOST_SEEDS)(table, key)
    return (Seeds(least),) if least else ()


def _origin(table: Table, key: str) -> tuple[Criterion, ...]:
    least = whole(100)(table, key)
    return (Origin(least),) if least else ()


def _took(table: Table, key: str) -> tuple[Criterion, ...]:
    return (Spent("took", _seconds(table, key)),)


def _cost(table: Table, key: str) -> tuple[Criterion, ...]:
    return (Spent("cost", _seconds(table, key)),)


def _report(table: Table, key: str) -> tuple[Criterion, ...]:
    return (Report(),) if choice("required", "optional")(table, key) == "required" else ()


def _thresholds(table: Table, key: str) -> tuple[Criterion, ...]:
    return tuple(_threshold(table, key, text) for text in words(table, key))


def _threshold(table: Table, key: str, text: str) -> Threshold:
    shown = _shown(table, key)
    found = _CONDITION.fullmatch(text.strip())
    if found is None:
        table.fault(f'{shown}: {text!r} is no threshold such as "val/acc:max >= 0.9"', key)
    op = next(op for op in OPS if op == found["op"])
    try:
        bound = float(found["bound"])
    except ValueError:
        bound = math.nan
    if not math.isfinite(bound):
        table.fault(f"{shown}: {found['bound'].strip()!r} in {text!r} is no number", key)
    return Threshold(_spec(table, key, found["spec"]), op, bound)


def _changes(table: Table, key: str) -> tuple[Criterion, ...]:
    if isinstance(table.values[key], dict):
        inner = subtable(table, key)
        return tuple(Change(_spec(inner, spec, spec), _amount(inner, spec)) for spec in inner.values)
    return (Change("", _amount(table, key)),)


def _guards(table: Table, key: str) -> tuple[Criterion, ...]:
    if isinstance(table.values[key], dict):
        inner = subtable(table, key)
        return tuple(Guard(_spec(inner, spec, spec), _amount(inner, spec)) for spec in inner.values)
    return tuple(Guard(_spec(table, key, spec), Amount(0.0)) for spec in words(table, key))


def _amount(table: Table, key: str) -> Amount:
    value = table.values[key]
    text = value.strip() if isinstance(value, str) else ""
    try:
        number = float(text.removesuffix("%")) if text else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if isinstance(value, bool) or not math.isfinite(number) or number < 0:
        table.fault(f'{_shown(table, key)} must be a number, or a share such as "1%", not {value!r}', key)
    return Amount(number / 100, True) if text.endswith("%") else Amount(number)


def _parts(table: Table, key: str) -> tuple[Criterion, ...]:
    found = words(table, key)
    for part in found:
        if part not in WEIGHTS:
            close = near(part, WEIGHTS)
            hint = f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(WEIGHTS)}"
            table.fault(f"{_shown(table, key)}: {part!r} is no part of a run's origin{hint}", key)
    return tuple(map(Part, found))


def _states(table: Table, key: str) -> tuple[Criterion, ...]:
    found = words(table, key)
    for state in found:
        if state not in STATES:
            close = near(state, STATES)
            hint = f"; did you mean {close[0]!r}?" if close else f"; there are {', '.join(STATES)}"
            table.fault(f"{_shown(table, key)}: {state!r} is no state of a run{hint}", key)
    return (Ended(found),) if found else ()


def _seconds(table: Table, key: str) -> float:
    found = duration(word(table, key))
    if found is None or found.seconds <= 0:
        table.fault(f'{_shown(table, key)} must be a length of time such as "12h", not {table.values[key]!r}', key)
    return found.seconds


def _spec(table: Table, key: str, spec: str) -> str:
    return measured(spec.strip(), lambda text: table.fault(f"{_shown(table, key)}{text}", key))


def _shown(table: Table, key: str) -> str:
    return repr(".".join((*table.keys, key)))


_READERS: Mapping[str, Callable[[Table, str], tuple[Criterion, ...]]] = {
    "metrics": _thresholds, "change": _changes, "guards": _guards, "seeds": _seeds, "provenance": _origin, "parts": _parts,
    "took": _took, "cost": _cost, "state": _states, "report": _report,
}  # fmt: skip
_CRITERIA = tuple(_READERS)
