"""Many plain history rows of a `.wandb` file taken apart at once, in NumPy.

A plain row is a run of items `0a L, key fields, 82 01 V, value` followed by `12 n 08 step`, all lengths below 128.
Where the value tags `82 01` stand tells where everything else must be; each row whose bytes do not add up exactly is
handed back, to be walked field by field. A step such as 130 contains the bytes of a value tag: such a row is handed
back too.

In large batches Arrow tells the keys apart and parses the numbers where they stand (`arrow_texts`); in small ones, for
which importing it would not pay, each becomes a piece of bytes.

Where the time of a `.wandb` file goes, in microseconds a row of 13 items (480 bytes): framing and checksum 1.2, finding
the row in its record 0.9, taking the row apart 0.9, keys to columns 0.4, values to numbers 0.4, series 0.7. Pieces of
bytes took 2.5 more. The floor of pure Python is framing: 380 MB/s.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from runspect.dataclass import dataclass
from runspect.readers import arrow_texts
from runspect.readers.contract import Floats

Index = npt.NDArray[np.int64]

_ITEM, _STEP, _STEP_NUMBER = 0x0A, 0x12, 0x08
_LONGEST_STEP = 9
_ALL = slice(None)
_PADDING = 300
"""Bytes behind the rows that a wrong length may point to."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Plain rows as flat lists of items, and the rows that are not plain."""

    blob: bytes
    """The bytes of all rows, and some behind them."""
    item_rows: Index
    """Row number of each item, ascending."""
    keys: tuple[Index, Index]
    """Where the key fields of each item begin and end: bytes that are equal for equal keys of one writer."""
    values: tuple[Index, Index]
    """Where the JSON text of each item begins and ends."""
    steps: Index
    """Step of every row; 0 where it has none or is not plain."""
    has_step: npt.NDArray[np.bool_]
    odd: Index
    """Numbers of the rows that are not plain."""

    def prefixes(self, by_arrow: bool) -> tuple[list[bytes], Index]:
        """The different key fields, and which of them each item has."""
        if by_arrow:
            return arrow_texts.distinct(np.frombuffer(self.blob, np.uint8), *self.keys)
        blob, (starts, ends) = self.blob, self.keys
        each = [blob[low:high] for low, high in zip(starts.tolist(), ends.tolist(), strict=True)]
        codes = {prefix: code for code, prefix in enumerate(dict.fromkeys(each))}
        return list(codes), np.array([codes[prefix] for prefix in each], np.int64)

    def texts(self, items: Index | slice = _ALL) -> list[bytes]:
        """The JSON texts of some items."""
        blob, (starts, ends) = self.blob, self.values
        return [blob[low:high] for low, high in zip(starts[items].tolist(), ends[items].tolist(), strict=True)]

    def numbers(self, items: Index | slice = _ALL) -> tuple[Floats, npt.NDArray[np.bool_] | None] | None:
        """Values of rising items by Arrow, and which are null, true or false; None when one is anything else."""
        starts, ends = self.values[0][items], self.values[1][items]
        if not (starts < ends).all():
            return None
        return arrow_texts.json_numbers(np.frombuffer(self.blob, np.uint8), starts, ends)


def split_rows(bodies: list[bytes]) -> Rows:
    """Take history rows apart."""
    blob = b"".join([*bodies, bytes(_PADDING)])
    data, size = np.frombuffer(blob, np.uint8), len(blob) - _PADDING
    ends = np.cumsum(np.array([len(body) for body in bodies], np.int64))
    starts = np.append(0, ends[:-1])
    tags = np.flatnonzero((data[:size] == 0x82) & (data[1 : size + 1] == 0x01))
    row = np.repeat(np.arange(len(ends)), np.diff(np.searchsorted(tags, ends), prepend=0))
    value_ends = tags + 3 + data[tags + 2]
    heads = np.append(0, value_ends[:-1])
    opening = np.diff(row, prepend=-1) != 0
    heads[opening] = starts[row[opening]]
    lengths = data[heads + 1].astype(np.int64)
    plain_item = (
        (data[heads] == _ITEM) & (lengths == value_ends - heads - 2) & (lengths < 128) & (data[tags + 2] < 128)
    ) & (heads + 2 <= tags)
    tails = starts.copy()
    closing = np.diff(row, append=len(ends)) != 0
    tails[row[closing]] = value_ends[closing]
    steps, has_step, plain = _steps(data, tails, ends)
    plain[row[~plain_item]] = False
    kept = plain[row]
    row, heads, tags, value_ends = row[kept], heads[kept], tags[kept], value_ends[kept]
    return Rows(
        blob,
        row,
        (heads + 2, tags),
        (tags + 3, value_ends),
        np.where(plain, steps, 0),
        has_step & plain,
        np.flatnonzero(~plain),
    )


def _steps(
    data: npt.NDArray[np.uint8], tails: Index, ends: Index
) -> tuple[Index, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Step of each row from what follows its last item, whether it names one, and whether that is well formed."""
    # a wrong length may point far behind the row
    at = np.minimum(tails, ends)
    length = ends - tails
    has_step = length > 0
    digits = length - 3
    plain = (length == 0) | ((length >= 2) & (data[at] == _STEP) & (data[at + 1] == length - 2))
    named = length > 2
    plain &= ~named | ((data[at + 2] == _STEP_NUMBER) & (digits >= 1) & (digits <= _LONGEST_STEP))
    steps = np.zeros(len(ends), np.int64)
    for digit in range(_LONGEST_STEP):
        byte = data[at + 3 + digit].astype(np.int64)
        within = named & (digit < digits)
        steps |= np.where(within, (byte & 0x7F) << (7 * digit), 0)
        plain &= ~within | ((byte >= 0x80) == (digit < digits - 1))
    return steps, has_step, plain
