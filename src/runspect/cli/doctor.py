"""Check what runspect needs: terminal, disk, watching, libraries, readers and the engine."""

from __future__ import annotations

import argparse
import contextlib
import importlib.metadata
import locale
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Literal

from runspect import __version__
from runspect.cli import output, scope
from runspect.counted import counted
from runspect.dataclass import dataclass
from runspect.errors import RunspectError
from runspect.model import HIDDEN_BY_RULE, PASSED_OVER, Json
from runspect.pathtext import to_disk
from runspect.place import engine_place, journal_directories
from runspect.readers import READERS, plugin_faults, plugin_names
from runspect.workspace import Workspace

Verdict = Literal["ok", "note", "bad"]
LIBRARIES = ("textual", "duckdb", "pyarrow", "plotext", "watchdog", "numpy", "PyYAML", "orjson")
ENOUGH_WATCHES = 65_536
ENOUGH_BYTES = 500 << 20


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report."""

    what: str
    verdict: Verdict
    text: str


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--json", action="store_true")
    parser.add_argument("places", nargs="*", metavar="DIR", help="look at these directories of runs, too")
    parser.add_argument("-C", dest="directories", metavar="DIR", action="append", default=[], help="the same")


def run(args: argparse.Namespace) -> int:
    """Print the report; exit code 1 when something will not work."""
    places = (*args.places, *args.directories)
    checks = [*_program(), *_terminal(), *_disk(), *_watching(), *_readers(), *_engine()]
    checks += [check for place in places for check in _place(place)]
    if args.json:
        output.write_json([asdict(check) for check in checks])
    else:
        for check in checks:
            output.write_line(f"{check.verdict:<5} {check.what:<12} {check.text}")
    return 1 if any(check.verdict == "bad" for check in checks) else 0


def _annotations(shared: dict[str, Json]) -> Iterator[Check]:
    """Where what is said of runs goes: the user's own journal, and the shared folders of known roots."""
    yield Check("annotations", "ok", f"your own are in {journal_directories(os.environ)[0]}")
    if shared["note"]:
        yield Check("annotations", "bad", shared["note"])
    for each in shared["directories"]:
        if each["base"] is not None:
            yield from _folder(each)


def _folder(told: dict[str, Json]) -> Iterator[Check]:
    journal = Path(to_disk(told["journal"]))
    people = len({path.name for path in journal.glob("*.jsonl")})
    yield Check(
        "annotations", "ok", f"those of {told['directory']} are shared in {told['journal']}, {counted(people, 'file')}"
    )
    if not os.access(journal, os.W_OK) and journal.exists():
        yield Check("annotations", "note", f"{journal} cannot be written: yours go to your own journal")
    if told["faults"]:
        yield Check(
            "annotations", "note", f"{counted(told['faults'], 'line')} there do not count; `runspect health` lists them"
        )
    if told["at_home"]:
        yield Check(
            "annotations",
            "note",
            f"{counted(told['at_home'], 'annotation')} only you see; `runspect init --take-along` copies them",
        )


def _place(directory: str) -> Iterator[Check]:
    """Whether a directory of runs can be read, and where what is said of its runs goes."""
    try:
        path = scope.existing(directory)
        entries = sum(1 for _ in os.scandir(path))
    except RunspectError as error:
        yield Check("directory", "bad", str(error))
        return
    except OSError as error:
        yield Check("directory", "bad", f"{directory}: {error.strerror}")
        return
    yield Check("directory", "ok", f"{path} can be read, {counted(entries, 'entry', 'entries')}")
    with contextlib.closing(Workspace.open((path,))) as workspace:
        (told,) = workspace.shared()["directories"]
    if told["base"] is None:
        yield Check("annotations", "ok", f"those of {path} go to your own journal; `runspect init` shares them")
    else:
        yield from _folder(told)


def _program() -> Iterator[Check]:
    yield Check(
        "runspect",
        "ok",
        f"{__version__} on Python {platform.python_version()}, {platform.system()} {platform.release()}",
    )
    for name in LIBRARIES:
        try:
            yield Check("library", "ok", f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            yield Check("library", "bad", f"{name} is not installed")


def _terminal() -> Iterator[Check]:
    size = shutil.get_terminal_size((0, 0))
    term = os.environ.get("TERM", "")
    drawn = sys.stdout.isatty() and term not in ("", "dumb")
    yield Check(
        "terminal",
        "ok" if drawn else "note",
        f"TERM={term or 'unset'}, {size.columns}x{size.lines}" + ("" if drawn else ": no screen here, tables instead"),
    )
    encoding = locale.getpreferredencoding(False)
    utf8 = encoding.lower().replace("-", "") == "utf8"
    yield Check("locale", "ok" if utf8 else "note", encoding if utf8 else f"{encoding}: charts will be drawn in ASCII")
    colour = os.environ.get("COLORTERM") or ("none (NO_COLOR)" if "NO_COLOR" in os.environ else "256 or fewer")
    inside = [name for name in ("TMUX", "STY", "SSH_CONNECTION") if os.environ.get(name)]
    yield Check("colours", "ok", f"{colour}{', inside ' + ', '.join(inside) if inside else ''}")


def _disk() -> Iterator[Check]:
    place = engine_place()
    free = shutil.disk_usage(place.directory).free
    verdict: Verdict = "ok" if free >= ENOUGH_BYTES else "note"
    yield Check("index", verdict, f"{place.directory}, {free / 1e9:,.1f} GB free")
    if place.note:
        yield Check("index", "note", place.note)


def _watching() -> Iterator[Check]:
    limit = Path("/proc/sys/fs/inotify/max_user_watches")
    if not limit.exists():
        yield Check(
            "watching", "note", "no inotify on this system: files are polled or watched by the system's own means"
        )
        return
    count = int(limit.read_text())
    yield Check("watching", "ok" if count >= ENOUGH_WATCHES else "note", f"inotify, {count:,} watches for each user")


def _readers() -> Iterator[Check]:
    yield Check("readers", "ok", ", ".join((*(reader.name for reader in READERS), *plugin_names())))
    for fault in plugin_faults():
        yield Check("readers", "bad", fault)


def _engine() -> Iterator[Check]:
    workspace = Workspace.open(())
    try:
        status, seen, shared = workspace.status(), workspace.seen(), workspace.shared()
    except RunspectError as error:
        yield Check("engine", "bad", str(error))
        return
    finally:
        workspace.close()
    yield from _annotations(shared)
    yield Check("engine", "ok", f"pid {status['pid']}, version {status['version']}, {len(status['roots'])} known roots")
    for kind in (HIDDEN_BY_RULE, PASSED_OVER):
        if seen.get(kind):
            yield Check("left alone", "ok", f"{seen[kind]:,} {kind} in the roots that the engine has looked at")
    if status.get("note"):
        yield Check("engine", "note", str(status["note"]))
