"""The words that sections of a report share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from runspect.columns.cells import duration_text, metric_text, value_text
from runspect.counted import counted
from runspect.practice.report.document import Cell, Tone
from runspect.practice.versus import FEWEST_SEEDS, Change, Guarded, Noise, Versus
from runspect.practice.versus_words import change_text

UNKNOWN = Cell("unknown", "dim")
NONE = Cell("─", "dim")
MOST_CHANGES = 4
LONGEST = 160
BAD_ENDS = ("failed", "killed", "crashed")


def utc(moment: str | None) -> str:
    """`2026-11-26 03:51 UTC` of an ISO time; "time unknown" of none."""
    return f"{moment[:16].replace('T', ' ')} UTC" if moment else "time unknown"


def day(moment: str | None) -> str:
    """`2026-11-26`."""
    return moment[:10] if moment else "unknown"


def value_cell(value: float | None) -> Cell:
    """A metric's value."""
    return NONE if value is None else Cell(metric_text(value))


def seeds_text(seeds: Mapping[str, Any]) -> str:
    """`0.9120 ± 0.0040 of 5 seeds`, `1 seed`, `5 seeds, none with a value`."""
    n, runs = seeds["n"], len(seeds["rids"])
    if not n or seeds["mean"] is None:
        return f"{counted(runs, 'seed')}, none with a value"
    if n < FEWEST_SEEDS:
        mean = f"mean {metric_text(seeds['mean'])} of " if n > 1 else ""
        return f"{mean}{counted(n, 'seed')}: spread unknown"
    few = f" ({runs - n:,} without a value)" if n < runs else ""
    return f"{metric_text(seeds['mean'])} ± {metric_text(seeds['std'])} of {counted(n, 'seed')}{few}"


def took_text(seconds: float | None) -> str:
    """How long a run took."""
    return "duration unknown" if seconds is None else duration_text(seconds)


def change_cell(change: Change) -> Cell:
    """A comparison with its noise."""
    tones: Mapping[str, Tone] = {"better": "good", "worse": "bad", "as good": "plain", "unknown": "dim"}
    return Cell(change_text(change), tones[change.verdict])


def versus_of(other: Mapping[str, Any]) -> Versus:
    """How the reported run does against another one, out of the JSON."""
    told = other["versus"]["change"]
    fields = {key: value for key, value in told.items() if key not in ("noise", "verdict")}
    change = Change(**fields, noise=Noise(**told["noise"]))
    return Versus(change, tuple(Guarded(**each) for each in other["versus"]["guards"]))


def differs_text(differs: Sequence[Mapping[str, Any]] | None, most: int = MOST_CHANGES) -> str:
    """`lr 0.1 (here 0.01); 3 more`: what a run has that the reported one has otherwise."""
    if differs is None:
        return "unknown: a config is missing"
    if not differs:
        return "nothing but seeds, paths and what the policy ignores"
    told = [f"{each['param']} {short(each['other'])} (not {short(each['run'])})" for each in differs[:most]]
    return "; ".join([*told, f"{len(differs) - most:,} more"] if len(differs) > most else told)


def short(value: Any, most: int = 40) -> str:
    """A param's value in few characters."""
    text = "─" if value is None else value_text(value)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def cut(text: str, most: int = LONGEST) -> str:
    """Free text in one line."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def state_cell(run: Mapping[str, Any]) -> Cell:
    """How a run ended."""
    tone: Tone = "bad" if run["state"] in BAD_ENDS else "plain" if run["state"] == "finished" else "warn"
    return Cell(str(run["state"]), tone)
