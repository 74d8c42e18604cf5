"""A shell script that would delete runs: to be read by a person first, and careful when it is run.

It is written for bash and holds nothing that a terminal would obey: a name with such characters is quoted with escapes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from runspect.counted import counted
from runspect.dataclass import dataclass
from runspect.masking import printable

MOST_LISTED = 50
"""Files that are listed of a run; the others are counted."""

_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+=,@%:")
_HEAD = """\
#!/usr/bin/env bash
#
# PURGE PLAN, written by runspect at {when} UTC. Nothing has been deleted.
#
# Run as it is, this script deletes nothing and says so. Read it, then run it with --yes.
# It deletes {runs}: {files}, {size} on disk.
# A run is skipped when a file of it was written, added or removed since this plan was made.
# Symlinks, other runs' files and files outside of a run's directory are not touched.
{refused}
set -u
if [ "${{1-}}" != --yes ]; then
    printf '%s\\n' {ask} >&2
    exit 2
fi

deleted=0 skipped=0 failed=0
scratch=$(mktemp -d) || exit 1
trap 'rm -rf -- "$scratch"' EXIT

# unchanged NAME DIRECTORY TIME FILES: TIME is that of the newest file, as touch -t takes it, in UTC.
unchanged() {{
    if [ -L "$2" ] || [ ! -d "$2" ]; then
        printf 'skipped %s: its directory is not there\\n' "$1"
        return 1
    fi
    if [ "$(CDPATH='' cd -P -- "$2" && pwd -P)" != "$2" ]; then
        printf 'skipped %s: symlinks lead to its directory\\n' "$1"
        return 1
    fi
    TZ=UTC0 touch -t "$3" -- "$scratch/newest" || return 1
    if [ -n "$(find "$2" -xdev -type f -newer "$scratch/newest" -print | head -n 1)" ]; then
        printf 'skipped %s: it was written to since\\n' "$1"
        return 1
    fi
    if [ "$(find "$2" -xdev -type f -print0 | tr -cd '\\0' | wc -c | tr -d ' ')" != "$4" ]; then
        printf 'skipped %s: files came or went since\\n' "$1"
        return 1
    fi
}}
"""
_TAIL = """
printf '%s runs deleted, %s skipped, %s failed\\n' "$deleted" "$skipped" "$failed"
[ "$failed" -eq 0 ]
"""


@dataclass(frozen=True, slots=True)
class File:
    """A file that would go."""

    path: str
    """Absolute, as the system calls take it."""
    size: int
    on_disk: int
    """Bytes that it occupies."""
    modified: float


@dataclass(frozen=True, slots=True)
class Doomed:
    """A run that would go."""

    name: str
    uid: str
    directory: str
    entries: tuple[str, ...]
    """What `rm -r` is given: the directory, or where something in it must stay the parts around that."""
    files: tuple[File, ...]
    whole: bool
    """Nothing of the directory stays."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A run that must stay."""

    name: str
    directory: str
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What deleting some runs would do."""

    runs: tuple[Doomed, ...]
    refused: tuple[Refused, ...]


def script(plan: Plan, now: float) -> bytes:
    """The text of the script; `now` is seconds since 1970."""
    files = [file for run in plan.runs for file in run.files]
    total = f"{counted(len(plan.runs), 'run')}, {size_text(sum(file.on_disk for file in files))} on disk"
    ask = f"this would delete {total}; read it, then run it with --yes"
    head = _HEAD.format(
        when=time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(now)),
        runs=counted(len(plan.runs), "run"),
        files=counted(len(files), "file"),
        size=size_text(sum(file.on_disk for file in files)),
        refused=_refused(plan.refused),
        ask=quoted(ask),
    )
    return (head + "".join(map(_run, plan.runs)) + _TAIL).encode()


def quoted(text: str) -> str:
    """A word of bash for any file name, without control and invisible characters: what is read is what is run."""
    data = os.fsencode(text)
    if data and all(byte in _PLAIN for byte in data):
        return text
    if "'" not in text and printable(text) == text:
        return f"'{text}'"
    return "$'" + "".join(map(_escaped, data)) + "'"


def size_text(size: int) -> str:
    """Bytes in the unit that suits them."""
    amount = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def _escaped(byte: int) -> str:
    if byte in b"'\\":
        return "\\" + chr(byte)
    return chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:03o}"


def _run(run: Doomed) -> str:
    lines = ["", f"# {_said(run.name)}  ({_said(run.uid)})"]
    lines.append(f"#   {counted(len(run.files), 'file')}, {size_text(sum(file.on_disk for file in run.files))} on disk")
    lines += [f"#   {size_text(file.size):>9}  {_below(run.directory, file.path)}" for file in run.files[:MOST_LISTED]]
    if (more := run.files[MOST_LISTED:]) != ():
        lines.append(f"#   and {counted(len(more), 'file')} more, {size_text(sum(file.size for file in more))}")
    if not run.whole:
        lines.append("#   symlinks and mounts in it stay, and the directories that hold them")
    check = f"unchanged {quoted(run.name)} {quoted(run.directory)} {_newest(run.files)} {len(run.files)}"
    removal = " &&\n".join(f"       rm -r -- {quoted(entry)}" for entry in run.entries)
    lines += [
        f"if {check}; then",
        "    if",
        removal,
        "    then deleted=$((deleted + 1)); else failed=$((failed + 1)); fi",
        "else skipped=$((skipped + 1)); fi",
    ]
    return "\n".join(lines) + "\n"


def _newest(files: Sequence[File]) -> str:
    """The time of the newest file for `touch -t`, rounded up to a second."""
    newest = max((file.modified for file in files), default=0.0)
    return time.strftime("%Y%m%d%H%M.%S", time.gmtime(-int(-newest // 1)))


def _refused(refused: Sequence[Refused]) -> str:
    if not refused:
        return "#"
    lines = [f"#   {_said(run.name)}: {_said(run.why)}  {_said(run.directory)}" for run in refused]
    return "\n".join(["#", f"# {counted(len(refused), 'run')} left out:", *lines, "#"])


def _below(directory: str, path: str) -> str:
    return _said(path[len(directory.rstrip("/")) + 1 :])


def _said(text: str) -> str:
    """Text for a comment: no line break, nothing that a terminal obeys or an editor turns round."""
    return printable(os.fsencode(text).decode("utf-8", errors="replace"))
