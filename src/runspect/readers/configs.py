"""Config files beside a run: YAML, JSON, TOML, argparse dumps and Python literals, flattened with dots."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from runspect.errors import ReaderFault
from runspect.model import Claim, Json, Problem
from runspect.readers import json_plain, yaml_plain
from runspect.readers.claims import extension, stem_of, words
from runspect.readers.conflicts import first_side
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.flatten import MOST, flatten
from runspect.readers.hollow import is_pointer
from runspect.readers.lightning import is_lone_version
from runspect.readers.lines import utf8
from runspect.readers.literals import assignments, literal, namespace
from runspect.readers.wandb_paths import wandb_place
from runspect.readers.whole import read_whole

LARGEST = 4 << 20
"""Bytes of a config file; more is data."""
_STEMS = words(
    "hparams hparam args arguments argparse config configs cfg params parameters flags opt opts options hyp"
    " hyperparameters hyperparams training_args configuration settings"
)
_SUFFIX = re.compile(r"[\w-]*[_-](config|cfg|hparams|hyperparameters|hyperparams|args|params|opt|flags)")
_NO_TRAINING = re.compile(
    r"(generation|tokenizer|preprocessor|adapter|processor|quantization|quantize|logging|logger|feature_extractor"
    r"|image_processor|video_preprocessor|chat_template|special_tokens|peft|lora|ds_z\d).*"
)
_TEXT = words("args arguments config params hparams opt opts options flags argparse hyperparameters")
_CHECKPOINT = re.compile(r"checkpoint-\d+")
_PAIR = re.compile(r"\s*(?:--([\w./-]+)(?:\s*[:=]\s*|\s+)|['\"]?([\w./-]+)['\"]?\s*[:=]\s*)(.*?)\s*,?\s*")
_RULE = re.compile(r"\s*[-=#*]{3,}(?: [\w ]{1,60} [-=#*]{3,})?\s*")
"""`------ Options ------` around the list (pix2pix and its kin, BaseOptions.print_options)."""
_DEFAULT = re.compile(r"\s+\[default: .*\]\s*$")
_CODE = re.compile(rb"^\s*(def|class|if|for|with|@)\b", re.MULTILINE)
"""What makes of a config.py a program; imports alone do not."""
MODEL_PREFIX = "model_config."
"""Put before the keys of a Hugging Face model's config.json, which are not the training's."""


class ConfigReader:
    """Reads the whole file; what is no mapping says nothing about the run."""

    name = "config"
    mode: Mode = "replace"
    precision = 3
    names = ("*.yaml", "*.yml", "*.json", "*.toml", "*.txt", "config.py")

    def claim(self, entry: Entry) -> Claim | None:
        """By name; Python and text files by their first bytes too."""
        if not _is_config(entry) or entry.directory.endswith(".hydra") or wandb_place(entry):
            return None
        head = first_side(entry.head())
        opening = head.lstrip(b" \r\n\t")[:1]
        if extension(entry.name) == "json" and opening not in (b"{", b"") and not is_pointer(head):
            return None
        root, tool = entry.directory, "config"
        hints: tuple[tuple[str, str], ...] = ()
        if _CHECKPOINT.fullmatch(root.rpartition("/")[2]):
            root = entry.above
        if is_lone_version(entry):
            tool, hints = "lightning", (("marker", "run"),)
        elif entry.name == "hparams.yaml" and _beside_lightning(entry):
            tool = "lightning"
        return Claim(self.name, entry.path, root, "weak", "config", 2, tool, hints)

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch of params."""
        return read_whole(path, cursor, self.name, _parse, LARGEST)


def parse_text(text: str) -> dict[str, Json]:
    """An argparse dump: `Namespace(…)`, JSON, or a line each of `key: value`, `key = value`, `--key value`.

    Raises:
        ReaderFault: It is none of these.
    """
    body = text.strip()
    if re.match(r"[\w.]*Namespace\(", body):
        return namespace(body)
    if body.startswith("{"):
        try:
            found = json_plain.load(body)
        except ReaderFault:
            found = literal(body)
        if isinstance(found, dict):
            return found
    lines = [_DEFAULT.sub("", line) for line in body.splitlines() if line.strip() and not _RULE.fullmatch(line)]
    pairs = [match for line in lines if (match := _PAIR.fullmatch(line))]
    if not pairs or 2 * len(pairs) < len(lines):
        raise ReaderFault("not a list of arguments", 0)
    return {match[1] or match[2]: literal(match[3]) for match in pairs}


def config_text(name: str, text: str) -> dict[str, Json]:
    """The params of a config file, flattened as those of runs; by the ending of its name, else by what it looks like.

    Raises:
        ReaderFault: It is no mapping, or in no known form.
    """
    ending = extension(name)
    if ending in ("yaml", "yml"):
        found = yaml_plain.load(text)
    elif ending == "toml":
        found = _toml(text)
    elif ending == "json":
        found = json_plain.load(text)
    else:
        found = _any(text)
    if not isinstance(found, dict):
        raise ReaderFault("not a mapping of settings", 0)
    return flatten(found)


def is_config_name(name: str) -> bool:
    """Whether a file of this name holds a training's configuration: by the name alone."""
    stem, ending = stem_of(name), extension(name)
    if ending in ("yaml", "yml", "json", "toml"):
        return stem in _STEMS or (bool(_SUFFIX.fullmatch(stem)) and not _NO_TRAINING.fullmatch(stem))
    return ending == "txt" and stem in _TEXT


def _is_config(entry: Entry) -> bool:
    if is_config_name(entry.name):
        return True
    return entry.name == "config.py" and not _CODE.search(utf8(entry.head()))


def _beside_lightning(entry: Entry) -> bool:
    return any(name in ("metrics.csv", "checkpoints") or "tfevents" in name for name in entry.siblings)


def _parse(path: Path, text: str) -> Batch:
    ending = path.suffix.lower()
    if ending in (".yaml", ".yml"):
        found = yaml_plain.load(text)
    elif ending == ".json":
        found = json_plain.load(text)
    elif ending == ".toml":
        found = _toml(text)
    else:
        found = assignments(text) if ending == ".py" else parse_text(text)
    if not isinstance(found, dict):
        return Batch(Cursor())
    params = flatten(found)
    if path.name == "config.json" and _is_model(params):
        params = {MODEL_PREFIX + key: value for key, value in params.items()}
    clipped = Problem(str(path), None, READER.name, f"more than {MOST:,} settings", "the others are not shown")
    return Batch(Cursor(), params=params, problems=(clipped,) if len(params) >= MOST else ())


def _is_model(params: dict[str, Json]) -> bool:
    return "model_type" in params and ("architectures" in params or "transformers_version" in params)


def _any(text: str) -> Json:
    """JSON, YAML, TOML or a list of arguments, the first of them that it is."""
    for load in (json_plain.load, yaml_plain.load, _toml):
        try:
            found = load(text)
        except ReaderFault:
            continue
        if isinstance(found, dict):
            return found
    return parse_text(text)


def _toml(text: str) -> Json:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ReaderFault(f"not TOML: {str(error)[:80]}") from error


READER = ConfigReader()
