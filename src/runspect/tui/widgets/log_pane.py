"""The console output of a run: its end, what is added to it, searches and errors."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from runspect.counted import counted
from runspect.model import LogPage
from runspect.tui.commands import Where, bindings_of
from runspect.tui.fit import cut
from runspect.tui.glyphs import UNICODE, Glyphs
from runspect.tui.widgets.line_pane import LinePane
from runspect.tui.widgets.painted import Line, Span

KEPT = 20_000
"""Lines that are kept; older ones leave at the top."""

_ERROR = re.compile(
    r"traceback|\berror\b|\berror:|exception\b|\bfatal\b|\bcuda out of memory\b|\bkilled\b|\bnan\b|\w+Error:",
    re.IGNORECASE,
)
_WARNING = re.compile(r"warning|\bwarn\b", re.IGNORECASE)


class LogPane(LinePane):
    """Follows the end while the window is at the end; scrolling up stops that, going to the end resumes it."""

    view: Where = "logs"
    BINDINGS = bindings_of(("logs",))

    def __init__(self, *, id: str | None = None, glyphs: Glyphs = UNICODE) -> None:
        super().__init__(id=id, glyphs=glyphs)
        self.title = ""
        self.page_of_log: LogPage | None = None
        self.texts: list[str] = []
        self.pattern = ""
        self.found: int | None = None

    def say(self, text: str) -> None:
        """Say why there is no log, where there is no run either."""
        self.title, self.page_of_log, self.texts = "", None, []
        super().say(text)

    def show_text(self, title: str, text: str) -> None:
        """Say why the run has no log."""
        self.title, self.page_of_log, self.texts = title, None, []
        self.show(((), [("   " + text, "dim")]), self._head())

    def show_log(self, title: str, page: LogPage) -> None:
        """Show the end of a log."""
        self.title, self.page_of_log = title, page
        self.texts, self.found = list(page.lines), None
        self._fill()
        self.do_line_bottom()

    def add(self, page: LogPage) -> None:
        """Put what was added to the log behind the rest; a log that was begun anew is shown anew."""
        known = self.page_of_log
        if not page.path:
            return
        if known is None or page.path != known.path or page.size < known.next_offset:
            self.show_log(self.title, page)
            return
        at_end = self.follows
        self.page_of_log = page
        if page.lines or page.pending != known.pending:
            self.texts = [*self.texts, *page.lines][-KEPT:]
            self._fill()
            if at_end:
                self.do_line_bottom()

    @property
    def follows(self) -> bool:
        """Whether the end is in the window."""
        return self.top >= self.last_top

    def search(self, pattern: str) -> bool:
        """Go to the next line that holds the text; whether there is one."""
        self.pattern = pattern.lower()
        self.found = None
        return self._seek(self._has_pattern, 1, self.top - 1)

    def do_search_next(self) -> None:
        self._seek(self._has_pattern, 1)

    def do_search_previous(self) -> None:
        self._seek(self._has_pattern, -1)

    def do_error_next(self) -> None:
        self._seek(is_error, 1)

    def do_error_previous(self) -> None:
        self._seek(is_error, -1)

    def move_to(self, top: int) -> None:
        """Scrolling changes what the heading says about following."""
        before = self.follows
        super().move_to(top)
        if self.follows != before:
            self.heading = self._head()
            self.refresh()

    def _has_pattern(self, text: str) -> bool:
        return bool(self.pattern) and self.pattern in text.lower()

    def _seek(self, wanted: Callable[[str], bool], by: int, start: int | None = None) -> bool:
        if start is None:
            start = self.found if self.found is not None else self.top - (1 if by > 0 else 0)
        count = len(self.texts)
        for distance in range(1, count + 1):
            at = (start + by * distance) % count
            if wanted(self.texts[at]):
                self.found = at
                self._fill()
                self.move_to(at - self.page // 3)
                return True
        return False

    def _fill(self) -> None:
        page = self.page_of_log
        shown = [*self.texts, page.pending] if page is not None and page.pending else self.texts
        self.show([self._line(at, text) for at, text in enumerate(shown)], self._head(), keep_place=True)

    def _line(self, at: int, text: str) -> Line:
        look = "error" if is_error(text) else "warn" if _WARNING.search(text) else "plain"
        look = "bad" if look == "error" else look
        lead: Span = (self.glyphs.cursor if at == self.found else " ", "accent")
        if not self._has_pattern(text):
            return [lead, (text, look)]
        spans: list[Span] = [lead]
        for piece in re.split(f"({re.escape(self.pattern)})", text, flags=re.IGNORECASE):
            spans.append((piece, "accent" if piece.lower() == self.pattern else look))
        return spans

    def _head(self) -> tuple[Line, ...]:
        page = self.page_of_log
        if page is None:
            return (
                [(" ", "plain"), (cut(self.title, max(8, self.size.width - 2), self.glyphs.cut, "middle"), "strong")],
            )
        facts = f"{page.path}   {_size(page.size)}"
        if len(page.files) > 1:
            facts += f"   {counted(len(page.files), 'file')}, f for the next"
        follow = "following" if self.follows else "at the end G follows"
        return (
            [
                (" ", "plain"),
                (cut(self.title, 48, self.glyphs.cut, "middle"), "strong"),
                ("   " + facts, "dim"),
                ("   " + follow, "live" if self.follows else "dim"),
            ],
        )


def is_error(text: str) -> bool:
    """Whether a line looks like an error."""
    return bool(_ERROR.search(text))


def next_file(page: LogPage) -> str | None:
    """The console log after the one that is shown, if the run has several."""
    files: Sequence[str] = page.files
    if len(files) < 2:
        return None
    at = files.index(page.path) if page.path in files else -1
    return files[(at + 1) % len(files)]


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            return f"{count:.0f} {unit}" if unit == "B" or count >= 100 else f"{count:.1f} {unit}"
        count /= 1000
    return ""
