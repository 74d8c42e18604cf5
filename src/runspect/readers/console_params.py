"""Configuration that a program prints at the head of its console log.

`Namespace(a=1)` and dicts by the syntax tree, never executed; `key: value` blocks of three lines or more; the lines that
patterns know as params (Megatron's dotted block).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from runspect.dataclass import dataclass, field
from runspect.errors import ReaderFault
from runspect.model import Json
from runspect.readers import literals
from runspect.readers.claims import words
from runspect.readers.console_text import line_of, without_escapes
from runspect.readers.flatten import flatten
from runspect.readers.lines import text_of
from runspect.readers.numbers import number
from runspect.readers.pattern_file import Pattern
from runspect.readers.pattern_guard import Guard
from runspect.readers.steps import is_step

SPAN = 256 << 10
"""Bytes from the beginning in which configuration is looked for."""
BLOCK_SPAN = 32 << 10
"""Bytes from the beginning in which a `key: value` block may stand."""
LONGEST = 128 << 10
"""Bytes of a line with a whole configuration."""
SHORTEST_BLOCK = 3
"""Rows of a block; two are enough where all are called like settings of a training."""
MOST_ROWS = 500
_CALL = re.compile(r"(?:argparse\.)?(?:Namespace|SimpleNamespace)\(")
_PRINTED = re.compile(rb"\bNamespace\(\w|\{'_name': None, ")
_ROW = re.compile(
    r"\s{0,12}(?:--?)?[\"']?(?P<name>[a-z_][\w.-]{0,60})[\"']?\s{0,40}[:=]\s{0,8}(?P<value>[^\s].{0,300}?),?\s*"
)
_SETTINGS = words(
    "lr learning_rate learning-rate batch_size batch-size batchsize bs epochs num_epochs n_epochs max_epochs seed optimizer"
    " optim weight_decay momentum dropout hidden_size hidden_dim num_layers n_layers warmup_steps max_steps model dataset"
    " model_name device scheduler"
)
_SAID = re.compile(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}|\S\s{2,}\S|\w[=:]\s?\S")
"""A value of several words is a sentence, one that holds pairs is a row of metrics."""


@dataclass(slots=True)
class Block:
    """Rows of a `key: value` block that is not ended yet; mutable."""

    rows: list[list[str]] = field(default_factory=list)

    def close(self) -> dict[str, Json]:
        """The block's configuration; nothing for a few stray rows."""
        rows, self.rows = self.rows, []
        settings = len(rows) > 1 and all(name.lower() in _SETTINGS for name, _ in rows)
        if (len(rows) < SHORTEST_BLOCK and not settings) or len({name for name, _ in rows}) < len(rows):
            return {}
        return {name: literals.literal(text) for name, text in rows}


def params_in(data: bytes, offset: int, block: Block, patterns: Sequence[Pattern], guard: Guard) -> dict[str, Json]:
    """The configuration in whole lines that begin at `offset` of the file."""
    found: dict[str, Json] = {}
    if offset >= SPAN:
        return found
    rules = [(pattern, rule) for pattern in patterns for rule in pattern.params]
    at = 0
    for raw in _whole_calls(data[: SPAN - offset + LONGEST].split(b"\n")):
        start, at = offset + at, at + len(raw) + 1
        if start >= SPAN:
            break
        if len(raw) > LONGEST or b"\r" in raw.rstrip(b"\r"):
            found |= block.close()
            continue
        text = without_escapes(text_of(raw)).rstrip()
        lower = text[:4096].lower()
        for pattern, rule in rules:
            if rule.may_match(lower) and (match := guard.search(pattern, rule, line_of(text))):
                found[match["name"]] = literals.literal(match["value"].strip())
                break
        else:
            found |= dict(_whole(text))
            found |= _rows(text, start, block)
    return found


def printed(data: bytes) -> dict[str, Json]:
    """The configurations that stand on a line each, by their looks: `Namespace(…)`, and the dict of a Hydra config."""
    found: dict[str, Json] = {}
    for match in _PRINTED.finditer(data):
        begin = data.rfind(b"\n", 0, match.start()) + 1
        raw = next(_whole_calls(data[begin : begin + LONGEST + 1].split(b"\n")))
        if len(raw) <= LONGEST:
            found |= dict(_whole(without_escapes(text_of(raw)).rstrip()))
    return found


def _whole_calls(found: list[bytes]) -> Iterator[bytes]:
    """The lines, those of a `Namespace(` that goes on until a line ends in `)` as one: MAE prints an argument a line."""
    at = 0
    while at < len(found):
        end = at + 1
        if b"Namespace(" in found[at][:400] and found[at].rstrip().endswith(b","):
            last = next((to for to in range(at, min(at + MOST_ROWS, len(found))) if not _goes_on(found[to])), at)
            end = last + 1 if found[last].rstrip().endswith(b")") else end
        yield b" ".join(found[at:end])
        at = end


def _goes_on(raw: bytes) -> bool:
    return raw.rstrip().endswith(b",")


def _rows(text: str, start: int, block: Block) -> dict[str, Json]:
    match = _ROW.fullmatch(line_of(text).body) if start < BLOCK_SPAN and len(text) < 400 else None
    if match is None or _SAID.search(match["value"]) or match["value"] in ("{", "[") or _is_count(match["name"]):
        return block.close()
    if len(block.rows) < MOST_ROWS:
        block.rows.append([match["name"], match["value"].strip()])
    return {}


def _is_count(name: str) -> bool:
    """Whether a row under this name is one of results; "epochs" is how many there are to be."""
    return is_step(name) and name.lower() != "epochs"


def _whole(text: str) -> Iterator[tuple[str, Json]]:
    """A `Namespace(…)` or a dict that stands on one line."""
    if not text.endswith((")", "}")):
        return
    call, begin = _CALL.search(text, 0, 400), text.find("{'", 0, 400)
    try:
        if call is not None and not 0 <= begin < call.start():
            yield from flatten(literals.namespace(text[call.start() :])).items()
            return
        if begin < 0 or (begin > 0 and text[begin - 1] not in " \t:-="):
            return
        told = literals.literal(text[begin:])
    except ReaderFault:
        return
    if isinstance(told, dict) and len(told) >= 3 and not _is_metrics(told):
        yield from flatten(told).items()


def _is_metrics(told: dict[str, Json]) -> bool:
    """Whether a printed dict is a row of results: nothing but numbers, an epoch among them or a loss."""
    flat = all(number(value) is not None for value in told.values())
    return flat and any(word in key.lower() for key in told for word in ("epoch", "loss", "acc", "step", "score"))
