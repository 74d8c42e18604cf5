"""The filter as it is typed: results after a short rest, errors under the token, completions of names and values."""

from __future__ import annotations

from collections.abc import Callable

from rich.cells import cell_len
from textual.timer import Timer

from runspect.errors import QueryError, RunspectError
from runspect.tui.desk import Desk
from runspect.tui.screens.run_list import RunList
from runspect.tui.widgets.line_editor import LineEditor
from runspect.tui.widgets.painted import Span
from runspect.tui.widgets.popup import Popup
from runspect.workspace import Completions

REST_S, SLOW_REST_S = 0.01, 0.08
"""Seconds without a key after which a query is tried, and the same where what it lists takes its time over the link."""


class Filtering:
    """Opens the filter line, tries what is typed, keeps or restores."""

    def __init__(
        self, desk: Desk, runs: RunList, editor: LineEditor, popup: Popup, focus_back: Callable[[], None]
    ) -> None:
        self.desk = desk
        self.runs = runs
        self.editor = editor
        self.popup = popup
        self.focus_back = focus_back
        self.before = ""
        self.error: QueryError | None = None
        self._completions: Completions | None = None
        self._timer: Timer | None = None

    @property
    def is_open(self) -> bool:
        """Whether the filter is being typed."""
        return self.editor.has_focus

    def open(self, text: str | None = None) -> None:
        """Begin to type; escape brings back what was there before."""
        self.before = self.runs.wanted.query
        if text is None:
            self.editor.set_text(self.before, selected=True)  # a kept query is replaced by what is typed, or edited
        else:
            self.editor.set_text(text)
        self.editor.screen.set_focus(self.editor)  # at once: what is typed next belongs here
        self._offer_later()

    def changed(self, text: str) -> None:
        """The user typed: try it after a rest."""
        self._offer_later()

    def submit(self) -> None:
        """Keep the query; one that is in error stays in the line until it is mended or left."""
        if self.popup.chosen is not None:
            self._complete()
            return
        self._stop()
        text = self.editor.text.strip()
        self._try(text, leave=True)

    def cancel(self) -> None:
        """Go back to the query before."""
        self._stop()
        self.error = None
        self.editor.set_text(self.before)
        self.desk.errands.drop("complete")
        if self.runs.wanted.query != self.before:
            self.runs.set_query(self.before)
        self.popup.hide()
        self.focus_back()

    def clear(self) -> None:
        """Show all runs again."""
        self.editor.set_text("")
        self.runs.set_query("", keep=True)

    def move(self, by: int, *, take: bool) -> None:
        """Go through the completions; `take` puts one into the line."""
        if take:
            self._complete()
        else:
            self.popup.move(by)

    def _offer_later(self) -> None:
        self._stop()
        self._timer = self.editor.set_timer(SLOW_REST_S if self.desk.is_slow else REST_S, self._rested)

    def _rested(self) -> None:
        self._timer = None
        text = self.editor.text
        if text.strip() != self.runs.wanted.query or self.error is not None:
            self._try(text.strip())
        if self.desk.is_slow:  # over a slow link completions come when they are asked for
            self._completed(None)
        else:
            self._ask_completions()

    def _ask_completions(self) -> None:
        text, position = self.editor.text, self.editor.position
        self.desk.errands.send(
            "complete",
            lambda: self.desk.workspace.complete(text, position),
            self._completed,
            lambda error: self._completed(None),
        )

    def _try(self, text: str, *, leave: bool = False) -> None:
        if leave:
            self.popup.hide()
            self.focus_back()
        if text == self.runs.wanted.query and self.error is None:
            if leave:
                self.runs.keep_query(self._refused)  # the answer may still tell an error
            return
        self.error = None
        self.editor.set_wrong(None)
        self.runs.set_query(text, self._refused, keep=leave)

    def _refused(self, error: RunspectError) -> None:
        if not isinstance(error, QueryError):
            self.desk.say(str(error), "bad")
            return
        self.error = error
        lead = len(self.editor.text) - len(self.editor.text.lstrip())
        self.editor.set_wrong((error.start + lead, error.end + lead))
        self._show()

    def _completed(self, answer: Completions | None) -> None:
        self._completions = answer
        self._show()

    def _show(self) -> None:
        if not self.is_open:
            if self.error is not None:
                self.desk.say(f"query: {self.error}", "bad")
            return
        answer = self._completions
        line = self.editor.region.y + 1
        # an error in the word that is being typed may just mean that it is not finished: completions say more
        elsewhere = self.error is not None and answer is not None and self.error.start < answer.start
        if answer is not None and answer.items and answer.start <= self.editor.position and not elsewhere:
            items = answer.items
            if len(items) == 1 and self.editor.text[answer.start : self.editor.position] == items[0][0]:
                items = ()
            if items:
                self.popup.offer(items, max(0, self.editor.column_of(answer.start) - 1), line)
                return
        if self.error is not None:
            self._say_error(self.error, line)
            return
        self.popup.hide()

    def _say_error(self, error: QueryError, line: int) -> None:
        """Say it with a mark under the token: at the left of the words, or at their right where they end at the edge."""
        near = f"   did you mean {', '.join(error.near[:3])}?" if error.near else ""
        text, width = self.editor.text, self.editor.screen.size.width
        lead = len(text) - len(text.lstrip())
        column, words = self.editor.column_of(error.start + lead), cell_len(f"{error}{near}")
        ascii_only = self.desk.glyphs.ascii
        said: tuple[Span, ...] = ((str(error), "bad"), (near, "dim"))
        if not self.editor.shows(error.start + lead):
            token = text[error.start + lead : error.end + lead]
            self.popup.say(((f" {token}: ", "bad"), *said, (" ", "plain")), 0, line)
        elif column + words + 3 <= width:
            arrow = "^ " if ascii_only else "╰ "
            self.popup.say(((" ", "plain"), (arrow, "bad"), *said, (" ", "plain")), column - 1, line)
        elif words + 2 <= column:
            arrow = " ^" if ascii_only else " ╯"
            self.popup.say(((" ", "plain"), *said, (arrow, "bad")), column - words - 2, line)
        else:
            self.popup.say(((" ", "plain"), *said), 0, line)

    def _complete(self) -> None:
        answer, choice = self._completions, self.popup.choice
        if answer is None or choice is None:
            self._ask_completions()
            return
        text, position = self.editor.text, self.editor.position
        completed = text[: answer.start] + choice
        self.editor.set_text(completed + text[position:], len(completed))
        self.popup.hide()
        self._completions = None
        self._offer_later()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
