"""Say which run the others of its project are compared with; without RUN, which ones are.

runspect baseline -C ~/exp resnet50-lr1e-3      then: runspect ls 'differs = 1' --cols name,Δval/loss,Δ%val/loss
runspect baseline -C ~/exp resnet50-lr1e-3 --off
"""

from __future__ import annotations

import argparse

from runspect.cli import output, scope
from runspect.columns.baseline import POINTERS
from runspect.errors import UsageError
from runspect.masking import printable
from runspect.model import Json
from runspect.workspace import Workspace
from runspect.workspace.baselining import marking


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("run", nargs="?", metavar="RUN")
    parser.add_argument(
        "--root", action="store_true", help="for all runs of its root whose project has no baseline of its own"
    )
    parser.add_argument("--off", action="store_true", help="take the mark away")
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Write the annotation, or list the baselines; exit code 1 when there is none to list.

    Raises:
        UsageError: --off or --root without a run.
    """
    with scope.opened(args) as workspace:
        if args.run is None:
            if args.off or args.root:
                raise UsageError("which run? name one")
            return _list(workspace, args.json)
        rid, _, name = workspace.resolve(args.run)
        found = marking(workspace, rid, root=args.root)
        workspace.annotate([found.op(off=args.off)])
        if args.json:
            output.write_json({"place": found.place, "run": None if args.off else found.uid})
        else:
            verb = "is no longer" if args.off else "is now"
            output.narrate(f"{printable(name)} {verb} the baseline of {printable(found.place)}")
    return 0


def _list(workspace: Workspace, as_json: bool) -> int:
    found = workspace.sql(
        f"SELECT p.place, r.uid, r.name FROM ({POINTERS}) p JOIN runs_now r USING (rid) ORDER BY p.place",  # noqa: S608 - constants
        show_secrets=True,
    ).rows
    if as_json:
        listed: Json = [{"place": _place(str(target)), "run": uid, "name": name} for target, uid, name in found]
        output.write_json(listed)
    else:
        for target, _, name in found:
            output.write_line(f"{printable(_place(str(target)))}: {printable(str(name))}")
        if not found:
            output.narrate("no baseline is set; `runspect baseline RUN` sets one")
    return 0 if found else 1


def _place(target: str) -> str:
    return target.partition(":")[2]
