"""The scraper of last resort: `name = number` on lines that speak of a step, an epoch or an iteration.

It keeps quiet rather than guess wrong: a name becomes a metric when it stands on several lines while the step rises;
times, sizes, versions, paths, fractions and counts of things do not count.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from runspect.dataclass import dataclass, field
from runspect.model import Json
from runspect.readers.claims import words
from runspect.readers.console_text import NUMBER, quantity
from runspect.readers.steps import metric_like

SIGNATURES = ("step#", "epoch#", "ep#", "iter#", "update#", "episode#", "round#")
MOST_PENDING = 60
"""Names that wait to be seen again."""
Told = tuple[str, int, float, float]
"""(name, step, time, value)."""

_TOKEN = re.compile(
    r"(?<![\w./-])(?P<word>(?:global[_ ]?|train(?:ing)?[_ ]?)?(?:steps?|epochs?|ep|iter(?:ation)?s?|updates?|episodes?|rounds?))"
    r"(?![\w.-])[\"']?[ \t]{0,4}[:=#]?[ \t]{0,4}[\[(]?[ \t]{0,6}(?P<number>\d[\d,]{0,14})(?![\w.])"
    r"(?:[ \t]{0,4}(?:/|of)[ \t]{0,6}(?P<total>\d[\d,]{0,14}))?",
    re.IGNORECASE,
)
_WORD = r"(?!(?i:nan|inf|infinity)\b)"
"""Before a word of a name: in "loss nan acc 0.5" the second is a value."""
_PAIR = re.compile(
    rf"(?<![\w./@-])(?P<name>{_WORD}[A-Za-z][\w./@-]{{0,60}}(?:[ ]{_WORD}[A-Za-z][\w./@-]{{0,40}}){{0,3}})"
    r"(?:[\"']?[ \t]{0,4}[:=][ \t]{0,8}|[ \t]{1,8})(?:(?:np\.[a-z]{1,8}\d*|tensor)\()?"
    rf"(?P<value>{NUMBER})(?P<unit>[ ]?%|[kKM](?![\w]))?(?![\w:/]|\.\w|[-+]\d|[ \t]*(?:/|of)[ \t]*\d)"
)
_BATCH = re.compile(r"(?<![\w.])\[?[ \t]{0,6}(?P<number>\d{1,9})[ \t]{0,2}/[ \t]{0,6}(?P<total>\d{1,9})(?![\w/.])")
_DELIMITED = re.compile(r"(?:^|[,:;|(\[\]-])\s{0,8}\Z")
_EPOCH = words("ep epoch epochs")
_TO_BATCH = re.compile(r"[^A-Za-z]*(?:batch|step|iter|iteration)?[^A-Za-z]*", re.IGNORECASE)
"""What may stand between an epoch and its batch; "Epoch 1: accuracy 45/50" tells none."""
_HELD_OUT = re.compile(
    r"(?<![A-Za-z])(valid(?:at(?:ion|ing|e))?|val|eval(?:uat(?:ion|ing|e))?|test(?:ing)?|dev)(?![A-Za-z])",
    re.IGNORECASE,
)
_ADJECTIVES = words("average avg mean total final best running current last overall smoothed moving ema top top1 top5")
_NO_METRICS = words(
    "time eta elapsed remaining took duration date seconds secs minutes hours sec min ms epoch epochs step steps iter"
    " iters iteration iterations update updates episode episodes round rounds batch batches batch_size pid port rank seed"
    " size version line gpu device id worker workers job total count max node nodes world_size shape layer layers fold"
    " patience eta_seconds it its at in on for of to from after every until the and world checkpoint samples num wait cuda"
)


def held_out(text: str) -> str:
    """The prefix of metrics on data that was held out, where a word of the text says so; else ""."""
    match = _HELD_OUT.search(text)
    if match is None:
        return ""
    return "test/" if match[1].lower().startswith("test") else "val/"


@dataclass(slots=True)
class Guesses:
    """What has been seen, small enough for a cursor; mutable."""

    known: list[str] = field(default_factory=list)
    pending: dict[str, list[list[float]]] = field(default_factory=dict)
    """Name → [step, time or -1, value] of the lines so far."""
    from_zero: bool = False
    """Epochs are counted from 0."""

    @classmethod
    def of(cls, told: Json) -> Guesses:
        """Read back; what is strange is forgotten."""
        if not isinstance(told, dict):
            return cls()
        return cls(list(told.get("known", ())), dict(told.get("pending", {})), bool(told.get("from_zero")))

    def line(self, body: str, time: float) -> Iterator[Told]:
        """What a line says; a name that is seen again brings what was held back."""
        found = self._step(body)
        if found is None:
            return
        step, spans = found
        pairs = _pairs(body, spans)
        if not any(metric_like(name) for name in pairs):
            return
        for name, value in pairs.items():
            if name in self.known:
                yield name, step, time, value
                continue
            held = self.pending.get(name)
            if held is None:
                if len(self.pending) >= MOST_PENDING:
                    continue
                held = self.pending[name] = []
            held.append([step, time if time == time else -1.0, value])
            if self._recurs(name, held):
                del self.pending[name]
                self.known.append(name)
                for old_step, old_time, old in held:
                    yield name, int(old_step), old_time if old_time >= 0 else float("nan"), old
            elif len(held) > 8:
                del held[0]

    @staticmethod
    def _recurs(name: str, held: list[list[float]]) -> bool:
        rising = sum(after[0] > before[0] for before, after in itertools.pairwise(held))
        falls = any(after[0] < before[0] for before, after in itertools.pairwise(held))
        wanted = 1 if metric_like(name) else 2
        return rising >= wanted and (not falls or rising >= 3)

    def _step(self, body: str) -> tuple[int, list[tuple[int, int]]] | None:
        """The step that a line speaks of, and where it says so."""
        tokens = list(_TOKEN.finditer(body, 0, 600))
        if not tokens:
            return None
        spans = [match.span() for match in tokens]
        epochs = [match for match in tokens if match["word"].lower() in _EPOCH]
        others = [match for match in tokens if match not in epochs]
        if epochs and not others:
            batch = _BATCH.search(body, epochs[0].end())
            if batch is not None and _TO_BATCH.fullmatch(body, epochs[0].end(), batch.start()):
                return self._combined(epochs[0], batch), [*spans, batch.span()]
        if epochs and others and others[0]["total"] and _integer(others[0]["total"]) >= _integer(others[0]["number"]):
            return self._combined(epochs[0], others[0]), spans
        return _integer((others or epochs)[0]["number"]), spans

    def _combined(self, epoch: re.Match[str], inner: re.Match[str]) -> int:
        """An iteration that starts anew in each epoch, counted from the beginning."""
        number = _integer(epoch["number"])
        self.from_zero = self.from_zero or number == 0
        return (number if self.from_zero else number - 1) * _integer(inner["total"]) + _integer(inner["number"])


def _integer(text: str) -> int:
    return int(text.replace(",", ""))


@dataclass(frozen=True, slots=True)
class _Pair:
    """A name and a number of a line."""

    name: str
    value: float
    whole: str
    """All the words before the number."""
    plain: str
    """The name without the prefix that the line's beginning gives it."""
    span: tuple[int, int]
    """Where it stands, with its number."""


def _pairs(body: str, taken: list[tuple[int, int]]) -> dict[str, float]:
    """Names and numbers of a line.

    Of a name that stands there more than once, the words before it must tell one from the other ("gen loss", "disc
    loss"; "Train - loss", "Val - loss"); else it is left out, for nobody knows which one it is.
    """
    same: dict[str, list[_Pair]] = {}
    for pair in _found(body, taken):
        same.setdefault(pair.name, []).append(pair)
    told: dict[str, float] = {}
    for name, group in same.items():
        if len({pair.value for pair in group}) == 1:
            told.setdefault(name, group[0].value)
            continue
        ends = [0, *(pair.span[1] for pair in group)]
        fronts = [held_out(body[end : pair.span[0]]) for end, pair in zip(ends, group, strict=False)]
        parted = [front + pair.plain for front, pair in zip(fronts, group, strict=True)]
        for names in ([pair.whole for pair in group], parted):
            if len(set(names)) == len(names):
                told |= {own: pair.value for own, pair in zip(names, group, strict=True)}
                break
    return told


def _found(body: str, taken: list[tuple[int, int]]) -> Iterator[_Pair]:
    """Names and numbers outside of the places that tell the step; what was held out has a prefix ("val/loss")."""
    text = list(body)
    for start, end in taken:
        text[start:end] = ";" * (end - start)
    masked = "".join(text)
    front: str | None = None
    for match in _PAIR.finditer(masked):
        spelled = any(mark in masked[match.end("name") : match.start("value")] for mark in ":=")
        name = _name(match["name"], spelled, spelled and _DELIMITED.search(masked, 0, match.start()) is not None)
        value = quantity(match["value"] + (match["unit"] or "").strip())
        if name and value is not None:
            front = _front(masked[: match.start()]) if front is None else front
            front_of = "" if held_out(name) else front
            whole = match["name"].strip("-_./ ")
            yield _Pair(front_of + name, value, front_of + whole, name, match.span())


def _front(before: str) -> str:
    """A prefix from what a line says before its first metric ("Valid: Epoch 3 …")."""
    return "" if "train" in before.lower() else held_out(before)


def _name(text: str, spelled: bool, apart: bool = False) -> str:
    """The part of the words before a number that can be a metric's name, "" for none.

    Args:
        spelled: A colon or an equals sign stands between them.
        apart: Something parts the words from what is before: "Epoch 1: Perceptual Loss=0.5" tells of a perceptual loss.
    """
    parts = text.split(" ")
    kept: list[str] = []
    for part in reversed(parts):
        known = metric_like(part) or part.lower() in _ADJECTIVES or (not kept and spelled)
        if not known and not (kept and len(part) == 1 and part.isupper()):  # "D loss", "G loss"
            if apart and len(kept) == 1 and len(parts) == 2 and part.isalpha() and part[:1].isupper():
                kept.insert(0, part)
            break
        kept.insert(0, part)
    name = " ".join(kept).strip("-_./ ")
    lower = name.lower()
    if not name or lower in _NO_METRICS or lower.split(" ")[-1] in _NO_METRICS or lower in _ADJECTIVES:
        return ""
    if "/" in name and ("." in name.rpartition("/")[2] or name.count("/") > 4):
        return ""  # a path
    if re.search(r"\.\w{1,5}$", name) and not re.search(r"[A-Za-z]{6,}$", name.rpartition(".")[2]):
        return ""  # a file
    if len(kept) > 1 and not any(metric_like(part) for part in kept):
        return ""
    return name
