"""Smoothing of noisy curves."""

from __future__ import annotations

import numpy as np

from runspect.charts.thin import Floats

STRONGEST = 0.99


def smooth(values: Floats, weight: float) -> Floats:
    """The debiased exponential moving average, as TensorBoard draws it (Kingma and Ba 2015, section 3).

    Args:
        values: In order; non-finite ones are left out of the average and stay where they are.
        weight: 0 (nothing) to 0.99 (most): the share of the past in each new value.
    """
    weight = min(max(weight, 0.0), STRONGEST)
    finite = np.isfinite(values)
    known = values[finite]
    if weight == 0 or len(known) < 2:
        return values
    scale = float(np.abs(known).max()) or 1.0
    averages = _decaying_sums(known / scale, weight) * (1 - weight)
    # past this many values the debiasing factor is 1 to the last bit, and tiny powers are slow to compute
    young = min(len(known), int(40 / -np.log(weight)) + 1)
    averages[:young] /= 1 - weight ** np.arange(1, young + 1, dtype=np.float64)
    answer = values.astype(np.float64, copy=True)
    answer[finite] = averages * scale
    return answer


def _decaying_sums(values: Floats, weight: float) -> Floats:
    """s[i] = weight * s[i - 1] + values[i], a block at a time: a running sum of values / weight**i, scaled back."""
    block = max(1, int(200 / -np.log(weight)))  # weight**-block stays below e**200
    powers = weight ** np.arange(min(block, len(values)), dtype=np.float64)
    sums = np.empty_like(values)
    carry = 0.0
    for start in range(0, len(values), block):
        piece = values[start : start + block]
        decay = powers[: len(piece)]
        sums[start : start + block] = (np.cumsum(piece / decay) + carry * weight) * decay
        carry = float(sums[start + len(piece) - 1])
    return sums
