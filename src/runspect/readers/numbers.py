"""Text and JSON values as floats: what counts as a metric value and what does not."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from runspect.readers.contract import Floats

Mask = npt.NDArray[np.bool_]

_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")
_TENSOR = re.compile(
    r"(?:(?:np|numpy|jnp)\.[a-z]+\d*|tf\.Tensor|tensor|Tensor|array|Array)\(\s*\[?\s*([^\s,\])]+)\s*\]?\s*(?:,.*)?\)"
)
_PADDED = re.compile(r"[+-]?0\d")
"""007 is a label, not seven."""
_NON_FINITE = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
_WINDOWS = {"1.#inf": float("inf"), "-1.#inf": float("-inf"), "1.#qnan": float("nan"), "-1.#ind": float("nan")}


def number(value: object) -> float | None:
    """The value as a float, or None where it is no number: booleans, blanks, NA, lists and other text.

    Numeric strings count (fairseq logs them), also with thousands commas and as `tensor(0.5)`, `np.float64(0.5)`.
    """
    kind = type(value)
    if kind is float:
        return value  # type: ignore[return-value]  # the check above is the exact one
    if kind is int:
        return _from_int(value)  # type: ignore[arg-type]
    return _from_text(value) if isinstance(value, str) else None


def measured(value: object) -> float | None:
    """As `number`, and a percentage as its figure: "55%" is 55. In a header "25%" is a name, so `number` takes none."""
    found = number(value)
    if found is None and isinstance(value, str) and value.rstrip().endswith("%"):
        return number(value.rstrip()[:-1])
    return found


def floats(cells: Sequence[object]) -> tuple[Floats, Mask | None]:
    """A column of cells as float64 and the mask of those that are numbers (None: all of them).

    Arrays of float64 pass as they are, masked ones with their mask.
    """
    if isinstance(cells, np.ma.MaskedArray):
        return cells.data, ~np.ma.getmaskarray(cells)
    if isinstance(cells, np.ndarray):
        return cells, None
    kinds = set(map(type, cells))
    if str in kinds and float in kinds:  # NaN that a JSON reader had to quote
        cells = [_NON_FINITE.get(cell, cell) if isinstance(cell, str) else cell for cell in cells]
        kinds = set(map(type, cells))
    if kinds <= {float, int}:
        try:
            return np.array(cells, dtype=np.float64), None
        except OverflowError:
            pass
    elif kinds == {str} and (column := _all_text(cells)) is not None:  # type: ignore[arg-type]
        return column, None
    values = [measured(cell) for cell in cells]
    mask = np.array([value is not None for value in values], dtype=np.bool_)
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64), mask


def _all_text(cells: Sequence[str]) -> Floats | None:
    joined = "".join(cells)
    if "_" in joined or (joined[:1].isalpha() and joined[:1] not in "niNI"):
        return None
    if any(len(cell) > 1 and cell[0] == "0" and cell[1].isdigit() for cell in cells):
        return None
    try:
        return np.array(list(map(float, cells)), dtype=np.float64)
    except ValueError:
        return None


def _from_int(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _from_text(text: str) -> float | None:
    if text in _NON_FINITE:
        return _NON_FINITE[text]
    cell = text.strip().strip("\"'")
    if not cell or len(cell) > 64 or "_" in cell or _PADDED.match(cell):
        return None
    try:
        return float(cell)
    except ValueError:
        pass
    if match := _TENSOR.fullmatch(cell):
        return _from_text(match[1])
    if _THOUSANDS.fullmatch(cell):
        return float(cell.replace(",", ""))
    return _WINDOWS.get(cell.lower())
