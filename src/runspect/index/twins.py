"""Curves that a run tells twice under two names."""

from __future__ import annotations

from collections.abc import Mapping

from runspect.index.run_data import RunData

STATE_READER = "hf-trainer"
EVENTS_READER = "tfevents"


def hide_twins(data: RunData, names: Mapping[int, str]) -> set[int]:
    """Mark the event-file metrics that Hugging Face's trainer state tells too; the metrics whose mark changed.

    Trainer writes `loss` and `eval_loss` to its state, and the same values as `train/loss` and `eval/loss` to event
    files. The latter stays hidden while the state reaches as far.
    """
    if not {STATE_READER, EVENTS_READER} <= data.readers():
        return set()
    by_name = {names[mid]: mid for mid in data.series}
    changed: set[int] = set()
    for name, mid in by_name.items():
        twin = by_name.get(_twin_name(name), -1)
        series = data.series[mid]
        hidden = twin != -1 and _told_by(data, mid, EVENTS_READER) and _told_by(data, twin, STATE_READER)
        if hidden:
            here, there = series.scalars.last_step, data.series[twin].scalars.last_step
            hidden = here is None or (there is not None and here <= there)
        if series.live == hidden:
            series.live = not hidden
            changed.add(mid)
    return changed


def _twin_name(name: str) -> str:
    kind, _, rest = name.partition("/")
    if kind == "train" and rest:
        return rest
    return f"eval_{rest}" if kind == "eval" and rest else ""


def _told_by(data: RunData, mid: int, reader: str) -> bool:
    own = [data.segments[segment].reader for segment in data.series[mid].segments if segment in data.segments]
    return bool(own) and all(name == reader for name in own)
