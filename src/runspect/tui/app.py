"""The application: one screen, its themes, its life as a process on a terminal."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Sequence
from pathlib import Path

from rich.console import RenderableType
from textual import events
from textual.app import App
from textual.screen import Screen
from textual.widget import Widget

from runspect.keymap import in_effect
from runspect.settings import load_settings
from runspect.tui import kept_frame, memory, theme
from runspect.tui.commands import BY_ID
from runspect.tui.desk import Options
from runspect.tui.driver import driver
from runspect.tui.environment import Terminal, read_terminal
from runspect.tui.holding import Holding
from runspect.tui.screens.key_strokes import new_prefixes, textual_keymap
from runspect.tui.screens.main import MainScreen
from runspect.tui.screens.shown_columns import sort_keys
from runspect.tui.shown_cells import ShownCells
from runspect.tui.skeleton import Skeleton
from runspect.workspace import Workspace


class RunspectApp(App[None], inherit_bindings=False):
    """Thin on purpose: everything that can be done is a row in `commands.py` and is carried out by the screen."""

    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None
    TITLE = "runspect"

    def __init__(
        self,
        workspace: Workspace,
        options: Options = Options(),  # noqa: B008 - frozen
        terminal: Terminal = Terminal(),  # noqa: B008 - frozen
        skeleton: Skeleton | None = None,
    ) -> None:
        chosen = theme.choose(options.theme, terminal)
        self.shown = ShownCells(compares=options.line_diff)
        super().__init__(driver_class=driver(self.shown, skeleton), ansi_color=True if chosen.ansi else None)
        self.holding = Holding(self, holds=skeleton is not None and skeleton.shows_rows)
        self.workspace = workspace
        self.options = options
        self.terminal = terminal
        for known in theme.THEMES:
            self.register_theme(theme.coloured(known, options.colours))
        self.theme = chosen.name

    def get_default_screen(self) -> Screen[None]:
        """The only screen."""
        return MainScreen(self.workspace, self.options, self.terminal, self._rows_are_there)

    def _rows_are_there(self, cursor_is_back: bool) -> None:
        self.holding.release(cursor_is_back=cursor_is_back)

    def on_mount(self) -> None:
        """Take the user's keys, and a hang-up as the wish to leave in good order."""
        self.holding.start(self.set_timer)
        if self.options.keymap:
            self.set_keymap(textual_keymap(self.options.keymap))
            for key in new_prefixes(self.options.keymap):
                self.bind(key, f"screen.prefix('{key}')", show=False)
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):  # no signals outside the main thread
            for number in (signal.SIGHUP, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, self._hung_up)

    def on_resize(self) -> None:
        """What the terminal made of its cells nobody knows."""
        self.shown.forget()

    def on_key(self, event: events.Key) -> None:
        """Keys arrive here in the order of typing, before the bindings are looked at."""
        screen = self.screen
        if self.holding.take_key(event) or (isinstance(screen, MainScreen) and screen.take_key(event)):
            event.stop()
            event.prevent_default()

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """Leave; what the screen shows is kept for the first frame of the next start."""
        screen = self.screen
        if isinstance(screen, MainScreen):
            screen.framing.keep(screen)
        super().exit(result, return_code, message)

    def _hung_up(self) -> None:
        screen = self.screen
        if isinstance(screen, MainScreen):
            screen.keeping.link_dropped = True
            screen.keeping.save(screen)
        self.exit()

    def do_quit(self) -> None:
        """Leave."""
        self.exit()

    def do_redraw(self) -> None:
        """Send every cell again: another program wrote on the terminal, or it lost something."""
        self.shown.forget()
        self.screen.refresh(repaint=True, layout=True)
        for widget in self.screen.query(Widget):
            widget.refresh()

    def do_suspend(self) -> None:
        """Back to the shell until `fg`."""
        self.action_suspend_process()

    def do_theme(self) -> None:
        """The next theme."""
        names = [known.name for known in theme.THEMES]
        self.theme = names[(names.index(self.theme) + 1) % len(names)] if self.theme in names else names[0]


def run_screen(
    workspace: Workspace,
    *,
    query: str = "",
    sort: str = "",
    ascii_only: bool = False,
    low_bandwidth: bool = False,
    show_secrets: bool = False,
    directories: Sequence[str] | None = None,
    skeleton: Skeleton | None = None,
) -> int:
    """Show the screen until the user leaves it; returns the exit code.

    Args:
        directories: Those that the command line named, () for all known ones: their frame is kept for the next start.
        skeleton: The frame that stands on the terminal already.
        sort: Column specs with commas between, "-" in front for descending.

    Raises:
        UsageError: The user's settings cannot be understood.
    """
    terminal, settings = read_terminal(os.environ), load_settings(os.environ, BY_ID)
    options = Options(
        query=query,
        sort=sort_keys(sort),
        ascii_only=ascii_only or bool(settings.ascii),
        low_bandwidth=low_bandwidth or bool(settings.low_bandwidth),
        show_secrets=show_secrets,
        theme=settings.theme or "dark",
        colours=settings.colours,
        line_diff=settings.line_diff is not False,
        keymap=in_effect(settings.keys),
        memory=memory.folder(os.environ, Path.home()),
        columns=settings.columns,
        bars=bool(settings.bars),
        directories=tuple(directories or ()),
        frame="" if directories is None else kept_frame.file_of(directories, os.environ),
        ignore=settings.ignore,
    )
    app = RunspectApp(workspace, options, terminal, skeleton)
    app.run(mouse=not terminal.remote if settings.mouse is None else settings.mouse)
    return app.return_code or 0
