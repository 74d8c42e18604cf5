"""The walk over an event file's records: regular stretches are decoded on the way, the others are framed."""

from __future__ import annotations

import numpy as np

from runspect.dataclass import dataclass, field
from runspect.readers.records import Frames
from runspect.readers.tfevents_frames import Framing
from runspect.readers.tfevents_layout import Index
from runspect.readers.tfevents_stretch import MOST_PERIOD, Stretch, period_of, take_stretch

_FIRST_LOOK = 32
"""Records framed one by one before a period is looked for; while there is none, ever more."""
_LAST_LOOK = 1 << 13
_REMEMBERED = 3 * MOST_PERIOD


@dataclass(frozen=True, slots=True)
class Walk:
    """The complete records in a buffer."""

    count: int
    end: int
    """Position behind the last one."""
    wanted: int
    """Bytes of the frame at `end` as its head says; 0 when the head is torn or there is none."""
    damaged: bool
    """What stands at `end` is no frame's head."""
    numbers: Index
    """Numbers of the records outside the stretches, ascending; where their frames begin, and where these end."""
    starts: Index
    ends: Index
    stretches: list[Stretch] = field(default_factory=list)


def walk(buffer: bytes, limit: int) -> Walk:
    """Walk over at most `limit` records."""
    framing = Framing(buffer)
    parts: list[tuple[Index, Index, Index]] = []
    stretches: list[Stretch] = []
    sizes: list[int] = []
    look = _FIRST_LOOK
    while framing.count < limit:
        first, asked = framing.count, min(look, limit - framing.count)
        starts, ends = framing.go_on(asked)
        parts.append((np.arange(first, framing.count, dtype=np.int64), starts, ends))
        if len(starts) < asked:
            break
        sizes = [*sizes, *(ends - starts)[-_REMEMBERED:].tolist()][-_REMEMBERED:]
        period = period_of(sizes)
        stretch = period and take_stretch(buffer, framing.at, sizes[-period:], framing.count, limit - framing.count)
        if stretch:
            stretches.append(stretch)
            framing.jump(stretch.end, stretch.count)
            sizes, look = [], _FIRST_LOOK
        else:
            look = min(2 * look, _LAST_LOOK)
    numbers, starts, ends = (np.concatenate(each) for each in zip(*parts, strict=True))
    return Walk(framing.count, framing.at, framing.wanted, framing.damaged, numbers, starts, ends, stretches)


def step_by_step(frames: Frames) -> Walk:
    """The walk over records that were framed one by one, without looking for stretches."""
    starts = np.array(frames.starts, np.int64)
    ends = np.append(starts[1:], frames.end)[: len(starts)]
    return Walk(len(starts), frames.end, frames.wanted, frames.damaged, np.arange(len(starts)), starts, ends)
