"""Begin to work as a team: a policy from what the runs look like, and a folder that shares what is said of them.

runspect init                      in the current directory: runspect.toml, and .runspect/ with the shared annotations
runspect init DIR --no-shared      the policy alone
runspect init DIR --print          only show the policy that would be written
runspect init DIR --take-along     copy your own annotations of these runs into the shared folder, signed and dated as they are

Nothing that is there is overwritten: exit code 1.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import tempfile
from datetime import date
from pathlib import Path

from runspect.cli import output, scope
from runspect.counted import counted
from runspect.dataclass import dataclass
from runspect.errors import UsageError
from runspect.folder import HIDDEN, Folder, folder_in, make_folder
from runspect.pathtext import to_text
from runspect.policy import FILE, find_policy
from runspect.practice.starter import starter
from runspect.workspace import Workspace
from runspect.workspace.beginning import seen


@dataclass(slots=True)
class _Done:
    """What came of it, with the keys of `--json`."""

    directory: str
    policy: str
    """The policy file."""
    policy_written: bool = False
    shared: str | None = None
    """The shared folder."""
    shared_made: bool = False
    id: str | None = None
    runs: int = 0
    at_home: int = 0
    """Annotations of these runs that only their writer sees."""
    taken_along: int = 0


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("directory", nargs="?", metavar="DIR", help="the runs' directory (default: the current one)")
    parser.add_argument(
        "--shared", action=argparse.BooleanOptionalAction, help="make the folder that shares annotations, or not"
    )
    parser.add_argument("--take-along", action="store_true", help="copy your own annotations of these runs into it")
    parser.add_argument("--print", action="store_true", dest="only_print", help="show the policy; write nothing")
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Write what is not there; exit code 1 when nothing was to be done.

    Raises:
        NotFound: There is no such directory.
        UsageError: It is not to be taken unasked, or cannot be written.
    """
    directory = _directory(args.directory)
    workspace = Workspace.open((directory,), client="cli")
    with contextlib.closing(workspace):
        scope.synced(workspace)
        if args.only_print:
            output.write_line(starter(*seen(workspace), date.today()).rstrip("\n"))
            return 0
        done = _begun(workspace, directory, args)
    if args.json:
        output.write_json({slot: getattr(done, slot) for slot in _Done.__slots__})
    else:
        _tell(done)
    return 0 if done.policy_written or done.shared_made or done.taken_along or _only_asked_to_share(args) else 1


def _only_asked_to_share(args: argparse.Namespace) -> bool:
    """Whether nothing to do is an answer: what was asked for is there."""
    return bool(args.take_along or args.shared)


def _directory(told: str | None) -> Path:
    directory = scope.existing(told or ".")
    if told is None and directory in (Path.home().resolve(), Path(directory.anchor)):
        raise UsageError(f"{directory} is no directory of runs that I would take unasked: name it")
    return directory


def _begun(workspace: Workspace, directory: Path, args: argparse.Namespace) -> _Done:
    path = directory / FILE
    done = _Done(to_text(str(directory)), to_text(str(path)))
    folder = folder_in(done.directory)
    is_there = os.path.lexists(path)
    # who has a policy and did not ask for more is told that it stays
    wants_folder = args.shared if args.shared is not None else args.take_along or not is_there
    runs, data = seen(workspace)
    done.runs = len(runs)
    if folder is None and wants_folder:
        folder, done.shared_made = make_folder(done.directory), True
    if not is_there:
        done.policy_written = _write(path, starter(runs, data, date.today()))
    if folder is not None:
        _share(workspace, folder, done, args.take_along)
    return done


def _share(workspace: Workspace, folder: Folder, done: _Done, take_along: bool) -> None:
    done.shared, done.id = to_text(str(folder.journal.parent)), folder.ids[0]
    workspace.sync()
    if take_along:
        done.taken_along = workspace.take_along()
    done.at_home = workspace.shared()["directories"][0]["at_home"]


def _write(path: Path, text: str) -> bool:
    """Write a file that is not there, whole or not at all; whether it was not there.

    Raises:
        UsageError: It cannot be written.
    """
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            Path(temporary).chmod(0o666 & ~_umask())
            try:
                path.hardlink_to(temporary)
            except FileExistsError:
                return False
            except OSError:  # some file systems know no hard links
                if os.path.lexists(path):
                    return False
                Path(temporary).replace(path)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror or error}") from error
    return True


def _umask() -> int:
    found = os.umask(0o077)
    os.umask(found)
    return found


def _tell(done: _Done) -> None:
    directory = Path(done.directory)
    if done.policy_written:
        output.write_line(done.policy)
        output.narrate(f"{FILE} is written from {counted(done.runs)}: read it, its guesses are called so")
        above = find_policy(directory.parent)
        if above is not None:
            output.narrate(f"{above} no longer counts for what lies here")
    else:
        output.narrate(f"{done.policy} is there already and stays as it is")
    if done.shared is None:
        output.narrate("annotations stay your own; `runspect init --shared` makes a folder that shares them")
        return
    if done.shared_made:
        output.write_line(done.shared)
        output.narrate("annotations of the runs here are shared from now on with all who can read the directory")
    if done.taken_along:
        output.narrate(f"{counted(done.taken_along, 'annotation')} copied from your own journal")
    if done.at_home:
        told = counted(done.at_home, "annotation")
        output.narrate(
            f"{told} of these runs in your own journal only you see; `runspect init --take-along` copies them"
        )
    _tell_git(directory)


def _tell_git(directory: Path) -> None:
    if not any((above / ".git").exists() for above in (directory, *directory.parents)):
        return
    command = ["git", "check-ignore", "-q", f"{HIDDEN}/journal/x.jsonl"]
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        ignored = subprocess.run(command, cwd=directory, check=False, capture_output=True, timeout=10).returncode == 0
        if ignored:
            output.narrate(
                f"git ignores {HIDDEN} here; write `!{HIDDEN}/` and `!{HIDDEN}/**` into .gitignore to share it by git"
            )
        else:
            output.narrate(f"to share it by git, commit {FILE} and {HIDDEN}/")
