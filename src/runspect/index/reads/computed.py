"""The computed columns from what is told of a run: the same as `columns.computed` finds in the index."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Callable, Mapping

from runspect.columns import Lens, provenance
from runspect.columns.causes import CAUSE_FACTS, cause, is_loss
from runspect.columns.datasets import dataset_of
from runspect.columns.origins import COMMIT_FACT, DEVICE_FACT, commit, devices
from runspect.columns.progress import EPOCH, EPOCH_GOALS, LIVE, STEP_GOALS, Way, goal, left
from runspect.columns.stages import KEY as STAGE
from runspect.columns.stages import stage_of
from runspect.columns.versus import PARTS
from runspect.index.reads.spans import between, took
from runspect.index.reads.told import Told, Word
from runspect.model import Json

_JUDGED = re.compile(r"(?:val|eval|test)")


def computed(name: str, lens: Lens) -> Callable[[Told], Json] | None:
    """How to find the value of a computed column; None where it takes other runs."""
    if name in PARTS:
        return _versus(name, lens)
    if name in _LENSED:
        lensed = _LENSED[name]
        return lambda told: lensed(told, lens)
    return _READERS.get(name)


def _versus(name: str, lens: Lens) -> Callable[[Told], Json]:
    part = next(part for part in PARTS if part == name)
    return lambda told: lens.comparisons.part(told.rid, part)


def _dataset(told: Told, lens: Lens) -> Json:
    words = {key: _value(word) for key, word in told.facts.items() if key in lens.dataset_keys}
    words |= {
        key: value
        for key, word in told.params.items()
        if key in lens.dataset_keys and isinstance(value := _value(word), str) and value.strip()
    }
    return dataset_of(words, lens.dataset_keys, lens.datasets)


def _hypothesis(told: Told) -> Json:
    return None if told.tested is None else told.tested.words


def _verdict(told: Told) -> Json:
    return None if told.tested is None else told.tested.verdict


def _why(told: Told) -> Json:
    return None if told.tested is None else told.tested.why


def _overdue(told: Told, lens: Lens) -> Json:
    """As the index keeps flags: JSON text."""
    claim = told.tested
    now = time.time() if lens.now is None else lens.now
    return "true" if claim is not None and claim.open and claim.due is not None and claim.due < now else None


def _provenance(told: Told, lens: Lens) -> Json:
    found = provenance.signs(
        {name: word.val for name, word in told.facts.items()},
        {key: word.val for key, word in told.params.items()},
        lens.dataset_keys,
    )
    return provenance.score(found, lens.provenance or provenance.WEIGHTS)


def _gate(told: Told, lens: Lens) -> Json:
    return lens.gates().get(told.rid)


def _alert(told: Told, lens: Lens) -> Json:
    return lens.alerted().get(told.rid)


def _stage(told: Told, lens: Lens) -> Json:
    said = told.said.get(STAGE)
    return stage_of(None if said is None else json.loads(said), lens.stages)


def _cause(told: Told, lens: Lens) -> Json:
    words = [told.head.reason, *(_unquoted(told.facts.get(name)) for name in CAUSE_FACTS)]
    broken = [
        name for name, series in told.series.items() if series.last_v is not None and not math.isfinite(series.last_v)
    ]
    diverged = any(is_loss(name, lens) for name in broken)
    said = " ".join(word for word in words if word is not None)
    return cause(told.head.state, said, broken=bool(broken), diverged=diverged)


_LENSED: dict[str, Callable[[Told, Lens], Json]] = {
    "dataset": _dataset,
    "overdue": _overdue,
    "provenance": _provenance,
    "stage": _stage,
    "gate": _gate,
    "alert": _alert,
    "cause": _cause,
}


def _commit(told: Told) -> Json:
    fact = _value(told.facts.get(COMMIT_FACT))
    texts: dict[str, str] = {}
    for key, word in sorted(told.params.items(), reverse=True):
        if word.val.startswith('"'):
            texts[_last(key)] = str(_value(word))
    return commit(fact if isinstance(fact, str) else None, texts)


def _cost(told: Told) -> Json:
    spent = took(told)
    if spent is None:
        return None
    fact = _number(told.facts.get(DEVICE_FACT), worded=False)
    return spent * devices(_numbers(told.params), fact)


def _left(told: Told) -> Json:
    if told.head.state not in LIVE:
        return None
    params, steps = _numbers(told.params), told.head.steps
    epochs = [
        series.last_v
        for name, series in told.series.items()
        if _last(name) == EPOCH and series.last_v is not None and math.isfinite(series.last_v)
    ]
    points = [series.n for name, series in told.series.items() if _JUDGED.match(name.lower())]
    stated = _number(told.facts.get("max_steps"), worded=False)
    way = Way(
        steps=None if steps is None else float(steps),
        step_goal=stated if stated is not None and stated > 0 else goal(params, STEP_GOALS),
        epoch=max(epochs, default=None),
        epoch_goal=goal(params, EPOCH_GOALS),
        judged_each_step=steps is not None and max(points, default=-1) >= steps,
        spent=between(told.head.started, told.head.updated),
    )
    return left(way)


_READERS: dict[str, Callable[[Told], Json]] = {
    "commit": _commit,
    "hypothesis": _hypothesis,
    "verdict": _verdict,
    "why": _why,
    "cost": _cost,
    "left": _left,
}


def _numbers(params: Mapping[str, Word]) -> dict[str, float]:
    """Positive numbers by the last part of the param; of several the one whose name comes first."""
    found: dict[str, float] = {}
    for key in sorted(params, reverse=True):
        number = _number(params[key], worded=True)
        if number is not None and number > 0:
            found[_last(key)] = number
    return found


def _number(word: Word | None, *, worded: bool) -> float | None:
    """A number, with `worded` also one that was written as text."""
    value = _value(word)
    if isinstance(value, str) and worded:
        try:
            value = float(value)
        except ValueError:
            return None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _value(word: Word | None) -> Json:
    try:
        return None if word is None else json.loads(word.val)
    except ValueError:
        return word.val if word is not None else None


def _unquoted(word: Word | None) -> str | None:
    return None if word is None else word.val.strip('"')


def _last(name: str) -> str:
    return re.split(r"[./]", name)[-1].lower()
