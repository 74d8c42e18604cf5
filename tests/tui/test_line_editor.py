"""The line in which filters, tags and commands are typed."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from runspect.tui import theme
from runspect.tui.widgets.line_editor import LineEditor

from .conftest import ScreenText


class EditorApp(App[None]):
    CSS_PATH = "../../src/runspect/tui/app.tcss"

    def __init__(self) -> None:
        super().__init__()
        for known in theme.THEMES:
            self.register_theme(known)
        self.theme = "runspect-dark"
        self.editor = LineEditor("/", hint="type here")
        self.events: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.editor

    def on_mount(self) -> None:
        self.editor.focus()

    def on_line_editor_changed(self, message: LineEditor.Changed) -> None:
        self.events.append(message.text)

    def on_line_editor_submitted(self, message: LineEditor.Submitted) -> None:
        self.events.append(f"submitted {message.text}")

    def on_line_editor_cancelled(self, message: LineEditor.Cancelled) -> None:
        self.events.append("cancelled")


@pytest.mark.parametrize(
    ("keys", "text", "position"),
    [
        (("a", "b", "c"), "abc", 3),
        (("a", "b", "left", "X"), "aXb", 2),
        ((*"one two", "ctrl+w"), "one ", 4),
        ((*"one two", "ctrl+u"), "", 0),
        ((*"one two", "ctrl+a", "ctrl+k"), "", 0),
        ((*"one", "home", "delete", "end", "backspace"), "n", 1),
        ((*"実験", "left", "-"), "実-験", 2),
        (("q", "j", "slash", "1"), "qj/1", 4),
    ],
)
async def test_editing(keys: tuple[str, ...], text: str, position: int) -> None:
    app = EditorApp()
    async with app.run_test(size=(40, 1)) as pilot:
        await pilot.press(*keys)
        assert (app.editor.text, app.editor.position) == (text, position)


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (("n",), "n"),
        (("backspace",), ""),
        (("end", "n"), "oldn"),
        (("ctrl+e", "n"), "oldn"),
        (("home", "n"), "nold"),
        (("ctrl+w", "n"), "n"),
    ],
)
async def test_a_selected_text_is_replaced_or_edited(keys: tuple[str, ...], text: str) -> None:
    app = EditorApp()
    async with app.run_test(size=(40, 1)) as pilot:
        app.editor.set_text("old", selected=True)
        await pilot.press(*keys)
        assert app.editor.text == text and not app.editor.selected


async def test_enter_escape_and_every_change_are_told() -> None:
    app = EditorApp()
    async with app.run_test(size=(40, 1)) as pilot:
        await pilot.press("a", "b", "enter", "c")
        assert app.events == ["a", "ab", "submitted ab"]  # what follows may be meant for something else
        app.editor.has_ended = False
        await pilot.press("escape")
        assert app.events == ["a", "ab", "submitted ab", "cancelled"]


async def test_a_long_text_stays_in_view_at_the_cursor(screen_text: ScreenText) -> None:
    app = EditorApp()
    async with app.run_test(size=(30, 1)) as pilot:
        assert "type here" in screen_text(app)
        await pilot.press(*"a long query that does not fit END")
        await pilot.pause()
        assert screen_text(app).rstrip().endswith("END") and "…" in screen_text(app)
        await pilot.press("home")
        await pilot.pause()
        assert screen_text(app).startswith(" / a long") and screen_text(app).rstrip().endswith("…")
