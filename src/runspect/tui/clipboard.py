"""Copying text out of the terminal: through tmux where it runs, else by the terminal's own sequence (OSC 52)."""

from __future__ import annotations

import subprocess

from textual.app import App

from runspect.tui.environment import Terminal


def copy(app: App[None], terminal: Terminal, text: str) -> str:
    """Copy `text`; returns where it went, for the message."""
    if terminal.tmux and _to_tmux(text):
        return "to the tmux buffer"
    app.copy_to_clipboard(text)
    return "to the clipboard"


def _to_tmux(text: str) -> bool:
    try:
        # -w hands it on to the outer terminal's clipboard
        done = subprocess.run(
            ["tmux", "load-buffer", "-w", "-"], input=text.encode(), capture_output=True, timeout=2, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
