"""Files that the user asks for: the shown table, and the script that would delete runs."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

from runspect.columns import Column
from runspect.columns.written import WRITERS
from runspect.counted import counted
from runspect.errors import UsageError
from runspect.masking import printable
from runspect.model import RunRow
from runspect.pathtext import to_disk
from runspect.tui.desk import Desk
from runspect.tui.screens.prompting import Prompting, Question
from runspect.tui.screens.run_list import RunList
from runspect.workspace import Workspace

WINDOW = 500
"""Rows that are asked for at once."""


class Writing:
    """Never writes over a file unless told so, and into a directory of runs only where the user names it."""

    def __init__(self, desk: Desk, runs: RunList, prompting: Prompting) -> None:
        self.desk = desk
        self.runs = runs
        self.prompting = prompting

    def do_write(self) -> None:
        self.prompting.ask(
            Question(
                "write the table to", self.take_write, "FILE.csv, FILE.json or FILE.md; ! in front replaces a file"
            )
        )

    def take_write(self, text: str) -> None:
        """Write every listed run with the shown columns; the form is told by the end of the name."""
        over, name = text.startswith("!"), text.removeprefix("!").strip()
        if not name:
            return
        order = self.runs.order.rids if self.runs.order is not None else ()
        columns = self.runs.columns
        workspace, secrets = self.desk.workspace, self.desk.options.show_secrets

        def write() -> str:
            path = named_file(name)
            writer = WRITERS.get(path.suffix.lower())
            if writer is None:
                raise UsageError(f"{name}: the name must end in {', '.join(WRITERS)}")
            if not over:
                _check_place(path, workspace.scope)
            told = [column for column in columns if column.kind != "spark"]  # a picture, no data
            rows = _rows(workspace, order, told, secrets)
            put(path, writer(told, rows, time.time()).encode(errors="replace"), over=over)
            return f"{counted(len(rows))} written to {path}"

        self.desk.errands.queue("write", write, lambda said: self.desk.say(said, "plain"))

    # the plan to delete

    def do_purge(self) -> None:
        rids = self._meant()
        if not rids:
            self.desk.say(self.runs.meant.nobody, "dim")
            return
        self.prompting.ask(
            Question(
                f"write a script that would delete {counted(len(rids))} to",
                lambda text: self._purge(text, rids),
                "nothing is deleted by this; review the script, then run it with --yes",
            ),
            "" if _is_inside(Path.cwd(), self.desk.workspace.scope) else f"./{time.strftime('purge-%Y%m%d.sh')}",
        )

    def take_purge(self, text: str) -> None:
        """Write the script to a file."""
        rids = self._meant()
        if rids:
            self._purge(text, rids)

    def _meant(self) -> tuple[int, ...]:
        """What is marked is what the plan is for, even where a view hides the marks."""
        return self.runs.marks.targets() if self.runs.marks.uids else self.runs.meant.targets()

    def _purge(self, text: str, rids: Sequence[int]) -> None:
        over, name = text.startswith("!"), text.removeprefix("!").strip()
        if not name:
            self.desk.say("no file was named: nothing was written", "dim")
            return
        if not name.endswith(".sh"):
            self.desk.say(f"{name}: name a file that ends in .sh; :mark QUERY says which runs it is for", "bad")
            return
        workspace = self.desk.workspace

        def write() -> str:
            from runspect.practice.purge_script import script
            from runspect.workspace.purging import plan

            path, found = named_file(name), plan(workspace, rids)
            if found.refused and not found.runs:
                first, more = found.refused[0], len(found.refused) - 1
                others = f"; {more:,} more for such reasons" if more else ""
                raise UsageError(f"nothing was written: {printable(first.name)}: {first.why}{others}")
            put(path, script(found, time.time()), over=over)
            left = f", {counted(len(found.refused))} left out: {found.refused[0].why}" if found.refused else ""
            return f"{path}: a script that would delete {counted(len(found.runs))}{left}; nothing was deleted"

        self.desk.errands.queue("write", write, lambda said: self.desk.say(said, "plain"))


def named_file(name: str) -> Path:
    """The file that a user means."""
    return Path(os.path.expanduser(name)).absolute()  # noqa: PTH111 - Path.expanduser raises where no home is known


def put(path: Path, content: bytes, *, over: bool) -> None:
    """Write a file.

    Raises:
        UsageError: It is there already and may not be replaced, or it cannot be written.
    """
    try:
        with path.open("wb" if over else "xb") as file:
            file.write(content)
    except FileExistsError:
        raise UsageError(f"{path} is there already; ! behind the command replaces it") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error


def _rows(workspace: Workspace, order: Sequence[int], columns: Sequence[Column], secrets: bool) -> list[RunRow]:
    specs = [column.spec for column in columns]
    starts = range(0, len(order), WINDOW)
    return [row for at in starts for row in workspace.window(order[at : at + WINDOW], specs, secrets)]


def _check_place(path: Path, scope: Sequence[str]) -> None:
    """Refuse a place among the runs, where a table would be taken for the log of another one.

    Raises:
        UsageError: It lies there.
    """
    if _is_inside(path.parent, scope):
        raise UsageError(f"{path} lies among the runs and would be read as a log; :w! writes it there all the same")


def _is_inside(directory: Path, scope: Sequence[str]) -> bool:
    real = Path(os.path.realpath(directory))
    return any(real.is_relative_to(to_disk(root)) for root in scope)
