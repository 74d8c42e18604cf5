"""What the annotating commands share: which runs are meant, and how a change is reported."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence

from runspect.cli import output, scope
from runspect.counted import counted
from runspect.dataclass import dataclass
from runspect.errors import NothingMatched, UsageError
from runspect.model import Json, Op
from runspect.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Target:
    """A run that is to be changed."""

    rid: int
    uid: str
    name: str


def add_runs(parser: argparse.ArgumentParser) -> None:
    """Add the options of a command that changes one or many runs."""
    scope.add_scope(parser)
    parser.add_argument("-q", "--query", help="all runs that match, instead of naming them")
    parser.add_argument("--json", action="store_true")


def targets(workspace: Workspace, runs: Sequence[str], query: str | None) -> list[Target]:
    """The runs that were named or that match.

    Raises:
        UsageError: Neither runs nor a query.
        NotFound: A run does not exist.
        NothingMatched: No run does.
    """
    if query is not None:
        if runs:
            raise UsageError("name runs or give --query, not both")
        rids = workspace.order(query, archived=True).rids
        found = [Target(row.rid, row.uid, row.name) for row in workspace.window(rids, ())]
        if not found:
            raise NothingMatched(f"no run matches {query!r}")
        return found
    if not runs:
        raise UsageError("which run? name one, or give --query")
    return [Target(*workspace.resolve(scope.placed(run))) for run in runs]


def change(args: argparse.Namespace, runs: Sequence[str], keys: Callable[[], dict[str, Json]], told: str) -> int:
    """Write the same annotations on every target and report it.

    Args:
        keys: Annotation keys and their new values.
        told: What a person reads, such as "tagged".
    """
    with scope.opened(args) as workspace:
        found = targets(workspace, runs, args.query)
        write(workspace, args, found, [keys()] * len(found), told)
    return 0


def write(
    workspace: Workspace,
    args: argparse.Namespace,
    found: Sequence[Target],
    keys: Sequence[dict[str, Json]],
    told: str,
) -> None:
    """Write annotations on every target, each its own, as one change that one undo takes back; report it."""
    workspace.annotate(
        [
            Op(f"run:{target.uid}", key, value)
            for target, own in zip(found, keys, strict=True)
            for key, value in own.items()
        ]
    )
    if args.json:
        changed = [json.loads(workspace.run_json(target.rid)) for target in found]
        fields = ("uid", "name", "project", "tags", "note", "star", "archived")
        output.write_json([{field: run[field] for field in fields} for run in changed])
    else:
        output.narrate(f"{told} {counted(len(found))}")
