"""A comparison in words: the same on the command line, on the screen and in reports."""

from __future__ import annotations

from collections.abc import Mapping

from runspect.columns.cells import metric_text, value_text
from runspect.counted import counted
from runspect.masking import printable
from runspect.model import Json
from runspect.practice.best_words import BETTER, MOST_CHANGES, NONE, by_text, share_text
from runspect.practice.versus import Change, Guarded, Noise

AGAINST = {"champion": "champion", "baseline": "baseline", "best": "the best before it,", "other": ""}
"""How a reference is called before its name."""


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
    """`2.1 σ of 5 seeds: within noise`, `5.2 σ of 5 seeds`, `noise unknown (1 seed)`; runs where no seeds are recorded."""
    what = "seed" if noise.recorded or noise.n < 2 else "run"
    if noise.kind == "unknown":
        return f"noise unknown ({counted(noise.n, what)})"
    size = (
        f"σ 0 of {noise.n:,} {what}s" if noise.sigmas is None else f"{sigmas_text(noise.sigmas)} of {noise.n:,} {what}s"
    )
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


def headline(told: Mapping[str, Json]) -> str:
    """Of an object of `versus --json`: `-3.1 % against champion Y, better, 5.2 σ of 5 seeds; guard latency is worse`."""
    size, _, rest = told["text"].partition(", ")
    name = printable(told["run"]["name"])
    text = f"{size} against {' '.join(part for part in (AGAINST[told['against']], name) if part)}, {rest}"
    worse = [guard["metric"] for guard in told["guards"] if guard["worse"]]
    return f"{text}; {_guards(worse)}" if worse else text


def lone(is_judged: bool, has_value: bool) -> str:
    """Why a run is compared with none."""
    if not is_judged:
        return "nothing tells by what it is judged"
    return "nothing to compare it with yet" if has_value else "no value to compare yet"


def title_text(told: Mapping[str, Json]) -> str:
    """`cifar10@9f2c: val/acc:max 0.9312, higher is better (policy), at step 1,200 so far`."""
    if told["note"]:
        return str(told["note"])
    value = "no value yet" if told["value"] is None else metric_text(told["value"])
    so_far = "" if told["step"] is None else f", at step {told['step']:,} so far"
    place = f"{printable(str(told['dataset']))}: " if told["dataset"] else ""
    return f"{place}{told['metric']} {value}{BETTER[told['direction']]}{by_text(told)}{so_far}"


def comparison_text(each: Mapping[str, Json]) -> str:
    """`resnet-s1 0.9123: +2.1 %, better, 5.2 σ of 5 seeds`, or why there is nothing to compare with."""
    if each["run"] is None or each["itself"]:
        return str(each["note"])
    name = printable(each["run"]["name"])
    if not each["usable"]:
        return f"{name} {printable(each['note'])}".rstrip()
    bought = ", but a guard is worse" if each["bought"] else ""
    note = f"; it {printable(each['note'])}" if each["note"] else ""
    return f"{name} {metric_text(each['reference'])}: {each['text']}{bought}{note}"


def details(each: Mapping[str, Json]) -> list[str]:
    """What else is known of a comparison, a line each: guards, where the run leads, what sets the two apart."""
    if not each["usable"]:
        return []
    lines = [f"guard {printable(guard['text'])}" for guard in each["guards"]]
    if each["leads"] is not None:
        lines.append(str(each["leads"]["text"]))
    differs = each["differs"]
    if differs is None:
        return [*lines, "what sets them apart is unknown: a config is missing"]
    if not differs:
        return [*lines, "same config but for seeds, paths and what the policy ignores"]
    told = [f"{printable(one['param'])} {_value(one['run'])}, not {_value(one['reference'])}" for one in differs]
    more = f"; {len(told) - MOST_CHANGES:,} more" if len(told) > MOST_CHANGES else ""
    return [*lines, f"{'; '.join(told[:MOST_CHANGES])}{more}"]


def _value(value: Json) -> str:
    return NONE if value is None else value_text(value)


def _guards(metrics: list[str]) -> str:
    """`guard latency is worse`."""
    listed = ", ".join(map(printable, metrics))
    return f"guard {listed} is worse" if len(metrics) == 1 else f"guards {listed} are worse"
