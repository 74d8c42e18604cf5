"""Every gap between what is recorded of a run, what is there of it, and a rebuild."""

from __future__ import annotations

import os.path
from collections.abc import Iterator, Mapping
from typing import Any

from runspect.counted import counted
from runspect.practice.repro.found import Found, FoundData, Gap, Level
from runspect.practice.repro.origin import Origin
from runspect.practice.repro.quoting import comment

_LEVELS: Mapping[str, Level] = {"commit": "stops", "command": "stops", "hardware": "note"}
"""Of what is not recorded; the other parts may make the result another one."""
MOST_NAMED = 5


def gaps(run: Mapping[str, Any], told: Origin, found: Found, *, install: bool) -> tuple[Gap, ...]:
    """The gaps of a run (the object of `show --json`), those that stop a rebuild first."""
    every = [
        *_unrecorded(run, told), *_code(told, found), *_changes(told, found), *_environment(told, found, install),
        *(gap for data in found.data for gap in _data(data)), *_command(told, found), *found.problems,
    ]  # fmt: skip
    order: tuple[Level, ...] = ("stops", "differs", "note")
    return tuple(sorted(dict.fromkeys(every), key=lambda gap: order.index(gap.level)))


def named(words: tuple[str, ...]) -> str:
    """The first of some names, and how many more there are."""
    more = f" and {len(words) - MOST_NAMED} more" if len(words) > MOST_NAMED else ""
    return ", ".join(map(comment, words[:MOST_NAMED])) + more


def _unrecorded(run: Mapping[str, Any], told: Origin) -> Iterator[Gap]:
    for part in run["provenance"]["parts"]:
        if part["gap"]:
            level = _LEVELS.get(part["part"], "differs")
            if part["part"] == "command" and told.argv:
                level = "differs"
            yield Gap(part["gap"], f"next time: {part['closes']}", level)


def _code(told: Origin, found: Found) -> Iterator[Gap]:
    if not told.commit:
        return
    here = comment(found.repository)
    if found.repository and found.on_remote is False:
        yield Gap(
            f"commit {told.commit[:12]} is on no remote, only in {here}",
            "push the commit, on a branch or as a tag",
            "note",
        )
    elif not found.repository and not told.remote:
        was = f" (it was in {comment(told.root)} on {comment(told.host) or 'another machine'})" if told.root else ""
        yield Gap(
            f"no repository here has commit {told.commit[:12]}{was}, and no remote is recorded",
            "give a clone that has it with --repo DIR",
            "stops",
        )
    elif not found.repository:
        yield Gap(
            f"no repository here has commit {told.commit[:12]}: it is fetched from {comment(told.remote)}, where it may be missing",
            "give a clone that has it with --repo DIR",
            "note",
        )
    if told.root_is_guessed:
        yield Gap(
            f"the repository's directory is not recorded; {comment(told.root)}, where it ran, is taken for it",
            "next time: start it with `runspect record`",
            "note",
        )


def _changes(told: Origin, found: Found) -> Iterator[Gap]:
    if told.patch and not found.patch:
        yield Gap(f"the patch {comment(told.patch[0])} is not there", "bring back the record as it was", "differs")
    if found.patch_differs:
        yield Gap(f"the patch {comment(found.patch)} is not the one that was recorded: its digest differs", "bring back the record as it was", "differs")  # fmt: skip
    if found.untracked_lost:
        yield Gap(
            f"{counted(len(found.untracked_lost), 'kept file')} cannot be brought back: {named(found.untracked_lost)}",
            "bring back the record as it was",
            "differs",
        )


def _environment(told: Origin, found: Found, install: bool) -> Iterator[Gap]:
    if not install:
        yield Gap(
            "no environment is installed: the present Python and its packages are used",
            "leave out --no-install",
            "differs",
        )
    elif told.packages and not found.packages:
        where = comment(told.packages[0])
        yield Gap(f"{where} is not there, or no list that can be installed", "install the packages by hand, then use --no-install", "differs")  # fmt: skip
    if install and found.local_packages:
        yield Gap(
            f"installed from a directory, so not to be had again: {named(found.local_packages)}",
            "next time: install them from a repository or an index",
            "differs",
        )
    if install and found.options_in_packages:
        yield Gap(f"{comment(found.packages)} holds options for pip, such as another index", "read it before you run this", "note")  # fmt: skip
    wanted, there = told.python.split()[0] if told.python else "", found.python
    if wanted and there and wanted.split(".")[:2] != there.split(".")[:2]:
        yield Gap(
            f"it ran with Python {comment(wanted)}; here it is {there}", f"install Python {comment(wanted)}", "differs"
        )


def _data(data: FoundData) -> Iterator[Gap]:
    path = comment(data.path)
    match data.state:
        case "missing":
            yield Gap(f"data is not there: {path}", "put it back in its place", "stops")
        case "differs":
            yield Gap(
                f"data is not what it was, its digest differs: {path}",
                "bring back the version that was used",
                "differs",
            )
        case "no digest":
            yield Gap(f"no digest was made of {path}", "next time: let the recorder finish", "differs")


def _command(told: Origin, found: Found) -> Iterator[Gap]:
    if told.masked:
        yield Gap(f"secrets are not recorded: {named(told.masked)}", "set them yourself where the script says so", "stops" if "the command line" in told.masked else "differs")  # fmt: skip
    if told.left_out:
        yield Gap(
            f"variables of the place are not set again: {named(told.left_out)}",
            "set them yourself if it matters",
            "note",
        )
    if found.missing_arguments:
        yield Gap(
            f"named on the command line, but neither in the commit nor in the record: {named(found.missing_arguments)}",
            "put them there by hand; next time: runspect record --data PATH",
            "differs",
        )
    if told.argv and told.cwd and told.root and not _inside(told.cwd, told.root):
        yield Gap(f"it ran in {comment(told.cwd)}, outside of the repository; here it begins in an empty directory", "run it from its repository", "differs")  # fmt: skip


def _inside(path: str, root: str) -> bool:
    return os.path.commonpath((path, root)) == root
