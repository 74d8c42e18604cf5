"""The policy file `runspect.toml` in the runs' directory or one above: what a team compares its runs by.

objective = "val/loss:min"     # the metric by which runs are judged, and what is taken of it
ignore = ["seed", "output_dir", "wandb.*"]      # params that make no config another one

[directions]                   # of metrics whose name does not tell
"my/score" = "up"

[dataset]
keys = ["data.name", "dataset"]      # params and facts that say which data set it is, the first one found counts

[datasets.cifar10]             # a data set with several spellings, or an objective of its own: that of runs on it alone
match = ["cifar10", "cifar-10*", "/data/vision/c10*"]     # a path is matched as a whole, and by its last part
objective = "test/acc:max"

[datasets.cifar10.versions]    # digests and tags that are one version: results are compared within it
v1 = ["v3", "sha256:9f2c17*", "f4a0*"]

[provenance]                   # what each part of a run's origin counts in its score; those not named keep their weight
environment = 30
hardware = 0

[guards]                       # metrics that must not get worse where the objective gets better
"test/acc" = {direction = "up", tolerance = 0.002}      # by so much they may, in their own unit or in percent
latency_ms = {direction = "down", tolerance = "5 %"}

[stages]                       # on the way into production; those of the last one are the champions of their data sets
names = ["exploration", "candidate", "production"]

[gates.production]             # what a run must meet to come to a stage; all of it: `runspect.policy.gates`
datasets = ["cifar10"]
metrics = ["test/acc:max >= 0.9"]
change = "1%"                  # better than the champion by so much
guards = { "val/loss:min" = "2%" }      # worse than the champion by no more
seeds = 3
state = "finished"
[check]                        # what `runspect check` takes for a regression
against = "production"         # or "best", "baseline", a run, or a query of which the newest run counts
tolerance = "0.5 %"            # by so much the objective may be worse
metrics = {"val/acc" = 0.002}        # these may not get worse by more either; nor may the guards

[tags]
allowed = ["baseline", "ablation", "paper-*"]

[naming]                       # how `runspect record` calls a run that is given no name, and what `runspect lint` holds names against
pattern = "{model}-{date}-{number:03}"

[metrics]                      # what every run logs, and what every config tells: `policy.lint`
standard = ["val/loss"]

[params]
required = ["lr", "batch_size"]

[lint]                         # rules on or off, from when on they hold
hypothesis = true
since = 2026-01-01

[alerts]                       # queries by name: `runspect ls alert:diverged` lists what they match
diverged = "has:nan"

[record]
runs = "experiments"           # where records are made, relative to this file; ./runs where it is not said
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TypeVar

from runspect.checked_toml import Table, choice, parse_toml, read_toml, subtable, whole, word, words
from runspect.columns import parse_column
from runspect.columns.datasets import DATASET_KEYS, Spelling
from runspect.columns.guards import Guard
from runspect.columns.lens import STAGES
from runspect.columns.lint_rules import Lint
from runspect.columns.provenance import WEIGHTS
from runspect.dataclass import dataclass, field
from runspect.errors import UsageError
from runspect.objective import Direction
from runspect.policy.alerts import alert_lines, read_alerts
from runspect.policy.check import NO_CHECK, Check, check_table
from runspect.policy.gates import Gate, gates_of
from runspect.policy.guards import check_ways, guards
from runspect.policy.lint import LintTable, read_lint, read_names
from runspect.policy.naming import shape
from runspect.policy.specs import measure
from runspect.policy.stages import stage_names
from runspect.policy.versions import read_versions
from runspect.recorder.launch.naming import fault

FILE = "runspect.toml"

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Dataset:
    """A data set that the policy knows."""

    name: str
    match: tuple[str, ...]
    """Globs of the values that mean it, case aside; its own name is always one."""
    objective: str = ""
    """A column spec; "" where the policy's own counts."""
    versions: tuple[Spelling, ...] = ()

    @property
    def spelling(self) -> Spelling:
        """How it is recognised."""
        return Spelling(self.name, self.match, self.versions)


@dataclass(frozen=True, slots=True)
class Policy:
    """What the file says; the defaults where there is none."""

    path: str = ""
    """The file; "" when there is none."""
    objective: str = ""
    """A column spec such as `val/loss:min`; "" where it is to be guessed."""
    directions: Mapping[str, Direction] = field(default_factory=dict)
    """Of metrics: those the file names, and those of an objective that asks for a min or a max."""
    dataset_keys: tuple[str, ...] = DATASET_KEYS
    datasets: tuple[Dataset, ...] = ()
    ignore: tuple[str, ...] = ()
    """Globs of params that play no part in whether two configs are the same."""
    provenance: Mapping[str, int] = field(default_factory=lambda: WEIGHTS)
    """What each part of a run's origin counts."""
    guards: tuple[Guard, ...] = ()
    """Metrics that must not get worse where the objective gets better."""
    stages: tuple[str, ...] = STAGES
    gates: tuple[Gate, ...] = ()
    """What leads to the stages, in the order of the file."""
    check: Check = NO_CHECK
    """What is a regression in a pipeline."""
    allowed_tags: tuple[str, ...] = ()
    """Globs; () allows any."""
    naming: str = ""
    """The pattern of names (`runspect.recorder.launch.naming`); "" where there is none."""
    runs: str = ""
    """Where records are made, relative to the file; "" for ./runs of the working directory."""
    lint: Lint = field(default_factory=Lint)
    """What runs are held against."""
    alerts: Mapping[str, str] = field(default_factory=dict)
    """Queries by name: what they match wants to be looked at."""
    alert_lines: Mapping[str, int] = field(default_factory=dict)
    """The line of the file in which each stands, for who finds that it is no query."""

    @property
    def files(self) -> tuple[str, ...]:
        """Other files that it takes something from."""
        return tuple(gate.file for gate in self.gates if gate.file)

    def allows_tag(self, tag: str) -> bool:
        """Whether a tag may be given."""
        return not self.allowed_tags or any(fnmatchcase(tag, pattern) for pattern in self.allowed_tags)


class Policies:
    """The policies that count in directories; each is looked for and read once. Mutable."""

    def __init__(self) -> None:
        self._paths: dict[Path, Path | None] = {}
        self._read: dict[Path, Policy] = {}

    def of(self, directory: Path) -> Policy:
        """The policy for runs in `directory`; an empty one where no file counts.

        Raises:
            UsageError: The file is not understood; says the line.
        """
        if directory not in self._paths:
            self._paths[directory] = find_policy(directory)
        path = self._paths[directory]
        if path is None:
            return Policy()
        if path not in self._read:
            self._read[path] = load_policy(path)
        return self._read[path]


def find_policy(directory: Path) -> Path | None:
    """The policy file that counts for runs in `directory`: its own, else the nearest above."""
    for above in (directory, *directory.parents):
        path = above / FILE
        if path.is_file():
            return path
    return None


def load_policy(path: Path) -> Policy:
    """The policy in a file.

    Raises:
        UsageError: It cannot be read, or something in it is not understood; says the file, line and key.
    """
    table = read_toml(path)
    if table is None:
        return Policy()
    try:
        return _policy(table, str(path))
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from error


def parse_policy(text: str) -> Policy:
    """The policy in a file's text.

    Raises:
        UsageError: It is no TOML, or something in it is not understood; says the line.
    """
    return _policy(parse_toml(text), "")


_KEYS = (
    "objective",
    "ignore",
    "directions",
    "dataset",
    "datasets",
    "provenance",
    "guards",
    "stages",
    "gates",
    "check",
    "tags",
    "naming",
    "record",
    "metrics",
    "params",
    "lint",
    "alerts",
)


def _policy(table: Table, path: str) -> Policy:
    table.only(_KEYS)
    objective = table.read("objective", measure, "")
    stages: tuple[str, ...] = table.read("stages", _inner("names", stage_names), STAGES)
    datasets: tuple[Dataset, ...] = table.read("datasets", _datasets, ())
    implied = [_implied(spec) for spec in (objective, *(known.objective for known in datasets)) if spec]
    stated: dict[str, Direction] = table.read("directions", _directions, {})
    directions = {**{metric: way for found in implied for metric, way in found.items()}, **stated}
    guarding: tuple[Guard, ...] = table.read("guards", guards, ())
    check_ways(table, "guards", guarding, directions)
    checking: Check = table.read("check", check_table, NO_CHECK)
    if checking.metrics:
        check_ways(subtable(table, "check"), "metrics", checking.metrics, directions)
    return Policy(
        path=path,
        objective=objective,
        directions=directions,
        dataset_keys=table.read("dataset", _inner("keys", words), DATASET_KEYS),
        datasets=datasets,
        ignore=table.read("ignore", words, ()),
        provenance=table.read("provenance", _weights, WEIGHTS),
        guards=guarding,
        stages=stages,
        gates=table.read("gates", gates_of(stages, Path(path).parent), ()),
        check=checking,
        allowed_tags=table.read("tags", _inner("allowed", words), ()),
        naming=table.read("naming", _inner("pattern", _pattern), ""),
        runs=table.read("record", _inner("runs", word), ""),
        lint=_lint(table),
        alerts=table.read("alerts", read_alerts, {}),
        alert_lines=table.read("alerts", alert_lines, {}),
    )


def _lint(table: Table) -> Lint:
    told = table.read("lint", read_lint, LintTable())
    naming = table.read("naming", _inner("pattern", _pattern), "")
    return Lint(
        naming,
        shape(naming) if naming else "",
        table.read("metrics", read_names("standard"), ()),
        table.read("params", read_names("required"), ()),
        told.rules,
        told.since,
        told.stale_s,
    )


def _pattern(table: Table, key: str) -> str:
    pattern = word(table, key)
    if wrong := fault(pattern):
        table.fault(f"'{key}': {wrong}", key)
    return pattern


def _inner(only: str, reader: Callable[[Table, str], _T]) -> Callable[[Table, str], _T]:
    """A reader of a table with one key."""

    def read(table: Table, key: str) -> _T:
        inner = subtable(table, key)
        inner.only((only,))
        if only not in inner.values:
            inner.fault(f"'{key}' needs '{only}'")
        return reader(inner, only)

    return read


def _implied(spec: str) -> dict[str, Direction]:
    """The direction that an objective tells by asking for the smallest or the largest value."""
    column = parse_column(spec)
    if column.kind != "metric" or column.aggregate not in ("min", "max"):
        return {}
    return {column.name: "down" if column.aggregate == "min" else "up"}


def _directions(table: Table, key: str) -> dict[str, Direction]:
    found = subtable(table, key)
    read = choice("down", "up")
    return {metric: "down" if read(found, metric) == "down" else "up" for metric in found.values}


def _weights(table: Table, key: str) -> Mapping[str, int]:
    found = subtable(table, key)
    found.only(WEIGHTS)
    weights = {part: found.read(part, whole(1000), weight) for part, weight in WEIGHTS.items()}
    if not any(weights.values()):
        table.fault(f"'{key}': nothing would count", key)
    return weights


def _datasets(table: Table, key: str) -> tuple[Dataset, ...]:
    tables = subtable(table, key)
    return tuple(_dataset(subtable(tables, name), name) for name in tables.values)


def _dataset(table: Table, name: str) -> Dataset:
    table.only(("match", "objective", "versions"))
    return Dataset(
        name,
        table.read("match", words, ()),
        table.read("objective", measure, ""),
        table.read("versions", read_versions, ()),
    )
