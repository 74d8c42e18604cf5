"""`runspect lint --tidy`: runs that nobody put in order, listed, or named, tagged, starred and archived in bulk."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from runspect.cli import marking, output
from runspect.counted import counted
from runspect.errors import UsageError
from runspect.masking import printable
from runspect.model import Json
from runspect.workspace import Workspace


def add_changes(parser: argparse.ArgumentParser) -> None:
    """Add the options that change what was found."""
    group = parser.add_argument_group("with --tidy and --rule, all that was found at once")
    group.add_argument("--archive", action="store_true", help="put the runs out of sight, reversibly")
    group.add_argument("--tag", action="append", default=[], metavar="T", help="tag them (repeatable)")
    group.add_argument("--star", action="store_true", help="star them")
    group.add_argument("--name", metavar="PATTERN", help="name them: {name}-old, exp-{n:03}")
    group.add_argument("-f", "--force", action="store_true", help="give a tag that the policy does not allow, too")


def changes(args: argparse.Namespace) -> bool:
    """Whether anything is to be changed."""
    return bool(args.archive or args.tag or args.star or args.name is not None)


def run(workspace: Workspace, args: argparse.Namespace) -> int:
    """List what is untidy, exit code 1 when something is; or change all of it, exit code 1 when nothing is.

    Raises:
        UsageError: A change without a rule: nobody means all that has no tag by accident.
    """
    query = " ".join(args.query)
    if args.since is not None:
        query = f"({query}) started > {args.since}" if query.strip() else f"started > {args.since}"
    if changes(args) and not args.rules:
        raise UsageError("which of them? --rule unnamed, untagged, duplicate or stale, several if need be")
    found = workspace.tidy(query, args.rules)
    if changes(args):
        return _change(workspace, args, found["findings"])
    _tell(args, found)
    return 1 if found["findings"] else 0


def _tell(args: argparse.Namespace, found: Mapping[str, Any]) -> None:
    if args.json:
        listed = [{key: value for key, value in each.items() if key != "rid"} for each in found["findings"]]
        output.write_json({**found, "findings": listed})
        return
    for each in found["findings"]:
        output.write_line(printable(f"{each['name']}: {each['what']}; {each['closes']} [{each['rule']}]"))
    runs = len({each["uid"] for each in found["findings"]})
    counts = ", ".join(f"{kind} {many}" for kind, many in found["rules"].items() if many)
    output.narrate(f"{counted(runs)} to be put in order: {counts}" if runs else "tidy")


def _change(workspace: Workspace, args: argparse.Namespace, found: list[dict[str, Any]]) -> int:
    targets = [marking.Target(rid, uid, name) for rid, uid, name in dict.fromkeys(map(_target, found))]
    if not targets:
        output.narrate("tidy: there is nothing to change")
        if args.json:
            output.write_json([])
        return 1
    tags = _tags(workspace, args, targets)
    same: dict[str, Json] = {f"tag:{tag}": True for tag in tags}
    same |= {"archive": True} if args.archive else {}
    same |= {"star": True} if args.star else {}
    each: list[dict[str, Json]] = [{"name": name, **same} for name in _names(args, targets)] or [same] * len(targets)
    done = [*(["named"] if args.name is not None else []), *(["tagged"] if tags else []),
            *(["starred"] if args.star else []), *(["archived"] if args.archive else [])]  # fmt: skip
    marking.write(workspace, args, targets, each, f"{' and '.join(done)}; `runspect undo` takes it back:")
    return 0


def _names(args: argparse.Namespace, targets: list[marking.Target]) -> tuple[str, ...]:
    if args.name is None:
        return ()
    from runspect.practice.renaming import renamed

    one = len(targets) == 1 and "{" not in args.name
    return (args.name,) if one else renamed(args.name, [target.name for target in targets])


def _tags(workspace: Workspace, args: argparse.Namespace, targets: list[marking.Target]) -> list[str]:
    if not args.tag:
        return []
    from runspect.cli.tag import allow, checked_tag

    tags = [checked_tag(tag) for tag in args.tag]
    if not args.force:
        allow(workspace, [target.rid for target in targets], tags)
    return tags


def _target(each: Mapping[str, Any]) -> tuple[int, str, str]:
    return each["rid"], each["uid"], each["name"]
