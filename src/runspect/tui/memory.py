"""What a screen looked like, as a file: a dropped link loses nothing."""

from __future__ import annotations

import contextlib
import json
import os
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from runspect.dataclass import dataclass
from runspect.tui import kept_frame

VERSION = 1


@dataclass(frozen=True, slots=True)
class Remembered:
    """All that comes back when the screen is opened again."""

    view: str = "runs"
    query: str = ""
    sort: tuple[tuple[str, bool], ...] = ()
    columns: tuple[str, ...] = ()
    """Columns that the user chose; () for the usual ones."""
    usual_params: tuple[str, ...] = ()
    """What the usual columns show, for the first rows of the next time."""
    usual_metrics: tuple[str, ...] = ()
    usual_words: tuple[str, ...] = ()
    directions: tuple[tuple[str, str], ...] = ()
    """Of these metrics, as far as the policy says."""
    wide: tuple[str, ...] = ()
    """Columns of which nothing is cut."""
    bars: str = ""
    """"on" or "off" where the user said so."""
    metric: str = ""
    chart_metrics: tuple[str, ...] = ()
    x: str = "step"
    smoothing: float = 0.0
    log_y: bool = False
    span: tuple[float, ...] = ()
    """The part of the x axis that charts show, from and to; () for all of it."""
    archived: bool = False
    group: tuple[str, ...] = ()
    """What runs are grouped by."""
    open_groups: bool = False
    """Whether groups are open, but for those below."""
    turned_groups: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    """Ids (uid) of marked runs."""
    cursor: str = ""
    """Id of the run under the cursor."""
    note_run: str = ""
    """Id of the run that the unfinished note is about."""
    note_text: str = ""
    theme: str = ""
    saved_view: str = ""
    """Name of the saved view that is open."""
    history: tuple[str, ...] = ()
    """Lines of the command line, the oldest first."""
    owner: tuple[str | int | float, ...] = ()
    """Host, pid and opening time of the pane that has it open; () once it was left."""


def folder(environ: Mapping[str, str], home: Path) -> Path:
    """Where the state of screens lies."""
    return Path(kept_frame.folder({"HOME": str(home), **environ}))


def file_of(scope: Sequence[str], directory: Path) -> Path:
    """The file that belongs to a set of directories; each pane adds to its name."""
    named = "\n".join(sorted(scope)).encode()  # no better hash is needed, and the next one takes 3 ms to import
    return directory / f"screen-{zlib.crc32(named):08x}{zlib.crc32(named[::-1]):08x}.json"


def load(path: Path) -> Remembered | None:
    """What was remembered; None when there is nothing, or nothing that can be understood."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(found, dict) or found.get("version") != VERSION:
        return None
    kept = {
        field.name: _restored(getattr(Remembered(), field.name), found.get(field.name)) for field in fields(Remembered)
    }
    return Remembered(**{name: value for name, value in kept.items() if value is not None})


def save(path: Path, remembered: Remembered) -> None:
    """Write it, whole or not at all; a state that cannot be written is not worth a message."""
    text = json.dumps({"version": VERSION, **asdict(remembered)}, ensure_ascii=False)
    import tempfile  # 2 ms, which no start has to wait for

    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(name, path)  # noqa: PTH105 - both are names, not paths
        except OSError:
            os.unlink(name)  # noqa: PTH108


def _restored(default: Any, value: Any) -> Any:
    """`value` when it has the shape of the default, else None."""
    if isinstance(default, tuple):
        if not isinstance(value, list):
            return None
        return tuple(tuple(item) if isinstance(item, list) else item for item in value)
    if isinstance(default, float) and isinstance(value, int):
        return float(value)
    return value if isinstance(value, type(default)) else None
