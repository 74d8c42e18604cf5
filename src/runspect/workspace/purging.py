"""What deleting runs would take away: looked up on the disk, never touched."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from runspect.model import Json
from runspect.pathtext import to_disk
from runspect.practice.purge_script import Doomed, File, Plan, Refused
from runspect.workspace.client import Workspace

LIVE = ("running", "quiet")
KEPT = frozenset((".git", ".hg", ".svn", ".runspect", "runspect.toml"))
"""Repositories, annotations and policies: a directory with one of them is more than a run."""


def plan(workspace: Workspace, rids: Sequence[int]) -> Plan:
    """What would go of these runs, and which of them may not go.

    Refused are runs that live, whose files are gone, whose directory holds files of other runs, is reached through a
    symlink, holds a repository or annotations, or is (or holds) a watched directory or the home directory.
    """
    roots = {os.path.realpath(to_disk(str(root["root"]))) for root in workspace.roots()}
    roots |= {to_disk(directory) for directory in workspace.scope} | {os.path.realpath(Path.home())}
    runs: list[Doomed] = []
    refused: list[Refused] = []
    for place in workspace.places(rids, shared=True):
        name, directory = str(place["name"]), to_disk(str(place["directory"]))
        why = _objection(place, directory, roots)
        found = None if why else _doomed(name, str(place["uid"]), directory)
        why = why or (_treasure(found) if found is not None else "")
        if why or found is None or not found.entries:
            refused.append(Refused(name, directory, why or "nothing is there that may be deleted"))
        elif any(found.directory == other.directory for other in runs):
            refused.append(Refused(name, directory, "another run lies in the same directory"))
        else:
            runs.append(found)
    return Plan(tuple(runs), tuple(refused))


def _objection(place: dict[str, Json], directory: str, roots: set[str]) -> str:
    """Why the directory of a run must stay; "" when it may go."""
    if place["state"] in LIVE:
        return f"it is {place['state']}"
    if not os.path.isdir(directory):  # noqa: PTH112 - a name of any bytes
        is_file = os.path.lexists(directory)
        return "it is a file, not a directory: see to it by hand" if is_file else "its files are gone already"
    if os.path.realpath(directory) != directory:
        return "its directory is reached through a symlink"
    inner = f"{directory.rstrip('/')}/"
    held = next((root for root in sorted(roots) if root == directory or root.startswith(inner)), None)
    if held is not None:
        return "its directory is a watched one" if held == directory else f"its directory holds {held}"
    if place["others"]:
        return f"its directory holds files of {', '.join(map(str, place['others'][:3]))}, too"
    return ""


def _treasure(run: Doomed) -> str:
    """What else than logs lies among the files of a run and must stay; "" for nothing."""
    start = len(run.directory.rstrip("/")) + 1
    parts = {part for file in run.files for part in file.path[start:].split("/")}
    held = sorted(parts & KEPT)
    return f"its directory holds {held[0]}" if held else ""


def _doomed(name: str, uid: str, directory: str) -> Doomed:
    entries, files = [], []
    device = os.lstat(directory).st_dev
    for entry, inside in _removable(directory, device):
        entries.append(entry)
        files += inside
    whole = entries == [directory]
    return Doomed(name, uid, directory, tuple(entries), tuple(sorted(files, key=lambda file: file.path)), whole)


def _removable(directory: str, device: int) -> Iterator[tuple[str, list[File]]]:
    """What may be removed as a whole, with the files in it: the directory, or of one with symlinks or mounts its parts."""
    files, is_clean, parts = _walked(directory, device)
    if is_clean:
        yield directory, files
    else:
        yield from parts


def _walked(directory: str, device: int) -> tuple[list[File], bool, list[tuple[str, list[File]]]]:
    """(files in it, whether there is nothing else, its removable parts)."""
    files: list[File] = []
    parts: list[tuple[str, list[File]]] = []
    is_clean = True
    try:
        entries = sorted(os.scandir(directory), key=lambda entry: entry.name)
    except OSError:
        return [], False, []
    for entry in entries:
        status = entry.stat(follow_symlinks=False)
        if stat.S_ISDIR(status.st_mode) and status.st_dev == device:
            inner, clean, inner_parts = _walked(entry.path, device)
            parts += [(entry.path, inner)] if clean else inner_parts
            files += inner
            is_clean &= clean
        elif stat.S_ISREG(status.st_mode):
            file = File(entry.path, status.st_size, status.st_blocks * 512, status.st_mtime)
            parts.append((entry.path, [file]))
            files.append(file)
        else:
            is_clean = False  # a symlink, a mount, a socket: not ours to remove
    return files, is_clean, parts
