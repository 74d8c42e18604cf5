"""A comparison in words: the same on the command line, on the screen and in reports."""

from __future__ import annotations

from runspect.columns.cells import metric_text
from runspect.counted import counted
from runspect.practice.best_words import share_text
from runspect.practice.versus import Change, Guarded, Noise


def change_text(change: Change) -> str:
    """`-3.1 %, better, 5.2 σ of 5 seeds`; `-0.4 %, 0.3 σ of 5 seeds: within noise`; `the same, noise unknown (1 seed)`."""
    if change.delta is None:
        return "no value yet" if change.value is None else "the reference has no value"
    told = [size_text(change)]
    if change.verdict in ("better", "worse"):
        told.append(change.verdict)
    return ", ".join((*told, noise_text(change.noise)))


def size_text(change: Change) -> str:
    """`-3.1 %`; the difference itself where the reference is 0; `the same`."""
    if change.delta == 0:
        return "the same"
    if change.percent is not None:
        return share_text(change.percent)
    return ("+" if (change.delta or 0) > 0 else "") + metric_text(change.delta)


def noise_text(noise: Noise) -> str:
    """`2.1 σ of 5 seeds: within noise`, `5.2 σ of 5 seeds`, `noise unknown (1 seed)`."""
    if noise.kind == "unknown":
        return f"noise unknown ({counted(noise.n, 'seed')})"
    size = f"σ 0 of {noise.n:,} seeds" if noise.sigmas is None else f"{sigmas_text(noise.sigmas)} of {noise.n:,} seeds"
    return f"{size}: within noise" if noise.kind == "within" else size


def sigmas_text(sigmas: float) -> str:
    """`2.1 σ`, `38 σ`."""
    return f"{sigmas:,.0f} σ" if sigmas >= 9.95 else f"{sigmas:.1f} σ"


def guard_text(guard: Guarded) -> str:
    """`val/acc 0.9120 → 0.8801, -3.5 %, worse`; what may not be told says why."""
    if guard.value is None or guard.reference is None:
        return f"{guard.metric}: not recorded by {'the run' if guard.value is None else 'the reference'}"
    size = "the same" if not guard.delta else "" if guard.percent is None else share_text(guard.percent)
    word = "no direction is known" if guard.way is None else "worse" if guard.worse else "holds"
    values = f"{guard.metric} {metric_text(guard.reference)} → {metric_text(guard.value)}"
    return ", ".join(part for part in (values, size, word) if part)
