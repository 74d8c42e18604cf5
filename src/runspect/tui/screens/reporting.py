"""A report on the listed runs, or on the data set under the cursor of the board, in a file that the user names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from runspect.errors import UsageError
from runspect.masking import printable
from runspect.tui.desk import Desk
from runspect.tui.screens.prompting import Prompting, Question
from runspect.tui.screens.run_list import RunList
from runspect.tui.screens.writing import named_file
from runspect.tui.widgets.board_pane import BoardPane

FORMS = {".html": "html", ".htm": "html", ".md": "md"}


class Reporting:
    """`:report FILE`; what takes long happens off the event loop, and the footer says where the file is."""

    def __init__(
        self, desk: Desk, runs: RunList, prompting: Prompting, board: BoardPane, view: Callable[[], str]
    ) -> None:
        self.desk = desk
        self.runs = runs
        self.prompting = prompting
        self.board = board
        self.view = view

    def do_report(self) -> None:
        self.prompting.ask(
            Question(
                f"write a report on {self._about()} to",
                self.take_report,
                "FILE.html or FILE.md; ! in front replaces a file; mark one run to recommend it",
            )
        )

    def take_report(self, text: str) -> None:
        """Write the report to a file."""
        over, name = text.startswith("!"), text.removeprefix("!").strip()
        if not name:
            self.desk.say("no file was named: nothing was written", "dim")
            return
        form = FORMS.get(Path(name).suffix.lower())
        if form is None:
            self.desk.say(f"{name}: name a file that ends in {', '.join(FORMS)}", "bad")
            return
        query, run = self.runs.wanted.query, self._recommended()
        workspace, secrets = self.desk.workspace, self.desk.options.show_secrets

        def write() -> str:
            from runspect.rendering.files import replace_file, text_of
            from runspect.workspace.reporting import Asked, review_of

            path = named_file(name)
            if path.exists() and not over:
                raise UsageError(f"{path} is there already; ! behind the command replaces it")
            written = review_of(workspace, Asked(query, run=run, show_secrets=secrets))
            replace_file(path, text_of(written.report, form))
            return f"{path}: {printable(written.report.title)}"

        self.desk.say("writing the report …", "dim")
        self.desk.errands.queue("report", write, lambda said: self.desk.say(said, "plain"))

    def _recommended(self) -> str:
        """The run that is marked alone, else the best of what the board's cursor is on; "" for the best of all."""
        marked = [uid for uid in self.runs.marks.uids.values() if uid]
        if len(marked) == 1:
            return marked[0]
        current = self.board.current if self.view() == "board" else None
        return str(current["best"][0]["uid"]) if current is not None and current["best"] else ""

    def _about(self) -> str:
        current = self.board.current if self.view() == "board" else None
        return printable(str(current["title"])) if current is not None else "the listed runs"
