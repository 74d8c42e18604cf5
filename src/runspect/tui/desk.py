"""What every part of the screen shares: the workspace, the errands, what the terminal can do."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from runspect.dataclass import dataclass, field
from runspect.model import Json, SortKey
from runspect.tui.environment import Terminal
from runspect.tui.errands import Errands
from runspect.tui.glyphs import ASCII, UNICODE, Glyphs
from runspect.workspace import Workspace

Say = Callable[[str, str], None]
"""Shows a message in the footer: text and look."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for on the command line and in the settings."""

    query: str = ""
    sort: tuple[SortKey, ...] = ()
    ascii_only: bool = False
    low_bandwidth: bool = False
    show_secrets: bool = False
    theme: str = "dark"
    colours: tuple[tuple[str, str], ...] = ()
    """(what, "#rrggbb") that the user's settings name."""
    line_diff: bool = True
    """Send only the cells that changed, and scroll lines that moved."""
    keymap: Mapping[str, str] = field(default_factory=dict)
    memory: Path | None = None
    """Where the state of screens is kept; None keeps none."""
    columns: tuple[str, ...] = ()
    """Columns that the user's settings name."""
    bars: bool = False
    """Whether numbers of metrics have bars beside them."""
    directories: tuple[str, ...] = ()
    """The directories that the command line named; () for all known ones."""
    frame: str = ""
    """The file in which the frame of these directories is kept; "" keeps none."""
    ignore: tuple[str, ...] = ()
    """Params that a diff leaves out, as globs."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Handed to every part of the screen; holds no state of its own."""

    workspace: Workspace
    options: Options
    terminal: Terminal
    errands: Errands
    say: Say
    expect: Callable[[str], None] = lambda group: None
    """Called where the errand of a group opens a prompt or a list: what is typed until then is for that."""

    def run(self, rid: int) -> dict[str, Json]:
        """The object of `runspect show --json`; a blocking call, for errands."""
        found: dict[str, Json] = json.loads(self.workspace.run_json(rid, self.options.show_secrets))
        return {**found, "rid": rid}

    @property
    def glyphs(self) -> Glyphs:
        """The characters that may be drawn."""
        return ASCII if self.options.ascii_only or not self.terminal.utf8 else UNICODE

    @property
    def is_slow(self) -> bool:
        """Whether bytes are dear."""
        return self.options.low_bandwidth or self.terminal.remote
