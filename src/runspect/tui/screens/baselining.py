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
        rid = self.runs.meant.current
        if rid is None:
            self.desk.say(self.runs.meant.nobody, "dim")
            return
        workspace, name = self.desk.workspace, self.runs.meant.name_of(rid)

        def write() -> str:
            from runspect.workspace.baselining import marking

            found = marking(workspace, rid)
            workspace.annotate([found.op(off=found.is_marked)])
            verb = "is no longer" if found.is_marked else "is"
            return f"{name if name is not None else found.name} {verb} the baseline of {found.place}{_BACK}"

        self.annotating.write(write, (rid,))
