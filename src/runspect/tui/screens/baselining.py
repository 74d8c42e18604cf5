"""One key makes the run under the cursor the one that the others are compared with."""

from __future__ import annotations

from runspect.tui.desk import Desk
from runspect.tui.screens.annotating import Annotating
from runspect.tui.screens.run_list import RunList

_BACK = "   u takes it back"


class Baselining:
    """`do_baseline` marks the run, or takes the mark away where it has it."""

    def __init__(self, desk: Desk, runs: RunList, annotating: Annotating) -> None:
        self.desk = desk
        self.runs = runs
        self.annotating = annotating

    def do_baseline(self) -> None:
        rid = self.runs.table.current
        if rid is None:
            self.desk.say("no run is listed that this could be for", "dim")
            return
        workspace, row = self.desk.workspace, self.runs.rows.row_of(rid)

        def write() -> str:
            from runspect.workspace.baselining import marking

            found = marking(workspace, rid)
            workspace.annotate([found.op(off=found.is_marked)])
            verb = "is no longer" if found.is_marked else "is"
            return f"{row.name if row is not None else found.name} {verb} the baseline of {found.place}{_BACK}"

        self.annotating.write(write, (rid,))
