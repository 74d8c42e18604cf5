"""The policies that count for a request: those of the directories it is about, read again when a file changes."""

from __future__ import annotations

import os
import threading
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from runspect.columns import Lens, Names, parse_column, resolve
from runspect.columns.names import near
from runspect.dataclass import dataclass
from runspect.engine.run_rows import user_name
from runspect.errors import QueryError, UsageError
from runspect.pathtext import to_disk
from runspect.policy import Policy, find_policy, load_policy
from runspect.policy.check import Check
from runspect.policy.gates import Change, Threshold
from runspect.policy.gates import Guard as GateGuard
from runspect.practice.configs import makes_config
from runspect.query.parse import parse


@dataclass(frozen=True, slots=True)
class Sight:
    """What the policies of a scope come to."""

    lens: Lens
    judged_in: str
    """The file that states the objective."""
    ignore: tuple[str, ...]
    """Globs of params that make no config another one."""
    check: Check
    """What is a regression in a pipeline."""
    faults: tuple[tuple[str, str], ...]
    """(file, what is wrong with it)."""
    policies: tuple[Policy, ...]
    """Those that count, the first one first."""
    stamp: tuple[object, ...]
    """Another one when a file was changed."""


@dataclass(frozen=True, slots=True)
class _Read:
    stamp: tuple[object, ...]
    policy: Policy
    fault: str


class Policies:
    """Remembers what the files say; mutable, thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read: dict[Path, _Read] = {}

    def sight(self, directories: Sequence[str]) -> Sight:
        """What counts for runs in these absolute directories; never raises.

        Each directory has the nearest file at or above it. Of several policies the first one wins where they differ.
        """
        files = dict.fromkeys(path for path in map(_file, directories) if path is not None)
        read = [self._policy(path) for path in files]
        return _sight([each.policy for each in read], _faults(files, read), tuple(each.stamp for each in read))

    def _policy(self, path: Path) -> _Read:
        with self._lock:
            held = self._read.get(path)
        stamp = (*_stamp(path), *_stamps_of(() if held is None else held.policy.files))
        if held is None or held.stamp != stamp:
            try:
                own, policy = _stamp(path), _checked(load_policy(path))
                held = _Read((*own, *_stamps_of(policy.files)), policy, "")
            except UsageError as error:
                # a file of criteria may be what is wrong, so it is looked at again with the next request
                held = _Read((), Policy(), str(error))
            with self._lock:
                self._read[path] = held
        return held


def _checked(policy: Policy) -> Policy:
    """The policy, if its alerts are queries.

    Raises:
        UsageError: One is none; says the line.
    """
    for name, query in policy.alerts.items():
        try:
            parse(query)
        except QueryError as error:
            line = f"line {policy.alert_lines[name]}: " if name in policy.alert_lines else ""
            raise UsageError(f"{policy.path}: {line}'alerts.{name}': {error} in {query!r}") from error
    return policy


def _file(directory: str) -> Path | None:
    try:
        return find_policy(Path(to_disk(directory)))
    except OSError:
        return None


def _stamp(path: Path) -> tuple[object, ...]:
    try:
        found = os.stat(path)  # noqa: PTH116 - `Path.stat` takes twice as long, and this is done for every request
    except OSError:
        return (str(path),)
    return str(path), found.st_mtime_ns, found.st_size, found.st_ino


def _stamps_of(files: Sequence[str]) -> tuple[object, ...]:
    """Of the files that a policy takes something from."""
    return tuple(_stamp(Path(file)) for file in files)


def _faults(files: dict[Path, None], read: Sequence[_Read]) -> tuple[tuple[str, str], ...]:
    return tuple((str(path), each.fault) for path, each in zip(files, read, strict=True) if each.fault)


def _sight(policies: Sequence[Policy], faults: tuple[tuple[str, str], ...], stamp: tuple[object, ...]) -> Sight:
    ignore = tuple(dict.fromkeys(glob for policy in policies for glob in policy.ignore))
    directions = {metric: way for policy in reversed(policies) for metric, way in policy.directions.items()}
    first = policies[0] if policies else Policy()
    stating = next((policy for policy in policies if policy.objective), Policy())
    lens = Lens(
        directions=directions,
        dataset_keys=first.dataset_keys,
        datasets=tuple(known.spelling for policy in policies for known in policy.datasets),
        objective=stating.objective,
        objectives={
            known.name: known.objective for policy in reversed(policies) for known in policy.datasets if known.objective
        },
        provenance=first.provenance,
        guards=tuple({guard.spec: guard for policy in reversed(policies) for guard in policy.guards}.values()),
        stages=first.stages,
        lint=first.lint,
        alerts={name: query for policy in reversed(policies) for name, query in policy.alerts.items()},
        counts=lambda param: makes_config(param, ignore),
        tells_apart=lambda param: makes_config(param, ignore, seeds=True),
        me=user_name(os.getuid()),
    )
    return Sight(lens, stating.path if stating.objective else "", ignore, first.check, faults, tuple(policies), stamp)


def misnamed(sight: Sight, names: Names) -> list[tuple[str, str]]:
    """Guards, checks and criteria of gates on a metric that no run has though one is called nearly so: (file, what to say).

    Where nothing is called alike the metric may come yet, and nothing is said.
    """
    found = dict[tuple[str, str], None]()
    for policy in sight.policies if names.metrics else ():
        for where, spec in _named(policy):
            column = parse_column(spec)
            try:
                resolve(column, names)
            except UsageError:
                if alike := near(column.name, names.metrics):
                    what = f"{where}: no run has {column.name}; did you mean {' or '.join(alike)}?"
                    found[str(policy.path), what] = None
    return list(found)


def _named(policy: Policy) -> Iterator[tuple[str, str]]:
    yield from (("guards", guard.spec) for guard in policy.guards)
    yield from (("check.metrics", guard.spec) for guard in policy.check.metrics)
    for gate in policy.gates:
        for criterion in gate.criteria:
            if isinstance(criterion, Threshold | Change | GateGuard) and criterion.spec:
                yield f"gates.{gate.name}", criterion.spec


def unmet(sight: Sight, metrics: Collection[str]) -> str:
    """What is to be said where the policy judges runs by a metric that none of them has; "" where one has it."""
    name = parse_column(sight.lens.objective).name if sight.lens.objective else ""
    if not name or not metrics or name in metrics:
        return ""
    alike = near(name, metrics)
    meant = f"; did you mean {' or '.join(alike)}?" if alike else ""
    return f"no run has the objective {name}{meant}"
