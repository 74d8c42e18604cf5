"""Curves, bands and pages of points as Arrow streams, made from buffers alone: `pa.array` would import an installed pandas."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from runspect.index.reads import BandPoints, CurvePoints, Page

NAME = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [("rid", pa.int64()), ("metric", NAME), ("x", pa.float64()), ("y", pa.float64()), ("step", pa.int64())]
)
PAGE_SCHEMA = pa.schema(
    [
        *((name, pa.int64()) for name in ("rid", "code", "segment", "step")),
        ("time", pa.float64()),
        ("value", pa.float64()),
    ]
)


def page_stream(page: Page) -> bytes:
    """An Arrow IPC stream with the rows (rid, code, segment, step, time, value)."""
    arrays = (page.rids, page.codes, page.segments, page.steps, page.times, page.values)
    columns = [_numbers(array, field.type) for array, field in zip(arrays, PAGE_SCHEMA, strict=True)]
    return _stream(PAGE_SCHEMA, columns)


BANDS = pa.schema(
    [
        ("group", pa.int64()),
        ("metric", NAME),
        ("x", pa.float64()),
        ("mean", pa.float64()),
        ("std", pa.float64()),
        ("n", pa.int64()),
        ("lost", pa.int64()),
    ]
)


def curves_stream(curves: Sequence[CurvePoints]) -> bytes:
    """An Arrow IPC stream with the rows (rid, metric, x, y, step), one curve behind the other."""
    lengths = [len(curve.x) for curve in curves]
    columns = [
        _repeated([curve.rid for curve in curves], lengths),
        _names([curve.metric for curve in curves], lengths),
        _floats([curve.x for curve in curves]),
        _floats([curve.y for curve in curves]),
        _integers([curve.step for curve in curves]),
    ]
    return _stream(SCHEMA, columns)


def bands_stream(bands: Sequence[BandPoints]) -> bytes:
    """An Arrow IPC stream with the rows (group, metric, x, mean, std, n, lost), one band behind the other."""
    lengths = [len(band.x) for band in bands]
    columns = [
        _repeated([band.group for band in bands], lengths),
        _names([band.metric for band in bands], lengths),
        _floats([band.x for band in bands]),
        _floats([band.mean for band in bands]),
        _floats([band.std for band in bands]),
        _integers([band.n for band in bands]),
        _integers([band.lost for band in bands]),
    ]
    return _stream(BANDS, columns)


def _stream(schema: pa.Schema, columns: Sequence[pa.Array]) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as stream:
        if len(columns[0]):
            stream.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))
    return bytes(sink.getvalue())


def _repeated(values: Sequence[int], lengths: Sequence[int]) -> pa.Array:
    return _numbers(np.repeat(np.array(values, np.int64), lengths), pa.int64())


def _floats(pieces: Sequence[np.typing.NDArray[np.float64]]) -> pa.Array:
    return _numbers(np.concatenate([np.empty(0), *pieces]), pa.float64())


def _integers(pieces: Sequence[np.typing.NDArray[np.int64]]) -> pa.Array:
    return _numbers(np.concatenate([np.empty(0, np.int64), *pieces]), pa.int64())


def _numbers(values: np.typing.NDArray[np.generic], kind: pa.DataType) -> pa.Array:
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(np.ascontiguousarray(values))])


def _names(names: Sequence[str], lengths: Sequence[int]) -> pa.Array:
    """Each name so many times, as codes: who reads them need not tell them apart again."""
    codes = {name: code for code, name in enumerate(dict.fromkeys(names))}
    encoded = [name.encode() for name in codes]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    known = pa.Array.from_buffers(
        pa.string(), len(encoded), [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded))]
    )
    repeated = np.repeat(np.array([codes[name] for name in names], np.int32), lengths)
    return pa.DictionaryArray.from_arrays(_numbers(repeated, pa.int32()), known)
