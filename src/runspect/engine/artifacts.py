"""What runs produce beside their logs: kind and step from the name alone; the files are never opened."""

from __future__ import annotations

import re
from typing import Literal

Kind = Literal["checkpoint", "model", "image", "video", "audio", "table", "archive", "other"]

_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("ckpt", "pt", "pth", "distcp"), "checkpoint"),
    **dict.fromkeys(("safetensors", "onnx", "h5", "hdf5", "keras", "tflite", "pb", "gguf", "mar"), "model"),
    **dict.fromkeys(("joblib", "pkl", "pickle", "msgpack"), "model"),
    **dict.fromkeys(("png", "jpg", "jpeg", "gif", "svg", "webp", "bmp", "tif", "tiff"), "image"),
    **dict.fromkeys(("mp4", "avi", "webm", "mkv", "mov"), "video"),
    **dict.fromkeys(("wav", "mp3", "flac", "ogg"), "audio"),
    **dict.fromkeys(("parquet", "arrow", "feather", "npy", "npz", "xlsx"), "table"),
    **dict.fromkeys(("zip", "tar", "gz", "tgz", "bz2", "xz", "7z", "zst"), "archive"),
}
READ = frozenset({"evaluations.npz", "results.png"})
"""Files that a reader knows under a name that says what an artefact is otherwise."""
_SAVED = re.compile(r"ckpt|checkpoint|(?:^|[._-])(?:last|best|epoch|iter|step)(?:[._=-]|$)", re.IGNORECASE)
_STEP = (
    re.compile(r"(?:global_?)?step[=_-]?(\d+)", re.IGNORECASE),
    re.compile(r"(?:iter|iteration)[=_-]?(\d+)", re.IGNORECASE),
    re.compile(r"(?:checkpoint|ckpt|model)[=_-](\d+)", re.IGNORECASE),
    re.compile(r"epoch[=_-]?(\d+)", re.IGNORECASE),
)
_HELD = re.compile(r"(?:^|/)(?:m-)?[0-9a-f]{32}/artifacts(?:/|$)")
_MAY_HOLD_RUNS = re.compile(
    r".+\.(?:zip|tar|tar\.gz|tgz)|.+_part_\d+\.parquet"
    r"|.+\.(?:jsonl|ndjson|csv|tsv|log|out)\.(?:gz|xz|bz2|zst)"
)
"""Archives and tables of which a reader is asked: records of runs, ClearML's and Comet's runs, Neptune's exports, compressed logs."""
_SHARD = re.compile(r"-\d{5}-of-\d{5}")


def artifact_kind(name: str) -> Kind | None:
    """What a file is by its extension; None when a reader should be asked."""
    suffix = extension(name)
    if name in READ or _MAY_HOLD_RUNS.fullmatch(name):
        return None
    if suffix == "json" and name.endswith(".table.json"):
        return "table"
    kind = _KINDS.get(suffix)
    return "checkpoint" if kind == "model" and _SAVED.search(name) else kind


def unclaimed_kind(name: str) -> Kind | None:
    """What a file is that could have been a log but is none: weights in a .bin, an archive, a table, a picture."""
    if name in READ or _MAY_HOLD_RUNS.fullmatch(name):
        return _KINDS[extension(name)]
    if extension(name) != "bin":
        return None
    return "checkpoint" if _SAVED.search(name) else "model"


def holds_artifacts(directory: str) -> bool:
    """Whether all that lies in a directory was handed to MLflow to keep: tables and configs there are no logs."""
    return "/artifacts" in directory and ".guild/" not in directory and _HELD.search(directory) is not None


def produced_kind(name: str) -> Kind:
    """What a file is that is known to be no log."""
    return artifact_kind(name) or unclaimed_kind(name) or ("table" if extension(name) in ("csv", "tsv") else "other")


def artifact_step(name: str) -> int | None:
    """The step in names such as epoch=3-step=40.ckpt, checkpoint-500, iter_1000.pth; an epoch where it has no step."""
    name = _SHARD.sub("", name)
    return next((int(match[1]) for pattern in _STEP if (match := pattern.search(name)) and len(match[1]) < 16), None)


def extension(name: str) -> str:
    """Lower-case letters after the last dot, "" for none and for hidden files without another dot."""
    dot = name.rfind(".")
    return name[dot + 1 :].lower() if dot > 0 and len(name) - dot <= 13 else ""
