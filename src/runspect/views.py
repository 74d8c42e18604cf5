"""Saved views: a query with its columns, order, groups and charts, a small TOML file each.

query = "tag:ablation state:finished"
columns = ["state", "lr", "val/loss:min"]
sort = ["-val/acc:max", "name"]        # "-" in front: largest first
group = ["seeds"]
charts = ["val/loss"]
archived = false
default_for = ["/home/me/exp"]         # opens with these directories; in a shared folder "." is the directory it lies in

The file's name is the view's. One's own lie in `views/` beside `config.toml`; those of a team in `.runspect/views/` of
the runs' directory or one above, where they can be committed. One's own come first when both have the name.
"""

from __future__ import annotations

import contextlib
import difflib
import json
import os
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path

from runspect.checked_toml import Table, flag, parse_toml, read_toml, word, words
from runspect.dataclass import dataclass
from runspect.errors import NotFound, UsageError
from runspect.place import config_directory

SUFFIX = ".toml"
SHARED = Path(".runspect") / "views"

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True, slots=True)
class View:
    """What is looked at, and how."""

    query: str = ""
    columns: tuple[str, ...] = ()
    """Column specs; () for the usual ones."""
    sort: tuple[str, ...] = ()
    """Column specs, "-" in front for largest first."""
    group: tuple[str, ...] = ()
    charts: tuple[str, ...] = ()
    """Metrics; () for the usual ones."""
    archived: bool = False
    default_for: tuple[str, ...] = ()
    """Directories that open with this view."""


@dataclass(frozen=True, slots=True)
class SavedView:
    """A view and its file."""

    name: str
    path: Path
    view: View
    shared: bool
    """It lies beside the runs, not in the user's own folder."""

    def opens(self, directory: str) -> bool:
        """Whether it is the default of a directory."""
        base = self.path.parents[2] if self.shared else Path("/")
        return any(os.path.normpath(base / place) == os.path.normpath(directory) for place in self.view.default_for)


@dataclass(frozen=True, slots=True)
class Views:
    """All views at hand."""

    saved: tuple[SavedView, ...]
    """By name."""
    faults: tuple[str, ...]
    """Files that could not be understood, a line each."""

    def named(self, name: str) -> SavedView:
        """The view of that name.

        Raises:
            NotFound: There is none; says which there are.
        """
        found = next((saved for saved in self.saved if saved.name == name), None)
        if found is None:
            broken = next((fault for fault in self.faults if f"/{name}{SUFFIX}:" in fault), "")
            names = [saved.name for saved in self.saved]
            close = difflib.get_close_matches(name, names, n=2)
            meant = f"; did you mean {' or '.join(f'@{one}' for one in close)}?" if close else ""
            known = f"; there are {', '.join(f'@{one}' for one in names)}" if names else ""
            raise NotFound(broken or f"no view is called {name!r}{meant or known}")
        return found

    def default_of(self, directories: Sequence[str]) -> SavedView | None:
        """The view that opens with these directories: that of the only one."""
        if len(directories) != 1:
            return None
        return next((saved for saved in self.saved if saved.opens(directories[0])), None)


def own_folder(environ: Mapping[str, str]) -> Path:
    """Where the user's own views lie."""
    return config_directory(environ) / "views"


def shared_folder(directory: Path) -> Path | None:
    """Where the shared views of `directory` lie: in it or the nearest directory above that has any; None without."""
    return next((above / SHARED for above in (directory, *directory.parents) if (above / SHARED).is_dir()), None)


def folder_for(directories: Sequence[str], environ: Mapping[str, str], *, shared: bool) -> tuple[Path, Path]:
    """Where a view is saved, and the directory from which a shared one names the directories that open with it.

    Raises:
        UsageError: A shared view, and not just one directory.
    """
    if not shared:
        return own_folder(environ), Path("/")
    if len(directories) != 1:
        raise UsageError("a shared view lies beside the runs of one directory, and there is not just one")
    folder = shared_folder(Path(directories[0])) or Path(directories[0]) / SHARED
    return folder, folder.parents[1]


def find_views(directories: Iterable[str], environ: Mapping[str, str]) -> Views:
    """The views for some directories; files that are not understood are faults, never an error."""
    shared = [shared_folder(Path(directory)) for directory in directories]
    folders = [(own_folder(environ), False), *((folder, True) for folder in dict.fromkeys(shared) if folder)]
    saved: dict[str, SavedView] = {}
    faults = []
    for folder, is_shared in folders:
        with contextlib.suppress(OSError):
            for path in sorted(folder.glob(f"*{SUFFIX}")):
                try:
                    view = _loaded(path)
                except UsageError as error:
                    faults.append(str(error))
                    continue
                saved.setdefault(path.stem, SavedView(path.stem, path, view, is_shared))
    return Views(tuple(saved[name] for name in sorted(saved)), tuple(faults))


def parse_view(text: str) -> View:
    """The view in a file's text.

    Raises:
        UsageError: It is no TOML, or a key is unknown or of the wrong kind; says the line.
    """
    return _view(parse_toml(text))


def render_view(view: View) -> str:
    """The file of a view: only what is not as usual."""
    empty = View()
    rows = [(each.name, getattr(view, each.name)) for each in fields(View)]
    return "".join(f"{name} = {_toml(value)}\n" for name, value in rows if value != getattr(empty, name))


def save_view(name: str, view: View, folder: Path) -> Path:
    """Write a view, whole or not at all; one of that name is replaced. Returns its file.

    Raises:
        UsageError: The name cannot be a file's, or the file cannot be written.
    """
    path = folder / f"{checked_name(name)}{SUFFIX}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=folder, prefix=".view-")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(render_view(view) or "# every run, as usual\n")
            Path(temporary).chmod(0o644)
            Path(temporary).replace(path)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UsageError(f"{path}: the view cannot be written: {error.strerror}") from error
    return path


def delete_view(saved: SavedView) -> None:
    """Remove a view's file.

    Raises:
        UsageError: It cannot be removed.
    """
    try:
        saved.path.unlink()
    except OSError as error:
        raise UsageError(f"{saved.path}: cannot be removed: {error.strerror}") from error


def checked_name(name: str) -> str:
    """The name, if a view may be called so.

    Raises:
        UsageError: It may not.
    """
    plain = name.removeprefix("@")
    if not _NAME.fullmatch(plain):
        raise UsageError(f"{name!r}: a view's name is letters, digits and _ . - (64 at most)")
    return plain


def _loaded(path: Path) -> View:
    table = read_toml(path)
    try:
        return View() if table is None else _view(table)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from error


def _view(table: Table) -> View:
    table.only(each.name for each in fields(View))
    return View(
        query=table.read("query", word, ""),
        columns=table.read("columns", words, ()),
        sort=table.read("sort", words, ()),
        group=table.read("group", words, ()),
        charts=table.read("charts", words, ()),
        archived=table.read("archived", flag, False),
        default_for=table.read("default_for", words, ()),
    )


def _toml(value: str | bool | tuple[str, ...]) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    # JSON's escapes are TOML's, but TOML wants DEL escaped as well
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
