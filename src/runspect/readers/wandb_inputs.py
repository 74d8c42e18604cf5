"""The data sets that a run took in: W&B artifacts of a type such as `dataset` that it used, not those that it made.

A `.wandb` file names them in records of their own (field numbers: wandb/proto/wandb_internal.proto); a config holds them as
`{"_type": "artifactVersion", "sequenceName": "cifar10", "version": "v3"}`, under a key of the user's choice.
"""

from __future__ import annotations

from collections.abc import Mapping

from runspect.model import Json
from runspect.readers.protobuf import BYTES, VARINT, fields, text

Input = tuple[str, str]
"""Name and version; the version is "" where none is known."""

_CONFIG_TYPE = "artifactVersion"
_TYPE, _NAME, _DIGEST, _USED = 4, 5, 6, 10
_MARK = "data"
"""In the type of an artifact, which is free: `dataset`, `raw_data`, `training-data`."""


def used_artifact(data: bytes, start: int, end: int) -> Input | None:
    """The data set of a UseArtifactRecord, `cifar10:v3`; None for a model and other things.

    Raises:
        WireFault: The bytes are no such record.
    """
    told = _texts(data, start, end)
    if _MARK not in told.get(2, "").lower():
        return None
    name, _, version = told.get(3, "").rpartition("/")[2].partition(":")
    return (name, version) if name else None


def made_artifact(data: bytes, start: int, end: int) -> Input | None:
    """The data set of an ArtifactRecord that the run made of its input itself (`use_artifact` of a new one), by its digest.

    Raises:
        WireFault: The bytes are no such record.
    """
    told = _texts(data, start, end)
    used = any(number == _USED and wire == VARINT and first for number, wire, first, _ in fields(data, start, end))
    if not used or _MARK not in told.get(_TYPE, "").lower() or not told.get(_NAME):
        return None
    return told[_NAME].partition(":")[0], told.get(_DIGEST, "")


def config_inputs(params: Mapping[str, Json]) -> list[Input]:
    """The data sets among the params of a flattened config; that they are data only their keys tell."""
    found = []
    for key, value in params.items():
        holder, dot, last = key.rpartition(".")
        if not dot or last != "_type" or value != _CONFIG_TYPE or _MARK not in holder.lower():
            continue
        name, version = params.get(f"{holder}.sequenceName"), params.get(f"{holder}.version")
        if isinstance(name, str) and name:
            found.append((name, version if isinstance(version, str) else ""))
    return found


def input_facts(inputs: list[Input]) -> dict[str, Json]:
    """As facts; several are listed, each once."""
    versions = ", ".join(dict.fromkeys(version for _, version in inputs if version))
    names = ", ".join(dict.fromkeys(name for name, _ in inputs))
    told = {"dataset": names, "dataset_version": versions}
    return {name: value for name, value in told.items() if value}


def _texts(data: bytes, start: int, end: int) -> dict[int, str]:
    wanted = (2, 3, _TYPE, _NAME, _DIGEST)
    return {
        number: text(data, first, stop)
        for number, wire, first, stop in fields(data, start, end)
        if wire == BYTES and number in wanted
    }
