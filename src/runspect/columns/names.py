"""The names that a set of runs knows, and what a word typed by a person stands for among them."""

from __future__ import annotations

import difflib
import heapq
from collections.abc import Collection, Iterable
from itertools import pairwise
from typing import Literal

from runspect.dataclass import dataclass
from runspect.errors import UsageError
from runspect.model import FACTS

NameKind = Literal["param", "metric", "fact"]

PREFIXES: tuple[tuple[str, NameKind], ...] = (
    ("cfg.", "param"),
    ("config.", "param"),
    ("params.", "param"),
    ("fact.", "fact"),
    ("facts.", "fact"),
    ("metrics.", "metric"),
)
"""What may be put before a name to say which kind is meant."""

NEAR = 5
"""How many near names an error offers."""

MANY = 60
"""How many names are compared letter by letter: difflib takes 40 µs for each, and people wait for every key."""


@dataclass(frozen=True, slots=True)
class Names:
    """Everything that can be asked of the runs in scope besides the built-in fields."""

    params: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is known; where nothing is, no name can be called wrong."""
        return bool(self.params or self.metrics or self.facts)

    def of(self, kind: NameKind) -> tuple[str, ...]:
        """The names of one kind; the facts that any reader may report are always known."""
        if kind == "param":
            return self.params
        return self.metrics if kind == "metric" else tuple(dict.fromkeys((*self.facts, *FACTS)))


class UnknownName(UsageError):
    """A word that is no name in scope, or short for several of them, which are then the `candidates`."""

    def __init__(self, message: str, candidates: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.candidates = candidates


def find(word: str, names: Names, kinds: Iterable[NameKind] = ("param", "metric", "fact")) -> tuple[NameKind, str]:
    """The kind and full name that `word` stands for.

    A whole name wins over one in other letter case, that over the end of a dotted or slashed name ("lr" for
    "optimizer.lr") when there is only one; a name of several kinds is a param first, then a metric, then a fact.

    Raises:
        UnknownName: No name fits, or a short form fits several.
    """
    wanted = tuple(kinds)
    for prefix, kind in PREFIXES:
        rest = word[len(prefix) :]
        if kind in wanted and rest and word.startswith(prefix) and not _holds(names, wanted, word):
            return find(rest, names, (kind,))
    for kind in wanted:
        if word in names.of(kind):
            return kind, word
    folded = word.casefold()
    for kind in wanted:
        same = [name for name in names.of(kind) if name.casefold() == folded]
        if len(same) == 1:
            return kind, same[0]
    ends = [(kind, name) for kind in wanted for name in names.of(kind) if _ends(name.casefold(), folded)]
    if len(ends) == 1:
        return ends[0]
    if ends:
        listed = tuple(name for _, name in ends[:NEAR])
        raise UnknownName(f"{word!r} could be {', '.join(listed)}{' …' if len(ends) > NEAR else ''}", listed)
    kinds_text = f"{', '.join(wanted[:-1])} or {wanted[-1]}" if len(wanted) > 1 else wanted[0]
    raise UnknownName(f"no {kinds_text} is called {word!r}")


def near(word: str, candidates: Iterable[str]) -> tuple[str, ...]:
    """Candidates that look like `word`: by spelling, then those that hold it."""
    by_fold: dict[str, str] = {}
    for candidate in candidates:
        by_fold.setdefault(candidate.casefold(), candidate)
    folded = word.casefold()
    close = difflib.get_close_matches(folded, _alike(folded, by_fold), n=NEAR, cutoff=0.6)
    holding = [name for name in by_fold if len(folded) > 1 and folded in name and name not in close]
    return tuple(by_fold[name] for name in (close + holding)[:NEAR])


def _alike(word: str, candidates: Collection[str]) -> Collection[str]:
    """The candidates worth a close look: those that share most pairs of letters with `word`."""
    if len(candidates) <= MANY:
        return candidates
    pairs = _pairs(word)
    return heapq.nlargest(MANY, candidates, key=lambda name: 2 * len(pairs & _pairs(name)) - len(name))


def _pairs(text: str) -> frozenset[str]:
    return frozenset(map("".join, pairwise(text)))


def _holds(names: Names, kinds: Iterable[NameKind], word: str) -> bool:
    return any(word in names.of(kind) for kind in kinds)


def _ends(name: str, end: str) -> bool:
    return name.endswith(end) and name[: -len(end) or None][-1:] in (".", "/")
