"""What a run's record says of how it was made, whatever tool it is of. All of it is untrusted text."""

from __future__ import annotations

import os.path
import re
import shlex
from collections.abc import Mapping
from typing import Any

from runspect.dataclass import dataclass, field
from runspect.masking import MASK
from runspect.model import Json

Run = Mapping[str, Any]
"""The object of `runspect show --json`."""

_COMMIT = re.compile(r"[0-9a-f]{7,64}\Z", re.IGNORECASE)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
OF_THE_PLACE = re.compile(
    r"(?:VIRTUAL_ENV|CONDA_\w*|UV_\w*|SLURM\w*|PBS_\w*|LSB_\w*|PMI_\w*|OMPI_\w*|RUNSPECT_\w*|"
    r"(?:LOCAL_|NODE_|GROUP_)?RANK|(?:LOCAL_)?WORLD_SIZE|MASTER_(?:ADDR|PORT)|TORCHELASTIC_\w*|"
    r"WANDB_\w*|MLFLOW_\w*|COMET_\w*|NEPTUNE_\w*)\Z"
)
"""Variables that say where a run was, or that would have the rebuilt one write to the original's tracker."""


@dataclass(frozen=True, slots=True)
class Data:
    """A file or directory that was digested."""

    path: str
    sha256: str
    """"" where there is no digest."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What is recorded; "" and () for what is not."""

    uid: str
    name: str
    directory: str
    """Where its logs are, absolute."""
    tools: tuple[str, ...]
    host: str
    started: str
    commit: str
    """Hexadecimal, else "": nothing else is ever given to git."""
    branch: str
    remote: str
    root: str
    """The repository's directory, absolute; without one that in which it ran."""
    root_is_guessed: bool
    dirty: bool | None
    patch: tuple[str, ...]
    """Where the patch may lie, absolute."""
    patch_sha256: str
    untracked: tuple[str, ...]
    """Kept files that git did not know, relative to the root."""
    packages: tuple[str, ...]
    """Where the list of packages may lie, absolute."""
    python: str
    executable: str
    argv: tuple[str, ...]
    cwd: str
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables that are set again."""
    left_out: tuple[str, ...] = ()
    """Variables that are not: those of the place."""
    masked: tuple[str, ...] = ()
    """What of the above was a secret: "the command line", names of variables."""
    data: tuple[Data, ...] = ()
    seed: str = ""


def origin(run: Run) -> Origin:
    """Take it from the object of `show --json`."""
    facts: dict[str, Json] = {name: fact["value"] for name, fact in run["facts"].items()}
    argv = _argv(facts, tuple(run["tools"]))
    cwd, root = _path(facts.get("cwd")), _path(facts.get("git_root"))
    kept, left_out, masked = _environment(facts.get("environment"))
    commit = next((part["known"] for part in run["provenance"]["parts"] if part["part"] == "commit"), None) or ""
    commit = _text(facts.get("git_commit")) or commit.partition(" ")[0]
    return Origin(
        uid=run["uid"], name=run["name"], directory=os.path.normpath(f"{run['root']}/{run['path']}"),
        tools=tuple(run["tools"]), host=run["host"] or "", started=run["started"] or "",
        commit=commit if _COMMIT.match(commit) else "", branch=_text(facts.get("git_branch")),
        remote=_text(facts.get("git_remote")), root=root or cwd, root_is_guessed=not root and bool(cwd),
        dirty=facts["git_dirty"] if isinstance(facts.get("git_dirty"), bool) else None,
        patch=_places(run, "git_patch"), patch_sha256=_text(facts.get("git_patch_sha256")),
        untracked=_texts(facts.get("git_untracked")), packages=_places(run, "packages"),
        python=_text(facts.get("python")), executable=_text(facts.get("executable")), argv=argv, cwd=cwd,
        environment=kept, left_out=left_out,
        masked=(("the command line",) if any(MASK in word for word in argv) else ()) + masked,
        data=_data(facts.get("data")), seed=_text(facts.get("seed")),
    )  # fmt: skip


def _argv(facts: Mapping[str, Json], tools: tuple[str, ...]) -> tuple[str, ...]:
    """The command line; () where it is not known or no line of a shell."""
    try:
        argv = tuple(shlex.split(_text(facts.get("command"))))
    except ValueError:
        argv = ()
    program, args = _text(facts.get("program")), facts.get("args")
    if not argv and program and isinstance(args, list):
        argv = (program, *map(str, args))
    if any("\0" in word for word in argv):
        return ()
    # trackers record the script without the Python that ran it
    by_python = bool(argv) and argv[0].endswith(".py") and "runspect" not in tools
    return ("python", *argv) if by_python else argv


def _environment(found: Json) -> tuple[dict[str, str], tuple[str, ...], tuple[str, ...]]:
    """Variables that are set again, names of those of the place, names of those that are secret."""
    told = {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}
    told = {name: value for name, value in told.items() if _VARIABLE.match(name) and "\0" not in value}
    placed = tuple(sorted(name for name in told if OF_THE_PLACE.match(name)))
    masked = tuple(sorted(name for name, value in told.items() if MASK in value and name not in placed))
    return {name: told[name] for name in sorted(told) if name not in (*placed, *masked)}, placed, masked


def _places(run: Run, fact: str) -> tuple[str, ...]:
    """Where a file that a fact names may lie: beside the file that told so, below the run, or it is that very file."""
    told = run["facts"].get(fact)
    name = _text(told["value"]) if told else ""
    if not name or "\0" in name:
        return ()
    root, source = run["root"], told["source"] or ""
    places = [f"{root}/{os.path.dirname(source)}/{name}", f"{root}/{run['path']}/{name}"]  # noqa: PTH120
    if source and (source == name or source.endswith(f"/{name}")):
        places.insert(0, f"{root}/{source}")
    return tuple(dict.fromkeys(map(os.path.normpath, places)))


def _data(found: Json) -> tuple[Data, ...]:
    listed = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    return tuple(Data(path, _text(each.get("sha256"))) for each in listed if (path := _path(each.get("path"))))


def _path(value: Json) -> str:
    """An absolute path without dots and without a slash at its end; "" for anything else."""
    text = _text(value)
    return os.path.normpath(text) if text.startswith("/") and "\0" not in text else ""


def _texts(value: Json) -> tuple[str, ...]:
    return tuple(text for item in value if (text := _text(item))) if isinstance(value, list) else ()


def _text(value: Json) -> str:
    return "" if value is None or isinstance(value, bool | dict | list) else str(value)
