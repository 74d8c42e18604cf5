"""What could not be read, where, and what that means for what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.cells import cell_len
from textual import events

from runspect.counted import counted
from runspect.tui.fit import cut, fit
from runspect.tui.widgets.line_pane import LinePane
from runspect.tui.widgets.painted import Line

_FINE: tuple[str, ...] = (
    "Nothing is wrong.",
    "Every file that was recognised could be read to its end.",
)


class HealthPane(LinePane):
    """One problem a line on wide screens, two on narrow ones."""

    view = "health"

    problems: Sequence[dict[str, Any]] | None = None

    def show_problems(self, problems: Sequence[dict[str, Any]]) -> None:
        """List these problems, each an object of `runspect health --json`."""
        self.problems = problems
        if not problems:
            self.show(
                ((), *[[("   " + text, "good" if n == 0 else "dim")] for n, text in enumerate(_FINE)]),
                (),
                keep_place=True,
            )
            return
        width = self.size.width
        path_width = max(24, min(60, max(cell_len(str(p["path"])) for p in problems), width * 2 // 5))
        if width >= 110:
            what_width = max(16, min(46, max(cell_len(str(p["what"])) for p in problems)))
            lines: list[Line] = [self._wide(problem, path_width, what_width) for problem in problems]
            columns = f"   {'file':<{path_width}}  {'at byte':>10}  {'what':<{what_width}}  effect"
        else:
            lines = [line for problem in problems for line in self._narrow(problem, width)]
            columns = "   file, and below it what is wrong and its effect"
        count = f" {counted(len(problems), 'problem')}"
        self.show(
            lines,
            (
                [(count, "title"), ("   the rest of each file is shown as far as it could be read", "dim")],
                [(columns, "dim")],
            ),
            keep_place=True,
        )

    def on_resize(self, event: events.Resize) -> None:
        """Lay out for the new width."""
        if self.problems is not None:
            self.show_problems(self.problems)

    def _wide(self, problem: dict[str, Any], path_width: int, what_width: int) -> Line:
        return [
            ("   ", "plain"),
            (fit(str(problem["path"]), path_width, self.glyphs.cut, where="middle"), "plain"),
            (f"  {_offset(problem):>10}  ", "dim"),
            (fit(str(problem["what"]), what_width, self.glyphs.cut), "warn"),
            (
                "  "
                + cut(str(problem["effect"]), max(8, self.size.width - path_width - what_width - 22), self.glyphs.cut),
                "dim",
            ),
        ]

    def _narrow(self, problem: dict[str, Any], width: int) -> tuple[Line, Line]:
        at = _offset(problem)
        where = f" at byte {at}" if at != "–" else ""
        room = max(8, width - 5 - cell_len(where))
        return (
            [("   ", "plain"), (cut(str(problem["path"]), room, self.glyphs.cut, "middle"), "plain"), (where, "dim")],
            [
                ("     ", "plain"),
                (cut(f"{problem['what']}: {problem['effect']}", max(8, width - 7), self.glyphs.cut), "warn"),
            ],
        )


def _offset(problem: dict[str, Any]) -> str:
    return "–" if problem.get("offset") is None else f"{problem['offset']:,}"
