"""Promote and demote the run under the cursor: the gate is shown while the reason is asked for, and `u` takes it back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from runspect.dataclass import dataclass
from runspect.errors import UsageError
from runspect.tui.desk import Desk
from runspect.tui.screens.annotating import Annotating
from runspect.tui.screens.prompting import Prompting, Question
from runspect.tui.screens.run_list import RunList

DIGESTED = 2 << 30
"""A checkpoint that is larger is kept without a digest here: `runspect promote` takes the time."""
_BACK = "   u takes it back"
_OPTION = re.compile(r"--(report|model|name|to)(?:=|\s+)(\"[^\"]*\"|\S+)\s*|(--force|--no-model)\s*|(!)\s*")


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed behind the command."""

    why: str
    told: Mapping[str, str]
    """By option: report, model, name, to."""
    forced: bool
    without_model: bool


class Graduating:
    """`do_x` asks for the reason; `take_x` carries out what was typed."""

    def __init__(self, desk: Desk, runs: RunList, annotating: Annotating, prompting: Prompting) -> None:
        self.desk = desk
        self.runs = runs
        self.annotating = annotating
        self.prompting = prompting

    def do_promote(self) -> None:
        rid = self._current()
        if rid is None:
            return

        def ask(found: Mapping[str, Any]) -> None:
            if found["to"] is None:
                from runspect.workspace.promoting import nowhere_next

                self.desk.say(nowhere_next(found["name"], found["stage"], found["stages"]), "dim")
                return
            self.prompting.ask(
                Question(
                    f"why {found['stage']} to {found['to']}, {found['name']}",
                    lambda text: self.take_promote(text, rid),
                    hint_of(found["gate"]),
                    preview=lambda text: preview_of(found["gate"]),
                )
            )

        workspace = self.desk.workspace
        self.desk.errands.send("promote", lambda: workspace.gate(rid), ask)
        self.desk.expect("promote")

    def take_promote(self, text: str, rid: int | None = None) -> None:
        """`better on every fold`, with `--report FILE`, `--model FILE`, `--to STAGE` and `!` for "even so" before it."""
        target = self._current() if rid is None else rid
        typed = parsed(text)
        if target is None or not text.strip():
            return
        if not typed.why:
            self.desk.say("why? a promotion is kept with its reason", "bad")
            return
        workspace = self.desk.workspace

        def write() -> str:
            from runspect.workspace.promoting import Wanted, promote

            told = {key: Path(value).expanduser() for key, value in typed.told.items() if key in ("report", "model")}
            done = promote(
                workspace,
                Wanted(
                    target, typed.why, typed.told.get("to", ""), told.get("report"), told.get("model"),
                    typed.without_model, typed.told.get("name", ""), typed.forced, DIGESTED,
                ),
            )  # fmt: skip
            if done.refused:
                raise UsageError(f"refused: {preview_of(done.gate)}   :promote ! WHY does it all the same")
            model = f" as {done.model['name']} v{done.version}" if done.model is not None else ""
            changed = ", careful: another file than at the stage before" * done.changed
            return f"{done.name}: {done.before} to {done.stage}{model}{changed}{_BACK}"

        self.annotating.write(write, [target])

    def do_demote(self) -> None:
        rid = self._current()
        if rid is None:
            return

        def ask(found: Mapping[str, Any]) -> None:
            at = found["stages"].index(found["stage"]) if found["stage"] in found["stages"] else 1
            if at == 0:
                self.desk.say(f"{found['name']} is in the first stage, {found['stage']}", "dim")
                return
            self.prompting.ask(
                Question(
                    f"why {found['stage']} to {found['stages'][at - 1]}, {found['name']}",
                    lambda text: self.take_demote(text, rid),
                    "the reason, kept with it",
                )
            )

        workspace = self.desk.workspace
        self.desk.errands.send("promote", lambda: workspace.stages(rid), ask)
        self.desk.expect("promote")

    def take_demote(self, text: str, rid: int | None = None) -> None:
        """`it leaks the test set`, with `--to STAGE` before it."""
        target = self._current() if rid is None else rid
        typed = parsed(text)
        if target is None or not text.strip():
            return
        if not typed.why:
            self.desk.say("why? a demotion is kept with its reason", "bad")
            return
        workspace = self.desk.workspace

        def write() -> str:
            from runspect.workspace.promoting import Wanted, demote

            done = demote(workspace, Wanted(target, typed.why, typed.told.get("to", "")))
            return f"{done.name}: {done.before} to {done.stage}{_BACK}"

        self.annotating.write(write, [target])

    def _current(self) -> int | None:
        current = self.runs.meant.current
        if current is None:
            self.desk.say(self.runs.meant.nobody, "dim")
        return current


def parsed(text: str) -> Typed:
    """The options in front of a reason, and the reason."""
    told: dict[str, str] = {}
    flags = set[str]()
    rest = text.strip()
    while found := _OPTION.match(rest):
        if found[1]:
            told[found[1]] = found[2].strip('"')
        else:
            flags.add(found[3] or found[4])
        rest = rest[found.end() :]
    return Typed(rest.strip(), told, bool(flags & {"!", "--force"}), "--no-model" in flags)


def hint_of(gate: Mapping[str, Any] | None) -> str:
    """What may be typed."""
    if gate is None or gate["passes"]:
        return "the reason, kept with it"
    wants = "--report FILE and " if gate["word"] == "passes" else "! for even so, then "
    return f"{wants}the reason, kept with it"


def preview_of(gate: Mapping[str, Any] | None) -> str:
    """What the gate says, in a line: what is not met comes with what speaks against it."""
    if gate is None:
        return "no gate leads there"
    counts = f"gate {gate['passed']}/{gate['of']}"
    unmet = [each for each in gate["criteria"] if each["status"] != "pass"]
    if not unmet:
        return f"{counts}, passes"
    if len(unmet) == 1:
        return f"{counts}, not met: {unmet[0]['criterion']} ({unmet[0]['evidence']})"
    return f"{counts}, not met: " + "; ".join(each["criterion"] for each in unmet)
