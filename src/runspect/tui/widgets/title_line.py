"""The first line: where we are, which view it is, how the directories are watched."""

from __future__ import annotations

from rich.cells import cell_len
from textual.strip import Strip

from runspect.dataclass import dataclass
from runspect.tui.commands import BY_ID, TITLES, Where, keys_of
from runspect.tui.fit import cut, shorten_path
from runspect.tui.widgets.painted import Painted, Span

ROOMY = 96
"""Cells from which there are two blanks between the views."""


@dataclass(frozen=True, slots=True)
class Status:
    """What the first line says."""

    place: str = ""
    """The directory, or how many there are."""
    home: str = ""
    view: Where = "runs"
    mode: str = ""
    """"inotify", "polling 2 s", or what the engine is busy with."""
    trouble: str = ""
    """Something that the user should know, such as a lost engine; it takes the place of the mode."""
    saved: str = ""
    """The saved view that is open: "@name", "@name*" when what is shown is another thing by now."""


class TitleLine(Painted):
    """One line; repainted only when what it says changes."""

    status = Status()

    def set_status(self, status: Status) -> None:
        """Say something else."""
        if status != self.status:
            self.status = status
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """What it says now."""
        return self.line(self.status)

    def line(self, status: Status) -> Strip:
        """Place at the left, views in the middle, mode at the right; what is short of room is cut in that order."""
        width = self.size.width
        right = status.trouble or status.mode
        tabs = self._tabs(width, status.view)
        tabs_width = sum(cell_len(text) for text, _ in tabs)
        left_over = width - tabs_width - 16
        right = cut(right, left_over, self.glyphs.cut) if width >= 60 and left_over >= min(8, cell_len(right)) else ""
        brand = "runspect  " if width >= 110 else ""
        saved = f" {cut(status.saved, max(8, width // 5), self.glyphs.cut)}" if status.saved else ""
        room = width - tabs_width - cell_len(right) - cell_len(brand) - cell_len(saved) - 6
        place = shorten_path(status.place, status.home, room, self.glyphs.cut) if room > 3 else ""
        left = 1 + cell_len(brand) + cell_len(place) + cell_len(saved)
        gap = max(2, (width - tabs_width) // 2 - left) if width >= 140 else 3
        spans: list[Span] = [
            (" ", "plain"),
            (brand, "accent"),
            (place, "strong"),
            (saved, "accent"),
            (" " * gap, "plain"),
            *tabs,
        ]
        used = left + gap + tabs_width
        spans.append((" " * max(1, width - used - cell_len(right) - 1), "plain"))
        spans.append((right, "warn" if status.trouble else "dim"))
        return self.paint(spans)

    def _tabs(self, width: int, view: Where) -> list[Span]:
        narrow = width < 72
        spans: list[Span] = []
        for each, title in TITLES.items():
            key = next((key for key in keys_of(BY_ID[each]) if key.isdigit()), "")
            here = each == view
            if not key and not here:  # opened by an answer only
                continue
            title = "Card" if each == "card" and width < 110 else title
            name = title if here or not narrow else ""
            spans += [
                (key, "accent" if here else "dim"),
                (f" {name}" if key and name else name, "title" if here else "dim"),
                ("  " if width >= ROOMY or narrow else " ", "plain"),
            ]
        return spans[:-1]
