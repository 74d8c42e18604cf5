"""Saved views on the screen: opening, saving, deleting them, and saying which one is open."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from runspect.errors import RunspectError, UsageError
from runspect.model import SortKey
from runspect.pathtext import to_disk
from runspect.tui.desk import Desk
from runspect.tui.screens.choosing import Choosing
from runspect.tui.screens.opening import Opening
from runspect.tui.screens.run_list import RunList
from runspect.tui.widgets.picker import Choice

if TYPE_CHECKING:  # reading TOML takes a while to import: it is done in an errand
    from runspect.views import SavedView, View, Views

Items = Sequence[tuple[str, str]]
_LOOK = "views"
"""The errand that reads the views' files."""


class Viewing:
    """Knows the open view; what is shown is compared with it whenever something changes."""

    def __init__(
        self, desk: Desk, runs: RunList, opening: Opening, choosing: Choosing, said: Callable[[str], None]
    ) -> None:
        """`said` is called with what to call what is shown: "@name", "@name*" once it is another thing, or ""."""
        self.desk = desk
        self.runs = runs
        self.opening = opening
        self.choosing = choosing
        self.name = ""
        """The open view; "" for none."""
        self._view: View | None = None
        self._known: Views | None = None
        self._said = said

    # opening

    def do_view(self) -> None:
        self.look(self._show)
        self.desk.expect(_LOOK)

    def take_view(self, text: str) -> None:
        """`NAME`, `save NAME [shared] [default]` or `delete NAME`; `!` in front saves over a view that is there."""
        bang, words = text.startswith("!"), text.removeprefix("!").split()
        match words:
            case ["save", name, *rest] if set(rest) <= {"shared", "default"}:
                self._save(name.removeprefix("@"), shared="shared" in rest, default="default" in rest, over=bang)
            case ["delete", name]:
                self._delete(name.removeprefix("@"))
            case [name] if name not in ("save", "delete"):
                self.look(lambda: self._open_named(name.removeprefix("@")))
            case _:
                self.desk.say(":view NAME, :view save NAME [shared] [default], or :view delete NAME", "bad")

    def open_default(self) -> None:
        """Open the view that these directories begin with, if there is one; before the first rows are asked for."""
        scope = self.desk.workspace.scope
        try:
            found = self._known = self.desk.workspace.views()
        except RunspectError as error:
            self.desk.say(str(error), "bad")
            return
        saved = found.default_of([to_disk(directory) for directory in scope])
        if saved is not None:
            self._open(saved, load=False)
            self.desk.say(f"opened with @{saved.name}, the default of this directory", "dim")
        elif found.faults:
            self.desk.say(found.faults[0], "bad")

    def restore(self, name: str) -> None:
        """A view was open when the screen was left."""
        if not name:
            return

        def known() -> None:
            saved = self._find(name)
            if saved is not None and not self.name:
                self.name, self._view = name, saved.view
                self.check()

        self.look(known)

    def check(self) -> None:
        """What is shown may be another thing than the open view."""
        if self._view is None:
            self._said("")
            return
        same = replace(self._view, default_for=()) == self._shape(self._view)
        self._said(f"@{self.name}" + ("" if same else "*"))

    # what there is

    def look(self, then: Callable[[], None]) -> None:
        """Read the views' files again, then go on."""

        def found(views: Views) -> None:
            self._known = views
            then()

        self.desk.errands.send(_LOOK, self.desk.workspace.views, found)

    def named(self) -> Items:
        """Every view as a word of a query."""
        saved = self._known.saved if self._known is not None else ()
        return [(f"@{each.name}", each.view.query or "every run") for each in saved]

    def completions(self, text: str) -> Items:
        """What may follow `:view`."""
        *before, word = text.split(" ")
        names = [(each[1:], what) for each, what in self.named()]
        offered: Items = ()
        match before:
            case []:
                offered = [*names, ("save", "keep what is shown under a name"), ("delete", "remove a view's file")]
            case ["save" | "delete"]:
                offered = names
            case ["save", _, *_]:
                offered = [("shared", "beside the runs"), ("default", "this directory opens with it")]
        bare = word.removeprefix("@")
        return [(name, what) for name, what in offered if name.startswith(bare) and name != bare]

    # carrying out

    def _show(self) -> None:
        known = self._known
        if known is None or not known.saved:
            fault = known.faults[0] if known is not None and known.faults else ""
            self.desk.say(fault or "no view is saved; :view save NAME keeps what is shown", "bad" if fault else "dim")
            return
        choices = [
            Choice(saved.name, f"@{saved.name}", f"{saved.view.query or 'every run'}  {_whose(saved)}")
            for saved in known.saved
        ]
        self.choosing.pick("Views", choices, lambda values: self._open_named(values[0]), at=self.name)
        if known.faults:
            self.desk.say(known.faults[0], "bad")

    def _find(self, name: str) -> SavedView | None:
        saved = self._known.saved if self._known is not None else ()
        return next((each for each in saved if each.name == name), None)

    def _open_named(self, name: str) -> None:
        if self._known is not None:
            try:
                self._open(self._known.named(name))
            except RunspectError as error:
                self.desk.say(str(error), "bad")

    def _open(self, saved: SavedView, *, load: bool = True) -> None:
        view, name = saved.view, saved.name
        before, charts = (self.name, self._view), self.opening.chart_metrics
        sort = tuple(SortKey(key.removeprefix("-"), key.startswith("-")) for key in view.sort)
        wanted = replace(
            self.runs.wanted,
            query=view.query,
            sort=sort,
            columns=view.columns,
            metric="",
            archived=view.archived,
            group=view.group,
        )
        self.name, self._view = name, view
        self.opening.chart_metrics = view.charts

        def refused(error: RunspectError) -> None:
            (self.name, self._view), self.opening.chart_metrics = before, charts
            self.check()
            self.desk.say(f"@{name}: {error}", "bad")

        self.runs.set_wanted(wanted, refused, load=load)
        self.check()

    def _shape(self, like: View) -> View:
        """What is shown, as a view of the kind of `like`."""
        wanted = self.runs.wanted
        return replace(
            like,
            query=wanted.query,
            columns=wanted.columns or (self.runs.specs if wanted.metric else ()),
            sort=tuple(f"-{key.column}" if key.descending else key.column for key in wanted.sort),
            group=wanted.group,
            charts=self.opening.chart_metrics,
            archived=wanted.archived,
            default_for=(),
        )

    def _save(self, name: str, *, shared: bool, default: bool, over: bool) -> None:
        from runspect.views import View, checked_name, folder_for, save_view
        from runspect.workspace.viewing import check_saved

        workspace, is_open, shape = self.desk.workspace, name == self.name, self._shape(View())
        directories = [to_disk(directory) for directory in workspace.scope]

        def write() -> tuple[Views, str]:
            checked_name(name)
            folder, base = folder_for(directories, os.environ, shared=shared)
            known = workspace.views()
            check_saved(name, shape.query, known)
            there = next((saved for saved in known.saved if saved.name == name), None)
            if there is not None and there.path.parent == folder and not (over or is_open):
                raise UsageError(f"there is a view @{name} already; :view! save {name} saves over it")
            opens = there.view.default_for if there is not None and there.path.parent == folder else ()
            if default:
                if len(directories) != 1:
                    raise UsageError("a default view belongs to one directory, and several are open")
                opens = tuple(
                    dict.fromkeys((*opens, os.path.relpath(directories[0], base) if shared else directories[0]))
                )
            path = save_view(name, replace(shape, default_for=opens), folder)
            return workspace.views(), f"saved as {path}"

        self.desk.errands.queue("save-view", write, lambda answer: self._saved(name, *answer))

    def _saved(self, name: str, views: Views, said: str) -> None:
        self._known = views
        saved = self._find(name)
        if saved is not None:
            self.name, self._view = name, saved.view
        self.check()
        self.desk.say(said, "plain")

    def _delete(self, name: str) -> None:
        workspace = self.desk.workspace

        def write() -> str:
            from runspect.views import delete_view

            saved = workspace.views().named(name)
            delete_view(saved)
            return f"deleted {saved.path}"

        def done(said: str) -> None:
            self._known = None
            if self.name == name:
                self.name, self._view = "", None
            self.check()
            self.desk.say(said, "plain")

        self.desk.errands.queue("save-view", write, done)


def _whose(saved: SavedView) -> str:
    return "shared" if saved.shared else "own"
