"""Records of a `.wandb` file other than history: the run, its environment, its config, its end.

Field numbers: wandb/proto/wandb_internal.proto.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable

from runspect.model import Json
from runspect.readers.flatten import flatten
from runspect.readers.protobuf import BYTES, VARINT, fields, signed, text
from runspect.readers.wandb_history import items_of

_RUN_TEXTS = {
    1: "run_id", 2: "entity", 3: "project", 6: "group", 7: "job_type", 8: "name", 9: "notes", 13: "host",
}  # fmt: skip
_ENVIRONMENT_TEXTS = {
    1: "os", 2: "python", 6: "program", 11: "cwd", 12: "host", 13: "user", 14: "executable", 18: "gpu", 25: "cuda",
}  # fmt: skip
_ENVIRONMENT_NUMBERS = {16: "cpu_count", 19: "gpu_count"}
_SLURM_JOB = ("job_id", "jobid")


def run_record(data: bytes, start: int, end: int) -> tuple[dict[str, Json], dict[str, Json]]:
    """Facts and config of a run record.

    Raises:
        WireFault: The bytes are no run record.
    """
    facts: dict[str, Json] = {}
    config: dict[str, Json] = {}
    tags: list[str] = []
    for number, wire, first, stop in fields(data, start, end):
        if wire != BYTES:
            continue
        if number in _RUN_TEXTS:
            facts[_RUN_TEXTS[number]] = text(data, first, stop)
        elif number == 4:
            apply_config(data, first, stop, config)
        elif number == 10:
            tags.append(text(data, first, stop))
        elif number == 17:
            facts["started"] = timestamp(data, first, stop)
        elif number == 21:
            facts |= git_facts(data, first, stop)
    if tags:
        facts["tags"] = tags
    return {name: value for name, value in facts.items() if value}, config


def environment_record(data: bytes, start: int, end: int) -> dict[str, Json]:
    """Facts of an environment record.

    Raises:
        WireFault: The bytes are no environment record.
    """
    facts: dict[str, Json] = {}
    args: list[str] = []
    for number, wire, first, stop in fields(data, start, end):
        if wire == VARINT and number in _ENVIRONMENT_NUMBERS:
            facts[_ENVIRONMENT_NUMBERS[number]] = first
        elif wire != BYTES:
            continue
        elif number in _ENVIRONMENT_TEXTS:
            facts[_ENVIRONMENT_TEXTS[number]] = text(data, first, stop)
        elif number == 5:
            args.append(text(data, first, stop))
        elif number in _ENVIRONMENT_PARTS:
            facts |= _ENVIRONMENT_PARTS[number](data, first, stop)
    return command_facts({name: value for name, value in facts.items() if value}, args)


def command_facts(facts: dict[str, Json], args: list[str]) -> dict[str, Json]:
    """The facts with the command line that program and arguments make."""
    if args:
        facts["args"] = args
    if "program" in facts:
        facts["command"] = shlex.join([str(facts["program"]), *args])
    return facts


def apply_config(data: bytes, start: int, end: int, config: dict[str, Json]) -> None:
    """Apply a config record to `config` (flattened); a param that was taken out becomes None.

    Raises:
        WireFault: The bytes are no config record.
    """
    for number, key, value in items_of(data, start, end):
        if key.split(".", 1)[0] == "_wandb":
            continue
        for name in [name for name in config if name == key or name.startswith(key + ".")]:
            del config[name]
        config.update(flatten({key: unwrapped(value)}) if number == 1 else {key: None})


def unwrapped(value: Json) -> Json:
    """The value in W&B's `{"desc": …, "value": …}`, or the value itself."""
    if isinstance(value, dict) and "value" in value and set(value) <= {"desc", "value"}:
        return value["value"]
    return value


def timestamp(data: bytes, start: int, end: int) -> float:
    """A google.protobuf.Timestamp as seconds since 1970."""
    seconds = nanos = 0
    for number, wire, first, _ in fields(data, start, end):
        if wire == VARINT and number == 1:
            seconds = signed(first)
        elif wire == VARINT and number == 2:
            nanos = signed(first)
    return seconds + nanos / 1e9


def varints(data: bytes, start: int, end: int) -> dict[int, int]:
    """The plain numbers of a message by field."""
    return {number: signed(first) for number, wire, first, _ in fields(data, start, end) if wire == VARINT}


def git_facts(data: bytes, start: int, end: int) -> dict[str, Json]:
    """Remote and commit of a GitRepoRecord."""
    names = {1: "git_remote", 2: "git_commit"}
    return {
        names[number]: text(data, first, stop)
        for number, wire, first, stop in fields(data, start, end)
        if wire == BYTES and number in names
    }


def slurm_facts(variables: dict[str, str]) -> dict[str, Json]:
    """The job id among Slurm's variables, whose names have lost their SLURM_."""
    found = next((variables[name] for name in _SLURM_JOB if variables.get(name)), None)
    return {"slurm_job_id": found} if found else {}


def _started(data: bytes, start: int, end: int) -> dict[str, Json]:
    return {"started": timestamp(data, start, end)}


def _memory(data: bytes, start: int, end: int) -> dict[str, Json]:
    return {"memory": varints(data, start, end).get(1)}


def _cpu(data: bytes, start: int, end: int) -> dict[str, Json]:
    for number, wire, first, stop in fields(data, start, end):
        if number == 3 and wire == BYTES:
            return {"cpu": text(data, first, stop)}
    return {}


def _slurm(data: bytes, start: int, end: int) -> dict[str, Json]:
    """One entry of the map of Slurm's variables."""
    entry = {number: text(data, first, stop) for number, wire, first, stop in fields(data, start, end) if wire == BYTES}
    return slurm_facts({entry.get(1, ""): entry.get(2, "")})


_ENVIRONMENT_PARTS: dict[int, Callable[[bytes, int, int], dict[str, Json]]] = {
    3: _started, 9: git_facts, 21: _memory, 22: _cpu, 27: _slurm,
}  # fmt: skip
