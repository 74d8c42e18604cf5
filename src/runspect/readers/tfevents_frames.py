"""The frames of an event file, found all at once: the beginning of a frame is known by its checksum wherever it stands.

A frame opens with its length, of which the upper bytes are zero, and the checksum of that. So all places with such
zeros and the right checksum are looked up in one go; those that lie end to end from a known beginning are the frames.
Where the chain breaks (a record of more than 64 KiB, something within a record that looks like a beginning, damage, the
end), one step of the walk frame by frame decides, so the outcome is the same as that walk's.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from runspect.readers.crc32c import Sums, checksums
from runspect.readers.records import FRAME_HEAD, FRAME_TAIL, masked, tf_frames

Index = npt.NDArray[np.int64]

_AT_ONCE = 1 << 17
"""Bytes looked through together: they and what is made of them stay in the cache."""
_USUAL = 128
"""Bytes of a frame, to look not much farther than needed."""
_SHORT = 1 << 16
"""Lengths looked for: as many as two bytes count."""


class Framing:
    """The frames of one buffer, from its beginning on. Gathers what `go_on` finds."""

    def __init__(self, buffer: bytes) -> None:
        self.at = 0
        """Behind the last frame."""
        self.count = 0
        self.wanted = 0
        """Bytes of the frame at `at` as its head says; 0 when the head is torn or there is none."""
        self.damaged = False
        """What stands at `at` is no frame's head."""
        self._buffer = buffer
        self._looked = 0
        self._heads: tuple[Index, Index] = (np.empty(0, np.int64), np.empty(0, np.int64))

    def go_on(self, limit: int) -> tuple[Index, Index]:
        """Where the next frames begin and end, `limit` at most."""
        parts: list[tuple[Index, Index]] = []
        left = limit
        while left > 0:
            starts, ends = self._chain(left)
            if not len(starts):
                starts, ends = self._step()
            if not len(starts):
                break
            parts.append((starts, ends))
            left -= len(starts)
            self.count += len(starts)
            self.at = int(ends[-1])
        if not parts:
            return self._heads[0][:0], self._heads[1][:0]
        return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])

    def jump(self, at: int, count: int) -> None:
        """Go on at another frame's beginning; `count` frames were found on the way."""
        self.at, self.count = at, self.count + count

    def _chain(self, limit: int) -> tuple[Index, Index]:
        """Frames that follow each other from `at` on."""
        if self.at >= self._looked:
            self._look(limit)
        starts, ends = self._heads
        first = int(np.searchsorted(starts, self.at))
        if first == len(starts) or starts[first] != self.at:
            return starts[:0], ends[:0]
        starts, ends = starts[first : first + limit], ends[first : first + limit]
        apart = np.flatnonzero(starts[1:] != ends[:-1])
        count = int(apart[0]) + 1 if len(apart) else len(starts)
        return starts[:count], ends[:count]

    def _step(self) -> tuple[Index, Index]:
        frames = tf_frames(self._buffer, 1, self.at)
        self.wanted, self.damaged = frames.wanted, frames.damaged
        starts = np.array(frames.starts, np.int64)
        return starts, np.full(len(starts), frames.end, np.int64)

    def _look(self, limit: int) -> None:
        """Find the heads of whole frames in the next piece of the buffer, which may be too short for `limit` of them."""
        low, high = self.at, min(self.at + min(_USUAL * limit, _AT_ONCE), len(self._buffer))
        self._looked = high
        data = np.frombuffer(self._buffer, np.uint8)[low : high + FRAME_HEAD]
        if len(data) < FRAME_HEAD:
            self._heads = (np.empty(0, np.int64), np.empty(0, np.int64))
            return
        zero = data[2:-4] == 0
        two = zero[:-1] & zero[1:]
        four = two[:-2] & two[2:]
        at = np.flatnonzero(four[:-2] & two[4:])
        windows = len(data) - FRAME_HEAD + 1
        length = np.ndarray((windows,), "<u2", data, 0, (1,))[at]
        told = np.ndarray((windows,), "<u4", data, 8, (1,))[at]
        right = told == _sums_of_lengths().take(length)
        starts = at[right] + low
        ends = starts + length[right] + (FRAME_HEAD + FRAME_TAIL)
        whole = ends <= len(self._buffer)
        self._heads = (starts[whole], ends[whole])


@lru_cache(maxsize=1)
def _sums_of_lengths() -> Sums:
    """(65536,): the checksum that stands behind each length."""
    lengths = np.arange(_SHORT, dtype="<u8").tobytes()
    starts = np.arange(0, 8 * _SHORT, 8, dtype=np.int64)
    return masked(checksums(lengths, starts, np.full(_SHORT, 8, np.int64)))
