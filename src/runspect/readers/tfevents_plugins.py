"""What the hparams and text plug-ins put into an event file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from runspect.model import Json
from runspect.readers.flatten import flatten
from runspect.readers.literals import literal
from runspect.readers.protobuf import BYTES, FIXED64, VARINT, fields, float64, text

_DEEPEST = 32
_END_STATE = {1: "finished", 2: "failed", 3: "running"}
_TEXT_SUFFIX = "/text_summary"
"""torch and tensorboardX append it to every tag of a text."""
_CONFIG_TEXTS = {"args": "", "model_config": "model_config."}
"""Texts of Hugging Face's TensorBoardCallback that are JSON configs, and the prefix of their params."""

_TABLE = re.compile(
    r"\s{0,4}\| ?(?:param|parameter|hyperparameter|key|name|argument)s? ?\| ?values? ?\|\s*\n\|[ :|-]+\|\s*\n",
    re.IGNORECASE,
)
"""How a Markdown table of params begins."""


def has_session_start(content: bytes) -> bool:
    """Whether the plug-in's bytes hold a session's hyperparameters.

    Raises:
        WireFault: The bytes are no message.
    """
    return any(number == 3 and wire == BYTES for number, wire, _, _ in fields(content))


def session_params(content: bytes) -> dict[str, Json]:
    """Hyperparameters of a session (HParamsPluginData.session_start_info.hparams).

    torch writes every number as a double, so whole numbers become ints again.

    Raises:
        WireFault: The bytes are no message.
    """
    params: dict[object, object] = {}
    for number, wire, first, stop in fields(content):
        if number == 3 and wire == BYTES:
            for part, kind, low, high in fields(content, first, stop):
                if part == 1 and kind == BYTES:
                    key, value = _entry(content, low, high, 0)
                    params[key] = value
    return flatten(params)


def session_end(content: bytes) -> dict[str, Json]:
    """Facts of a session's end; empty unless it has an end time.

    torch, Lightning and accelerate write "success" without a time when the run begins, which says nothing.

    Raises:
        WireFault: The bytes are no message.
    """
    for number, wire, first, stop in fields(content):
        if number == 4 and wire == BYTES:
            status, ended = 0, 0.0
            for part, kind, low, _ in fields(content, first, stop):
                if part == 1 and kind == VARINT:
                    status = low
                elif part == 2 and kind == FIXED64:
                    ended = float64(content, low)
            if ended > 0 and status in _END_STATE:
                return {"end_state": _END_STATE[status], "ended": ended}
    return {}


def text_key(tag: str) -> str:
    """The name that the user gave to a text."""
    return tag.removesuffix(_TEXT_SUFFIX)


def text_params(key: str, value: str) -> dict[str, Json] | None:
    """Params in a text that is a config, or None when it is a text."""
    prefix = _CONFIG_TEXTS.get(key)
    if prefix is None:
        return _table(value) if _TABLE.match(value) else None
    try:
        config = json.loads(value)
    except (ValueError, RecursionError):
        return None
    if not isinstance(config, dict):
        return None
    return {prefix + name: inner for name, inner in flatten(config).items()}


def _table(value: str) -> dict[str, Json]:
    """The rows of a Markdown table of params, as CleanRL and what is made like it log their arguments."""
    rows = (row.strip().strip("|").partition("|") for row in value.split("\n")[2:])
    return {name.strip(): literal(cell.strip()) for name, bar, cell in rows if bar and name.strip()}


def _entry(data: bytes, start: int, end: int, depth: int) -> tuple[str, Json]:
    key, value = "", None
    for number, wire, first, stop in fields(data, start, end):
        if number == 1 and wire == BYTES:
            key = text(data, first, stop)
        elif number == 2 and wire == BYTES:
            value = _json_value(data, first, stop, depth)
    return key, value


def _json_value(data: bytes, start: int, end: int, depth: int) -> Json:
    """A google.protobuf.Value."""
    if depth > _DEEPEST:
        return None
    for number, wire, first, stop in fields(data, start, end):
        if number == 2 and wire == FIXED64:
            value = float64(data, first)
            return int(value) if value.is_integer() and abs(value) < 2**53 else value
        if number == 3 and wire == BYTES:
            return text(data, first, stop)
        if number == 4 and wire == VARINT:
            return bool(first)
        if number == 5 and wire == BYTES:
            return dict(_entry(data, low, high, depth + 1) for low, high in _repeated(data, first, stop))
        if number == 6 and wire == BYTES:
            return [_json_value(data, low, high, depth + 1) for low, high in _repeated(data, first, stop)]
    return None


def _repeated(data: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """First byte and end of each message in field 1."""
    return ((low, high) for number, wire, low, high in fields(data, start, end) if number == 1 and wire == BYTES)
