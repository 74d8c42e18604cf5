"""Curves that a run tells twice under two names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from runspect.dataclass import dataclass
from runspect.index.run_data import RunData

EVENTS_READER = "tfevents"


@dataclass(frozen=True, slots=True)
class Copies:
    """A tool that tells its history in a file of its own and once more, under other names, in event files."""

    reader: str
    """Reads the tool's own file."""
    original: Callable[[str], str]
    """The name in the own file of a curve in the event files; "" where there is none."""
    by_count: bool = False
    """The two count different steps: what they hold is compared, not how far they reach."""
    flags: frozenset[str] = frozenset()
    """Curves of the event files that say what is no measurement in the own file."""


def hide_twins(data: RunData, names: Mapping[int, str]) -> set[int]:
    """Mark the event-file metrics that the tool's own file tells too; the metrics whose mark changed.

    They stay hidden while the own file reaches as far.
    """
    readers = data.readers()
    if EVENTS_READER not in readers:
        return set()
    changed: set[int] = set()
    for copies in _COPIES:
        if copies.reader in readers:
            changed |= _hide(data, names, copies)
    return changed


def _hide(data: RunData, names: Mapping[int, str], copies: Copies) -> set[int]:
    by_name = {names[mid]: mid for mid in data.series}
    changed: set[int] = set()
    for name, mid in by_name.items():
        twin = by_name.get(copies.original(name), -1)
        if not _told_by(data, mid, EVENTS_READER) or (twin == -1 and name not in copies.flags):
            continue
        hidden = name in copies.flags or _is_copy(data, mid, twin, copies)
        series = data.series[mid]
        if series.live == hidden:
            series.live = not hidden
            changed.add(mid)
    return changed


def _is_copy(data: RunData, mid: int, twin: int, copies: Copies) -> bool:
    if not _told_by(data, twin, copies.reader):
        return False
    here, there = data.series[mid].scalars, data.series[twin].scalars
    if copies.by_count:
        return here.n <= there.n
    return here.last_step is None or (there.last_step is not None and here.last_step <= there.last_step)


def _told_by(data: RunData, mid: int, reader: str) -> bool:
    own = [data.segments[segment].reader for segment in data.series[mid].segments if segment in data.segments]
    return bool(own) and all(name == reader for name in own)


def _of_trainer(name: str) -> str:
    """Hugging Face: `loss` and `eval_loss` in the state are `train/loss` and `eval/loss` in the event files."""
    kind, _, rest = name.partition("/")
    if kind == "train" and rest:
        return rest
    return f"eval_{rest}" if kind == "eval" and rest else ""


def _of_tune(name: str) -> str:
    """Ray Tune: `loss` in result.json is `ray/tune/loss`."""
    return name.removeprefix("ray/tune/") if name.startswith("ray/tune/") else ""


def _of_allennlp(name: str) -> str:
    """AllenNLP: `training_loss` in the files of the epochs is `loss` in the event files of log/train."""
    split, _, rest = name.partition("/")
    return {"train": f"training_{rest}", "validation": f"validation_{rest}"}.get(split, "")


_LUDWIG = re.compile(r"(.+)/epoch_(training|validation|test)_(.+)")


def _of_ludwig(name: str) -> str:
    """Ludwig before 0.4: `test/label/loss` in the statistics is `label/epoch_test_loss`, an epoch later."""
    match = _LUDWIG.fullmatch(name)
    return f"{match[2]}/{match[1]}/{match[3]}" if match else ""


_COPIES = (
    Copies("hf-trainer", _of_trainer),
    Copies("ray-tune", _of_tune, by_count=True, flags=frozenset({"ray/tune/done"})),
    Copies("allennlp", _of_allennlp, by_count=True),
    Copies("ludwig", _of_ludwig, by_count=True),
)
