"""What the annotating commands share: which runs are meant, and how a change is reported."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence

from runspect.cli import output, scope
from runspect.errors import NotFound, UsageError
from runspect.model import Json, Op
from runspect.workspace import Workspace


def add_runs(parser: argparse.ArgumentParser) -> None:
    """Add the options of a command that changes one or many runs."""
    scope.add_scope(parser)
    parser.add_argument("-q", "--query", help="all runs that match, instead of naming them")
    parser.add_argument("--json", action="store_true")


def targets(workspace: Workspace, runs: Sequence[str], query: str | None) -> list[str]:
    """The uids of the runs that were named or that match.

    Raises:
        UsageError: Neither runs nor a query.
        NotFound: A run does not exist, or nothing matches.
    """
    if query is not None:
        if runs:
            raise UsageError("name runs or give --query, not both")
        found = json.loads(workspace.runs_json(query, fields=("uid",), archived=True))
        if not found:
            raise NotFound(f"no run matches {query!r}")
        return [run["uid"] for run in found]
    if not runs:
        raise UsageError("which run? name one, or give --query")
    return [workspace.resolve(run)[1] for run in runs]


def change(args: argparse.Namespace, runs: Sequence[str], keys: Callable[[], dict[str, Json]], told: str) -> int:
    """Write the same annotations on every target and report it.

    Args:
        keys: Annotation keys and their new values.
        told: What a person reads, such as "tagged".
    """
    with scope.opened(args) as workspace:
        uids = targets(workspace, runs, args.query)
        workspace.annotate([Op(f"run:{uid}", key, value) for uid in uids for key, value in keys().items()])
        if args.json:
            changed = [json.loads(workspace.run_json(uid)) for uid in uids]
            fields = ("uid", "name", "tags", "note", "star", "archived")
            output.write_json([{field: run[field] for field in fields} for run in changed])
        else:
            output.narrate(f"{told} {len(uids):,} run{'s' if len(uids) != 1 else ''}")
    return 0
