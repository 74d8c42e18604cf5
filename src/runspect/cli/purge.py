"""Write the shell script that would delete runs, to stdout; nothing is deleted.

runspect purge -C ~/exp 'archived:yes state:failed' > purge.sh
less purge.sh; bash purge.sh --yes

Runs that live, whose directory holds other runs' files, or that lie in a watched directory itself are left out.
"""

from __future__ import annotations

import argparse
import sys
import time

from runspect.cli import output, scope
from runspect.counted import counted
from runspect.errors import NothingMatched, UsageError
from runspect.masking import printable


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("query", nargs="*", metavar="QUERY", help="the runs that would go; archived ones count")


def run(args: argparse.Namespace) -> int:
    """Write the script; exit code 1 when no run may go.

    Raises:
        UsageError: No query.
        NothingMatched: No run does.
    """
    from runspect.practice.purge_script import script
    from runspect.workspace.purging import plan

    query = " ".join(args.query).strip()
    if not query:
        raise UsageError("which runs? runspect purge QUERY, as in `runspect ls -a QUERY`")
    with scope.opened(args) as workspace:
        rids = workspace.order(query, archived=True).rids
        if not rids:
            raise NothingMatched(f"no run matches {query!r}")
        found = plan(workspace, rids)
    for refused in found.refused:
        output.narrate(printable(f"left out: {refused.name}: {refused.why}"))
    if not found.runs:
        return 1
    sys.stdout.flush()
    sys.stdout.buffer.write(script(found, time.time()))
    output.narrate(f"a script that would delete {counted(len(found.runs))}; nothing was deleted")
    return 0
