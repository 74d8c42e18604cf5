"""Clean blocks of a large table by Arrow's parser: ten times as fast; anything unusual is left to the exact path."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from runspect.readers.contract import Floats
from runspect.readers.numbers import number
from runspect.readers.tables import Header

LARGE = 512 << 10
"""Bytes of a block from which importing Arrow (90 ms, once) pays."""


def parse(data: bytes, header: Header) -> list[Sequence[object]] | None:
    """All columns of a block of whole rows, or None when the exact path must do it.

    Numeric columns come as float64 arrays with NaN for NaN, masked where cells are blank; other
    columns as lists of text.
    """
    if len(data) < LARGE or b'"' in data or b"\0" in data or len(set(header.names)) != len(header.names):
        return None
    if header.separator == ";" and b"," in data:
        return None  # decimal commas
    kinds = _numeric(data, header)
    if kinds is None:
        return None
    import pyarrow as pa
    import pyarrow.csv as arrow

    names = [str(at) for at in range(len(header.names))]
    types = {name: pa.float64() if numeric else pa.string() for name, numeric in zip(names, kinds, strict=True)}
    try:
        table = arrow.read_csv(
            pa.py_buffer(data),
            read_options=arrow.ReadOptions(column_names=names, use_threads=False, block_size=len(data) + 1),
            parse_options=arrow.ParseOptions(delimiter=header.separator, quote_char=False),
            convert_options=arrow.ConvertOptions(column_types=types, null_values=[""], strings_can_be_null=False),
        )
    except (pa.ArrowInvalid, pa.ArrowKeyError):
        return None
    return [_column(table.column(name)) for name in names]


def _numeric(data: bytes, header: Header) -> list[bool] | None:
    """Which columns are numbers, by the first rows; None when they are not all of one width."""
    rows = [line.rstrip(b"\r").split(header.separator.encode()) for line in data[:8192].split(b"\n")[:20]]
    rows = [row for row in rows if row != [b""]]
    if not rows or any(len(row) != len(header.names) for row in rows):
        return None
    cells = [[cell.decode("latin-1") for cell in column] for column in zip(*rows, strict=True)]
    return [all(not cell.strip() or number(cell) is not None for cell in column) for column in cells]


def _column(column: object) -> Sequence[object]:
    import pyarrow as pa

    assert isinstance(column, pa.ChunkedArray)
    if not pa.types.is_floating(column.type):
        return list(column.to_pylist())
    if column.null_count:
        filled = np.asarray(column.fill_null(float("nan")).to_numpy(), dtype=np.float64)
        return np.ma.MaskedArray(filled, mask=np.asarray(column.is_null().to_numpy()))  # type: ignore[return-value]
    values: Floats = np.asarray(column.to_numpy(), dtype=np.float64)
    return values  # type: ignore[return-value]  # an array is a sequence to all who take it here
