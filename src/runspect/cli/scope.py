"""Which directories a command speaks of, and a workspace that is up to date with them."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from runspect.cli import output
from runspect.cli.progress import ProgressBar
from runspect.errors import NotFound, UsageError
from runspect.pathtext import to_disk
from runspect.workspace import Workspace

POLICY = "runspect.toml"
"""As `policy.FILE`, which takes a while to import."""


def add_scope(parser: argparse.ArgumentParser) -> None:
    """Add the options that every command on runs understands."""
    parser.add_argument(
        "-C", dest="directories", metavar="DIR", action="append", default=[], help="directory of runs (repeatable)"
    )
    parser.add_argument(
        "--no-sync", action="store_true", help="answer from the index as it is, without looking at the disk"
    )
    parser.add_argument("--show-secrets", action="store_true", help="do not mask passwords, tokens and keys")


@contextlib.contextmanager
def opened(args: argparse.Namespace) -> Iterator[Workspace]:
    """A workspace over the directories that `args` names, brought up to date unless --no-sync.

    Raises:
        NotFound: A directory does not exist.
        UsageError: No directory was named and the current one is the home directory or the root of the disk.
    """
    _name_places(args)
    workspace = Workspace.open(chosen(args.directories, deleted_too=True), client="cli")
    try:
        if not args.no_sync:
            synced(workspace)
        _tell_policy_faults(workspace.scope)
        yield workspace
        if workspace.aside:
            output.narrate(f"runspect: {workspace.aside}")
    finally:
        workspace.close()


def _tell_policy_faults(directories: Sequence[str]) -> None:
    """Say on stderr what is wrong with a policy file; the answer is given without it."""
    places = (
        above / POLICY for place in directories for above in (Path(to_disk(place)), *Path(to_disk(place)).parents)
    )
    if any(path.is_file() for path in places):
        # most runs have no policy, and reading TOML takes a while to import
        from runspect.policy import find_policy, load_policy

        for found in dict.fromkeys(find_policy(Path(to_disk(directory))) for directory in directories):
            try:
                if found is not None:
                    load_policy(found)
            except UsageError as error:
                output.narrate(f"runspect: {error}; the policy is not applied")


def synced(workspace: Workspace) -> int:
    """Bring the index up to date for the scope; a progress bar on stderr when it takes long. Returns the runs in scope."""
    with ProgressBar(sys.stderr, workspace.scope) as bar:
        return workspace.sync(bar.show)


def chosen(directories: Sequence[str], *, deleted_too: bool = False) -> tuple[Path, ...]:
    """The directories that were named, else the known root around the current directory, else the current one.

    With `deleted_too` a directory that was deleted counts while runs of it are known.
    """
    if directories:
        return tuple(_remembered(directory) if deleted_too else existing(directory) for directory in directories)
    here = _here()
    too_wide = (Path.home().resolve(), Path(here.anchor))
    around = [root for root in _known_roots() if (here == root or root in here.parents) and root not in too_wide]
    if around:
        return (max(around, key=lambda root: len(root.parts)),)
    if here in too_wide:
        raise UsageError(f"{here} is no directory of runs that I would index unasked: name one with -C DIR")
    return (here,)


def existing(directory: str) -> Path:
    """The real path of a directory that a user named.

    Raises:
        NotFound: It does not exist or is no directory.
    """
    if not directory:
        raise NotFound("the directory's name is empty")
    _here()
    path = Path(os.path.expanduser(directory))  # noqa: PTH111 - Path.expanduser raises where no home is known
    if not path.exists():
        raise NotFound(f"{directory}: no such directory")
    if not path.is_dir():
        raise NotFound(f"{directory}: not a directory")
    return path.resolve()


def _remembered(directory: str) -> Path:
    """Like `existing`, and a directory that was deleted while runs of it are known; then it says so."""
    try:
        return existing(directory)
    except NotFound:
        path = Path(os.path.expanduser(directory or "/dev/null")).resolve()  # noqa: PTH111 - see `existing`
        if path.exists() or not any(
            path == root or root in path.parents or path in root.parents for root in _known_roots()
        ):
            raise
        with contextlib.closing(Workspace.open((path,), client="cli")) as workspace:
            if not workspace.order("", (), True).total:
                raise
        output.narrate(f"{directory} was deleted: this is what is remembered of its runs")
        return path


def home(file: str) -> str:
    """A file's name with `~` replaced, where a home is known."""
    return os.path.expanduser(file)  # noqa: PTH111 - see `existing`


def _here() -> Path:
    try:
        return Path.cwd().resolve()
    except FileNotFoundError as error:
        raise NotFound("the current directory does not exist any more; cd to another one") from error


def _name_places(args: argparse.Namespace) -> None:
    """Make runs that are named as `.`, `./x` or `../x` absolute: the engine stands in another directory."""
    for key, value in vars(args).items():
        if key == "run" and isinstance(value, str):
            setattr(args, key, placed(value))
        elif key == "runs" and isinstance(value, list):
            setattr(args, key, [placed(each) for each in value])


def placed(run: str) -> str:
    """A run as the engine, which stands in another directory, understands it: `.`, `./x` and `../x` made absolute."""
    relative = run in (".", "..") or run.startswith(("./", "../"))
    return str(Path(run).resolve()) if relative else run


def _known_roots() -> tuple[Path, ...]:
    with contextlib.closing(Workspace.open((), client="cli")) as workspace:
        return tuple(Path(str(root["root"])) for root in workspace.roots())
