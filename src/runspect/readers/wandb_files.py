"""The files that W&B keeps beside its log: config, metadata, summary, requirements and its own debug log."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from math import isnan
from pathlib import Path

from runspect.errors import ReaderFault
from runspect.model import Claim, ClaimKind, Json
from runspect.readers import json_plain, yaml_plain
from runspect.readers.contract import Batch, Cursor, Entry, Mode, with_offset
from runspect.readers.flatten import flatten
from runspect.readers.single import single
from runspect.readers.times import utc
from runspect.readers.wandb_inputs import config_inputs, input_facts
from runspect.readers.wandb_paths import wandb_moments, wandb_place, wandb_run_id, wandb_run_root
from runspect.readers.wandb_record import command_facts, slurm_facts, unwrapped
from runspect.readers.wandb_summary import is_derived, numbers_in
from runspect.readers.whole import read_whole

_KINDS: dict[str, ClaimKind] = {
    "config.yaml": "config",
    "wandb-metadata.json": "status",
    "wandb-summary.json": "status",
    "requirements.txt": "status",
    "debug.log": "status",
    "diff.patch": "status",
}
_PLACES = {"debug.log": ("logs",)}
"""Where a file lies below the run's root; the others in `files`, before 0.10 in the root itself."""
_NAMED = {"requirements.txt": "packages", "diff.patch": "git_patch"}
"""Files that are only named, by the fact that they are. W&B writes a patch when tracked files differ from the commit."""
_DEBUG_BYTES = 64 << 10
"""The process id stands in the first lines."""
_PID = re.compile(rb"Configure stats pid to (\d+)")
_TEXTS = {
    "os": "os", "python": "python", "program": "program", "root": "cwd", "host": "host", "username": "user",
    "executable": "executable", "gpu": "gpu", "cuda": "cuda", "cudaVersion": "cuda",
}  # fmt: skip
"""Text of the metadata -> fact."""
_NUMBERS = {"cpu_count": "cpu_count", "gpu_count": "gpu_count"}


class WandbFilesReader:
    """Reads each file whole; none of them holds a series, but the summary may hold values that no series ends with."""

    name = "wandb-files"
    mode: Mode = "replace"
    precision = 0
    """The summary repeats the ends of all series: only what the log does not tell is shown."""
    names = tuple(_KINDS)

    def claim(self, entry: Entry) -> Claim | None:
        """By path: the known names at their known places in a W&B run directory."""
        kind = _KINDS.get(entry.name)
        place = wandb_place(entry) if kind else None
        if kind is None or place is None:
            return None
        if place.inside.rpartition("/")[0] not in _PLACES.get(entry.name, ("files", "")):
            return None
        run_id = wandb_run_id(place.named, entry.parent_names | entry.siblings)
        hints = (("id", f"wandb-id:{run_id}"),) if run_id else ()
        if entry.name == "debug.log" and (moments := wandb_moments(place.root)):
            hints = (*hints, ("moments", moments))
        return Claim(self.name, entry.path, place.root, "tool", kind, 2, "wandb", hints)

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch of params or facts."""
        if path.name == "debug.log":
            yield from _read_debug(path, cursor)
        elif path.name in _NAMED:
            root = wandb_run_root(path.as_posix())
            shown = path.as_posix() if root is None else path.as_posix()[len(root) + 1 :]
            yield Batch(with_offset(cursor, path.stat().st_size), facts={_NAMED[path.name]: shown} | _dirty(path.name))
        else:
            yield from read_whole(path, cursor, self.name, _PARSERS.get(path.name, _summary))


READER = WandbFilesReader()


def _dirty(name: str) -> dict[str, Json]:
    return {"git_dirty": True} if name == "diff.patch" else {}


def _read_debug(path: Path, cursor: Cursor) -> Iterator[Batch]:
    with path.open("rb") as file:
        found = _PID.search(file.read(_DEBUG_BYTES))
    if found:
        yield Batch(with_offset(cursor, path.stat().st_size), facts={"pid": int(found[1])})


def _config(_: Path, text: str) -> Batch:
    """Params from config.yaml, where each stands under `value`."""
    config = yaml_plain.load(text)
    if not isinstance(config, dict):
        raise ReaderFault("no mapping of params")
    shown = {key: unwrapped(value) for key, value in config.items() if key not in ("_wandb", "wandb_version")}
    params = flatten(shown)
    return Batch(Cursor(), params=params, facts=input_facts(config_inputs(params)))


def _summary(_: Path, text: str) -> Batch:
    """The time of the last row, and the numbers: a run may set some that are in no row (`run.summary["test/acc"] = …`)."""
    summary = _mapping(text)
    seen, last = summary.get("_timestamp"), summary.get("_step")
    time = float(seen) if isinstance(seen, (int, float)) else float("nan")
    step = last if isinstance(last, int) and 0 <= last < 2**62 else 0
    shown = {key: value for key, value in summary.items() if not key.startswith("_") and not is_derived(value)}
    points = {name: single(step, value, time) for name, value in numbers_in(shown).items()}
    return Batch(Cursor(), points=points, facts={} if isnan(time) else {"heartbeat": time})


def _metadata(_: Path, text: str) -> Batch:
    """Facts from wandb-metadata.json."""
    seen = _mapping(text)
    facts: dict[str, Json] = {name: str(seen[key]) for key, name in _TEXTS.items() if seen.get(key)}
    facts |= {name: seen[key] for key, name in _NUMBERS.items() if isinstance(seen.get(key), int)}
    args = seen.get("args")
    facts = command_facts(facts, [str(arg) for arg in args] if isinstance(args, list) else [])
    for key, name in (("startedAt", "started"), ("heartbeatAt", "heartbeat")):
        if (when := utc(seen.get(key))) is not None:
            facts[name] = when
    facts |= _git(seen.get("git")) | _machine(seen) | _end(seen)
    slurm = seen.get("slurm")
    if isinstance(slurm, dict):
        facts |= slurm_facts({str(key): str(value) for key, value in slurm.items()})
    return Batch(Cursor(), facts=facts)


_PARSERS: dict[str, Callable[[Path, str], Batch]] = {
    "config.yaml": _config,
    "wandb-metadata.json": _metadata,
    "wandb-summary.json": _summary,
}


def _mapping(text: str) -> dict[str, Json]:
    value = json_plain.load(text)
    if not isinstance(value, dict):
        raise ReaderFault("no JSON object")
    return value


def _end(seen: dict[str, Json]) -> dict[str, Json]:
    """How it ended, which W&B wrote here before 0.10 alone; since then "running" stays for ever."""
    state = seen.get("state")
    return {"end_state": state} if state in ("finished", "failed", "crashed", "killed") else {}


def _git(git: Json) -> dict[str, Json]:
    if not isinstance(git, dict):
        return {}
    names = {"remote": "git_remote", "commit": "git_commit"}
    return {name: str(git[key]) for key, name in names.items() if git.get(key)}


def _machine(seen: dict[str, Json]) -> dict[str, Json]:
    """Memory in bytes (a text since 0.17, GiB before) and the processor's name."""
    facts: dict[str, Json] = {}
    memory, cpu = seen.get("memory"), seen.get("cpu")
    total = memory.get("total") if isinstance(memory, dict) else None
    if isinstance(total, str) and total.isdecimal():
        facts["memory"] = int(total)
    elif isinstance(total, (int, float)) and 0 < total < 1 << 40:
        facts["memory"] = round(total * (1 << 30))
    if isinstance(cpu, dict) and isinstance(cpu.get("model"), str):
        facts["cpu"] = cpu["model"]
    return facts
