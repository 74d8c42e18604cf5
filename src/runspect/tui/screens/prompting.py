"""The line at the bottom that asks for text: commands, tags, notes, names, searches; and what it offers to complete."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from runspect.dataclass import dataclass
from runspect.masking import printable
from runspect.tui.widgets.footer_line import FooterLine
from runspect.tui.widgets.line_editor import LineEditor
from runspect.tui.widgets.popup import Popup

Complete = Callable[[str], Sequence[tuple[str, str]]]
"""What may stand in place of the word that is being typed: (text, what it is)."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the prompt asks for and what happens with the answer."""

    prompt: str
    take: Callable[[str], None]
    hint: str = ""
    complete: Complete | None = None
    left: Callable[[str], None] | None = None
    """Called with the unfinished text when the prompt is left."""
    changed: Callable[[str], None] | None = None
    whole_line: bool = False
    """Whether a completion replaces the whole line instead of its last word."""
    preview: Callable[[str], str] | None = None
    """What the text would do, said above the line while nothing is offered; "" says nothing."""
    history: Sequence[str] = ()
    """Earlier answers, the oldest first: up and down go through them."""


class Prompting:
    """Opens and closes the prompt line; the footer makes room for it."""

    def __init__(self, editor: LineEditor, footer: FooterLine, popup: Popup, focus_back: Callable[[], None]) -> None:
        self.editor = editor
        self.footer = footer
        self.popup = popup
        self.focus_back = focus_back
        self.question: Question | None = None
        self._recalled: int | None = None
        """Place of the shown answer in the history; None while it is the user's own text."""
        self._typed = ""

    @property
    def is_open(self) -> bool:
        """Whether text is being asked for."""
        return self.question is not None

    def ask(self, question: Question, text: str = "") -> None:
        """Open the prompt."""
        self.question, self._recalled = question, None
        self.editor.prompt, self.editor.hint = question.prompt, question.hint
        self.editor.set_text(text)
        self.footer.display = False
        self.editor.display = True
        self.editor.screen.set_focus(self.editor)  # at once: what is typed next belongs here
        self._offer()

    def changed(self, text: str) -> None:
        """The user typed."""
        self._recalled = None
        if self.question is not None and self.question.changed is not None:
            self.question.changed(text)
        self._offer()

    def move(self, by: int, *, take: bool) -> None:
        """Go through what is offered, or upwards through the history; `take` puts what is offered into the line."""
        recalls = self.popup.chosen is None and (by < 0 or self._recalled is not None)
        if take:
            self._complete()
        elif recalls and self.question is not None and self.question.history:
            self._recall(self.question.history, by)
        else:
            self.popup.move(by)

    def offer_again(self) -> None:
        """There is more to complete than before."""
        if self.is_open and self.popup.chosen is None:
            self._offer()

    def submit(self) -> None:
        """Enter: a chosen completion goes into the line, else the line is taken."""
        question = self.question
        if question is None:
            return
        if self.popup.chosen is not None:
            self._complete()
            if not question.whole_line:
                return
        text = self.editor.text.strip()
        self.close()
        question.take(text)

    def cancel(self) -> None:
        """Leave without taking anything."""
        question, text = self.question, self.editor.text
        self.close()
        if question is not None and question.left is not None:
            question.left(text)

    def close(self) -> None:
        """Give the line back to the footer."""
        self.question = None
        self.popup.hide()
        self.editor.display = False
        self.footer.display = True
        self.focus_back()

    def _recall(self, history: Sequence[str], by: int) -> None:
        """Show the answer before or behind the shown one; behind the last one comes what was typed."""
        if self._recalled is None:
            self._typed = self.editor.text
        at = max(0, (len(history) if self._recalled is None else self._recalled) + by)
        text = history[at] if at < len(history) else self._typed
        self.editor.set_text(text)
        self.changed(text)
        self._recalled = at if at < len(history) else None

    def _complete(self) -> None:
        question, choice = self.question, self.popup.choice
        if question is None or choice is None:
            return
        before = "" if question.whole_line else self.editor.text[: _word_start(self.editor.text)]
        self.editor.set_text(f"{before}{choice} ")
        self.changed(self.editor.text)

    def _offer(self) -> None:
        question = self.question
        text = self.editor.text
        items = question.complete(text) if question is not None and question.complete is not None else ()
        said = question.preview(text) if question is not None and question.preview is not None else ""
        if question is not None and items:
            start = 0 if question.whole_line else _word_start(text)
            self.popup.offer(items, max(0, self.editor.column_of(start) - 1), -2)
        elif said:
            self.popup.say(((f" {printable(said)} ", "dim"),), 0, -2)
        else:
            self.popup.hide()


def _word_start(text: str) -> int:
    return max(text.rfind(" "), text.rfind(",")) + 1
